//! The answer as the client gets it, rendered once and stored as text: a replay returns the same bytes.

use serde::Serialize;
use serde_json::Value;

use super::state::Run;
use super::status::RunStatus;
use super::step::Step;
use crate::agents::{AgentName, ComposedReply, DatedDeadline};
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
    response_type: &'a Value,
    urgency: &'a Value,
    next_steps: &'a Value,
    citations: &'a Value,
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

/// The response's text, and the metadata that history keeps beside the answer.
pub(super) fn compose(
    run: &Run,
    conversation: &ConversationId,
    agent: AgentName,
    status: RunStatus,
    reply: &ComposedReply,
) -> Result<(String, Value), serde_json::Error> {
    let parts = reply.without_content()?;
    let field = |name: &str| parts.get(name).cloned().unwrap_or(Value::Null);
    let (response_type, urgency) = (field("response_type"), field("urgency"));
    let (next_steps, citations) = (field("next_steps"), field("citations"));
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
            response_type: &response_type,
            urgency: &urgency,
            next_steps: &next_steps,
            citations: &citations,
            deadlines: &reply.deadlines,
        },
        workflow: WorkflowView {
            r#type: run.workflow_type().as_str(),
            status: status.as_str(),
            steps: run.steps_with_current().into_iter().map(Step::as_str).collect(),
        },
        persistence: PersistenceView { persisted: true, state: "stored" },
    };
    Ok((render(&view)?, parts))
}
