"""LangGraph: a StateGraph of six nodes with a channel of messages, checkpointed by PostgresSaver."""

from typing import Annotated, TypedDict

import psycopg
from langchain_core.messages import AIMessage, AnyMessage
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from psycopg.rows import dict_row

import worker


class State(TypedDict):
    conversation: str
    turn: int
    messages: Annotated[list[AnyMessage], add_messages]
    security_check: dict
    navigator_analysis: dict
    task_requirements: dict
    service_strategy: dict
    regulatory_check: dict
    chat_response: dict


def node(number):
    def run(state: State):
        conversation, turn = state["conversation"], state["turn"]
        update = {worker.STEPS[number]: worker.run_step(number, conversation, turn)}
        if number == len(worker.STEPS) - 1:
            update["messages"] = [AIMessage(worker.answer(conversation, turn))]
        return update

    return run


def build(saver):
    graph = StateGraph(State)
    # A node may not be called like a key of the state.
    names = [f"{step}_node" for step in worker.STEPS]
    for number, name in enumerate(names):
        graph.add_node(name, node(number))
    for before, after in zip([START, *names], [*names, END]):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=saver)


# What PostgresSaver.from_conn_string uses; through a pooler nothing may be prepared.
connection = psycopg.connect(
    worker.database_url(),
    autocommit=True,
    prepare_threshold=None if worker.is_for_pooler() else 0,
    row_factory=dict_row,
)
saver = PostgresSaver(connection)
graph = build(saver)


def config(conversation):
    return {"configurable": {"thread_id": conversation}}


def content(state):
    return state["messages"][-1].content


def ask(conversation, turn, message):
    given = {"conversation": conversation, "turn": turn, "messages": [{"role": "user", "content": message}]}
    # Each step is persisted before the next begins.
    return content(graph.invoke(given, config(conversation), durability="sync"))


def resume(conversation, **_):
    """"Resuming workflows" of its documentation: invoke with None and the same thread."""
    return content(graph.invoke(None, config(conversation), durability="sync"))


def retry(conversation, turn, message):
    """The client sends its request again: go on if a task is unfinished, else begin. (`next` alone leaves out a task whose
    output is stored but whose checkpoint is not.)"""
    if graph.get_state(config(conversation)).tasks:
        return resume(conversation)
    return ask(conversation, turn, message)


def durable(conversation, turn):
    """The steps of a turn whose output is stored, in a checkpoint or as a pending write."""
    snapshot = graph.get_state(config(conversation))
    stored = [value for value in snapshot.values.values() if isinstance(value, dict)]
    for task in snapshot.tasks:
        stored += (task.result or {}).values()
    outputs = [value for value in stored if isinstance(value, dict) and value.get("turn") == turn]
    return sorted({worker.STEPS.index(value["step"]) for value in outputs})


def messages(conversation):
    return [message.content for message in graph.get_state(config(conversation)).values.get("messages", [])]


worker.serve(
    {
        "setup": saver.setup,
        "turn": ask,
        "resume": resume,
        "retry": retry,
        "durable": durable,
        "messages": messages,
    }
)
