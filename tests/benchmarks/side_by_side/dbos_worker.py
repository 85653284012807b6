"""DBOS: a workflow of six steps; the messages stand in a table of the application, written by its datasource's transactions."""

import sqlalchemy as sa
from dbos import DBOS, SetWorkflowID, SQLAlchemyDatasource

import worker

# The library's own form of a connection string is SQLAlchemy's.
config = {
    "name": "side-by-side",
    "system_database_url": worker.database_url(),
    # "Self-hosting": the process that restarts takes up what it left only under the same id and version.
    "executor_id": "worker-1",
    "application_version": "1",
    "log_level": "ERROR",
}
engine_kwargs = {}
if worker.is_for_pooler():
    # Nothing may be prepared, and notifications do not arrive.
    config["use_listen_notify"] = False
    config["db_engine_kwargs"] = {"connect_args": {"prepare_threshold": None}}
    engine_kwargs = {"connect_args": {"prepare_threshold": None}}
DBOS(config=config)
datasource = SQLAlchemyDatasource.create(worker.database_url(), engine_kwargs=engine_kwargs)

TABLE = """
CREATE TABLE IF NOT EXISTS conversation_messages (
    conversation_id text NOT NULL,
    seq bigint NOT NULL,
    role text NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, seq)
)"""
INSERT = """
INSERT INTO conversation_messages (conversation_id, seq, role, content)
SELECT :conversation, coalesce(max(seq), 0) + 1, :role, :content
  FROM conversation_messages WHERE conversation_id = :conversation"""


@datasource.transaction
def append_message(conversation: str, role: str, content: str) -> None:
    given = {"conversation": conversation, "role": role, "content": content}
    datasource.sql_session().execute(sa.text(INSERT), given)


def step(number):
    @DBOS.step(name=worker.STEPS[number])
    def run(conversation: str, turn: int) -> dict:
        return worker.run_step(number, conversation, turn)

    return run


steps = [step(number) for number in range(len(worker.STEPS))]


@DBOS.workflow()
def take_turn(conversation: str, turn: int, message: str) -> str:
    append_message(conversation, "user", message)
    for run in steps:
        run(conversation, turn)
    answer = worker.answer(conversation, turn)
    append_message(conversation, "assistant", answer)
    return answer


def workflow_id(conversation, turn):
    return f"{conversation}-{turn}"


def ask(conversation, turn, message):
    """The request's id is the workflow's id; sent again it is the same workflow, begun or finished or not yet known."""
    with SetWorkflowID(workflow_id(conversation, turn)):
        return take_turn(conversation, turn, message)


def retry(conversation, turn, message):
    """DBOS.launch() has recovered what was pending; the request sent again waits for it."""
    with SetWorkflowID(workflow_id(conversation, turn)):
        return DBOS.start_workflow(take_turn, conversation, turn, message).get_result()


def setup():
    with datasource.engine.begin() as connection:
        connection.execute(sa.text(TABLE))


DBOS.launch()
worker.serve({"setup": setup, "turn": ask, "retry": retry})
