//! The answer as the client gets it, rendered once and stored as text: a replay returns the same bytes.

use serde::Serialize;

use super::state::Run;
use super::status::RunStatus;
use super::step::Step;
use crate::agents::{AgentName, Citation, ComposedReply, DatedDeadline, ResponseType, Urgency};
use crate::ids::{ConversationId, RunId};
use crate::json::render;

/// A turn's answer.
pub struct TurnAnswer {
    /// The JSON text that was stored with the last step.
    pub response: String,
    /// Whether it was stored by an earlier invocation.
    pub replayed: bool,
}

#[derive(Serialize)]
struct AnswerView<'a> {
    conversation_id: &'a ConversationId,
    run_id: RunId,
    message: AnswerMessage<'a>,
    #[serde(flatten)]
    reply: ReplyView<'a>,
    workflow: WorkflowView,
    persistence: PersistenceView,
}

#[derive(Serialize)]
struct AnswerMessage<'a> {
    id: String,
    seq: i64,
    content: &'a str,
    agent_name: &'static str,
}

#[derive(Serialize)]
struct ReplyView<'a> {
    response_type: ResponseType,
    urgency: Urgency,
    next_steps: &'a [String],
    citations: &'a [Citation],
    deadlines: &'a [DatedDeadline],
}

#[derive(Serialize)]
struct WorkflowView {
    r#type: &'static str,
    status: &'static str,
    steps: Vec<&'static str>,
}

/// The answer leaves only after its commit was acknowledged, so this is always true of it.
#[derive(Serialize)]
struct PersistenceView {
    persisted: bool,
    state: &'static str,
}

/// The response's text. The message of the history is read out of it, `navigator.turn_finish`.
pub(super) fn compose(
    run: &Run,
    conversation: &ConversationId,
    agent: AgentName,
    status: RunStatus,
    reply: &ComposedReply,
) -> Result<String, serde_json::Error> {
    let view = AnswerView {
        conversation_id: conversation,
        run_id: run.id(),
        message: AnswerMessage {
            id: format!("{}-a", run.id()),
            seq: run.answer_seq(),
            content: &reply.content,
            agent_name: agent.as_str(),
        },
        reply: ReplyView {
            response_type: reply.response_type,
            urgency: reply.urgency,
            next_steps: &reply.next_steps,
            citations: &reply.citations,
            deadlines: &reply.deadlines,
        },
        workflow: WorkflowView {
            r#type: run.workflow_type().as_str(),
            status: status.as_str(),
            steps: run.steps_with_current().into_iter().map(Step::as_str).collect(),
        },
        persistence: PersistenceView { persisted: true, state: "stored" },
    };
    render(&view)
}
