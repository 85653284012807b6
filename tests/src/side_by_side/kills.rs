//! Sixty kills: SIGKILL to the worker at points spread over the turn, then the tool's own recovery, then a count of what is
//! in the conversation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::contestant::{Contestant as _, Scripted, Tool};
use super::ours::Ours;
use super::python::{self, Failed};
use super::text::message;
use super::{KILLS, STEP_NAMES, STEPS};

/// After so long without an answer a run counts as never finished.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the work is taken up again after the worker was started anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recovery {
    /// LangGraph's documentation: invoke the thread with `None`.
    Resume,
    /// The client sends the same request again.
    Retry,
}

/// What one kill did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) lost: usize,
    pub(super) duplicated: usize,
    /// Steps that ran again although their output was stored.
    pub(super) run_again: usize,
    pub(super) is_unfinished: bool,
    /// From the kill to the answer; of an unfinished run to the end of the recovery.
    pub(super) seconds: f64,
}

/// The point of the kill numbered `kill`, for a turn of so many round trips; see [`super::proxy::Proxy::arm`].
fn point(kill: usize, round_trips: usize) -> usize {
    kill * 2 * round_trips / KILLS
}

/// What is missing and what is there too often.
fn compare(expected: &[String], actual: &[String]) -> (usize, usize) {
    let mut balance = BTreeMap::<&str, (usize, usize)>::new();
    expected.iter().for_each(|text| balance.entry(text).or_default().0 += 1);
    actual.iter().for_each(|text| balance.entry(text).or_default().1 += 1);
    balance.values().fold((0, 0), |(lost, more), (expected, actual)| {
        (lost + expected.saturating_sub(*actual), more + actual.saturating_sub(*expected))
    })
}

/// Kills a Python tool's worker.
pub(super) async fn scripted(tool: &mut Scripted, recovery: Recovery, round_trips: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for kill in 0..KILLS {
        let conversation = format!("k{kill}");
        let first = tool.take_turn(&conversation, 1).await.answer;
        let killed_at = kill_at(tool, &conversation, point(kill, round_trips)).await;
        tool.observer().until_quiet().await;
        let after = python::lines(tool.ledger());
        let stored_by_dbos = match tool.tool {
            Tool::Dbos => Some(stored_by_dbos(tool, &conversation).await),
            Tool::LangGraph => None,
        };
        tool.restart().await.expect("a new worker");
        let stored = match stored_by_dbos {
            Some(steps) => steps,
            None => stored_by_langgraph(tool, &conversation).await,
        };
        let command = match recovery {
            Recovery::Resume => "resume",
            Recovery::Retry => "retry",
        };
        let answer = match tool.worker().call(&Scripted::about(command, &conversation, 2)).await {
            Ok(reply) => reply.value.as_str().unwrap_or_default().to_owned(),
            Err(Failed::Said(error)) => error,
            Err(Failed::Died) => panic!("the new worker died"),
        };
        let seconds = killed_at.elapsed().as_secs_f64();
        let is_unfinished = !answer.starts_with(&format!("answer 2 of {conversation} "));
        let mut expected = vec![message(&conversation, 1), first, message(&conversation, 2)];
        if !is_unfinished {
            expected.push(answer);
        }
        let (lost, duplicated) = compare(&expected, &messages(tool, &conversation).await);
        let again = python::began(tool.ledger(), after, &conversation, 2);
        let run_again = again.iter().filter(|step| stored.contains(step)).count();
        outcomes.push(Outcome { lost, duplicated, run_again, is_unfinished, seconds });
    }
    outcomes
}

/// Takes the second turn and kills the worker at the point, or with the answer when the turn has fewer points.
async fn kill_at(tool: &mut Scripted, conversation: &str, point: usize) -> Instant {
    let mut worker = tool.take_worker();
    let pid = worker.pid();
    tool.proxy().arm(point, move || launcher::process::signal(pid, "KILL"));
    let ended = worker.call(&Scripted::about("turn", conversation, 2)).await;
    let killed_at = Instant::now();
    if tool.proxy().disarm() {
        assert!(ended.is_ok(), "the turn ended neither by a kill nor with an answer: {ended:?}");
        launcher::process::signal(pid, "KILL");
    }
    worker.wait().await;
    killed_at
}

async fn stored_by_dbos(tool: &Scripted, conversation: &str) -> Vec<usize> {
    let sql = format!(
        "SELECT function_name FROM dbos.operation_outputs WHERE workflow_uuid = '{conversation}-2' AND output IS NOT NULL"
    );
    let names = tool.observer().texts(&sql).await;
    names.iter().filter_map(|name| STEP_NAMES.iter().position(|step| step == name)).collect()
}

async fn stored_by_langgraph(tool: &mut Scripted, conversation: &str) -> Vec<usize> {
    let command = json!({ "do": "durable", "conversation": conversation, "turn": 2 });
    let reply = tool.worker().call(&command).await.expect("the stored steps");
    serde_json::from_value(reply.value).expect("numbers")
}

/// The conversation's messages as the tool keeps them.
async fn messages(tool: &mut Scripted, conversation: &str) -> Vec<String> {
    match tool.tool {
        Tool::Dbos => {
            let sql = format!(
                "SELECT content FROM conversation_messages WHERE conversation_id = '{conversation}' ORDER BY seq"
            );
            tool.observer().texts(&sql).await
        }
        Tool::LangGraph => {
            let command = json!({ "do": "messages", "conversation": conversation });
            let reply = tool.worker().call(&command).await.expect("the messages");
            let texts = reply.value.as_array().expect("a list").iter().filter_map(Value::as_str);
            texts.map(ToOwned::to_owned).collect()
        }
    }
}

/// Kills this product's function.
pub(super) async fn ours(ours: &mut Ours, round_trips: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for kill in 0..KILLS {
        let conversation = format!("k{kill}");
        ours.open(&conversation).await;
        let first = ours.take_turn(&conversation, 1).await.answer;
        let pid = ours.product.host.processes("navigator").first().expect("a process").pid;
        let is_killed = Arc::new(AtomicBool::new(false));
        ours.proxy().arm(point(kill, round_trips), {
            let is_killed = is_killed.clone();
            move || {
                launcher::process::signal(pid, "KILL");
                is_killed.store(true, Ordering::SeqCst);
            }
        });
        let cut_short = ours.ask(&conversation, 2).await;
        let killed_at = Instant::now();
        if ours.proxy().disarm() {
            assert_eq!(cut_short.status, 200, "the turn ended neither by a kill nor with an answer");
            ours.product.host.kill(pid);
        } else {
            assert!(is_killed.load(Ordering::SeqCst) && cut_short.status != 200, "{}", cut_short.text);
        }
        ours.observer().until_quiet().await;
        let journal = format!("SELECT count(*) FROM navigator.workflow_steps WHERE conversation_id = '{conversation}'");
        let stored = usize::try_from(ours.observer().number(&journal).await).expect("a count") - STEPS;
        ours.proxy().take();
        let answer = ours.ask_until_answered(&conversation, 2, PATIENCE).await;
        let seconds = killed_at.elapsed().as_secs_f64();
        let mut expected = vec![message(&conversation, 1), first, message(&conversation, 2)];
        expected.extend(answer.as_ref().map(|answer| answer.content().to_owned()));
        let actual = ours.product.api.messages(ours.person(&conversation), &conversation).await;
        let actual: Vec<String> = actual.into_iter().map(|(_, content)| content).collect();
        let (lost, duplicated) = compare(&expected, &actual);
        // The function writes no ledger; but a step that ran is committed, and each commit is seen on the wire.
        let commits = ours.proxy().take().sent("step_commit");
        let run_again = if answer.is_some() {
            (commits + stored).checked_sub(STEPS).expect("every step's commit is seen on the wire")
        } else {
            commits
        };
        outcomes.push(Outcome { lost, duplicated, run_again, is_unfinished: answer.is_none(), seconds });
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kills_are_spread_over_every_point_of_a_turn_in_order() {
        for round_trips in [7, 16, 30, 70] {
            let points: Vec<usize> = (0..KILLS).map(|kill| point(kill, round_trips)).collect();
            assert!(points.is_sorted());
            assert_eq!(points[0], 0, "before anything is stored");
            assert!(points[KILLS - 1] >= 2 * round_trips - (2 * round_trips).div_ceil(KILLS), "near the end");
            assert!(points[KILLS - 1] < 2 * round_trips);
        }
        assert_eq!((0..KILLS).map(|kill| point(kill, 7)).collect::<std::collections::BTreeSet<_>>().len(), 14);
    }

    #[test]
    fn what_is_missing_and_what_is_there_twice_is_counted() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(compare(&texts(&["a", "b", "b"]), &texts(&["b", "a", "b"])), (0, 0));
        assert_eq!(compare(&texts(&["a", "b"]), &texts(&["b", "b", "b"])), (1, 2));
        assert_eq!(compare(&texts(&["a"]), &texts(&["a", "x"])), (0, 1), "what nobody said is one too many");
    }
}
