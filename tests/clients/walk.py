"""Walks the product with the client that openapi-python-client made: what a stranger would write.

Every reply goes through the client's own parser, and is then of the class that openapi.yaml promises for its status.
"""

import os
import sys
import uuid
from datetime import date
from http import HTTPStatus

from navigator_client import AuthenticatedClient, Client
from navigator_client.api.accounts import (
    change_account,
    delete_account,
    export_account,
    login,
    read_account,
    refresh_token,
    register,
)
from navigator_client.api.deadlines import last_day
from navigator_client.api.navigator import ask_navigator, list_conversations, read_history, read_workflow
from navigator_client.api.official_texts import search_regulatory
from navigator_client.api.service import health, list_routes, ready
from navigator_client.models import (
    Account,
    Answer,
    ConversationsPage,
    Export,
    Health,
    HistoryPage,
    LastDay,
    Login,
    MessageRole,
    Problem,
    Profile,
    Proof,
    QuestionInData,
    QuestionInWords,
    Ready,
    RefreshRequest,
    Registration,
    RouteList,
    Run,
    RunStatus,
    SearchResults,
    SignedIn,
)

URL = os.environ["SUBJECT_URL"]
PASSWORD = "plain words for a client"
steps = 0


def must(reply, status, kind):
    """The parsed reply, which has this status and is of this class."""
    global steps
    steps += 1
    assert (reply.status_code, type(reply.parsed)) == (status, kind), (reply.status_code, reply.content)
    return reply.parsed


def as_person(token):
    return AuthenticatedClient(base_url=URL, token=token, raise_on_unexpected_status=True, timeout=60)


anyone = Client(base_url=URL, raise_on_unexpected_status=True, timeout=60)
must(health.sync_detailed(client=anyone), HTTPStatus.OK, Health)
must(ready.sync_detailed(client=anyone), HTTPStatus.OK, Ready)
routes = must(list_routes.sync_detailed(client=anyone), HTTPStatus.OK, RouteList).routes
assert any((route.method, route.path) == ("POST", "/chat/navigator") for route in routes)

email = f"{uuid.uuid4().hex}@example.org"
registration = Registration(email=email, password=PASSWORD, full_name="Ana Python")
person = must(register.sync_detailed(client=anyone, body=registration), HTTPStatus.CREATED, SignedIn)
twice = must(register.sync_detailed(client=anyone, body=registration), HTTPStatus.CONFLICT, Problem)
assert twice.code and twice.detail
wrong = Login(email=email, password="not these plain words")
must(login.sync_detailed(client=anyone, body=wrong), HTTPStatus.UNAUTHORIZED, Problem)
person = must(
    login.sync_detailed(client=anyone, body=Login(email=email, password=PASSWORD)), HTTPStatus.OK, SignedIn
)
assert (person.user.email, person.token_type) == (email, "Bearer") and isinstance(person.user.id, uuid.UUID)

client = as_person(person.access_token)
question = QuestionInWords(message="What is a deductible?", conversation_id="walk")
key = str(uuid.uuid4())
reply = ask_navigator.sync_detailed(client=client, body=question, idempotency_key=key)
answer = must(reply, HTTPStatus.OK, Answer)
assert answer.conversation_id == "walk" and answer.message.content and answer.persistence.persisted is True
again = ask_navigator.sync_detailed(client=client, body=question, idempotency_key=key)
assert must(again, HTTPStatus.OK, Answer) == answer and again.headers["idempotency-replayed"] == "true"
earlier = QuestionInData.from_dict({"data": {"message": "What is a copay?"}, "session_id": "walk"})
must(ask_navigator.sync_detailed(client=client, body=earlier), HTTPStatus.OK, Answer)
blank = must(
    ask_navigator.sync_detailed(client=client, body=QuestionInWords(message=" ")),
    HTTPStatus.UNPROCESSABLE_ENTITY,
    Problem,
)
assert [error.pointer for error in blank.errors] == ["/message"], blank

history = must(read_history.sync_detailed("walk", client=client, limit=10), HTTPStatus.OK, HistoryPage)
roles = [MessageRole.USER, MessageRole.ASSISTANT] * 2
assert [message.role for message in history.messages] == roles and history.next_cursor is None
assert [message.seq for message in history.messages] == [1, 2, 3, 4]
assert history.messages[1].content == answer.message.content
page = must(list_conversations.sync_detailed(client=client), HTTPStatus.OK, ConversationsPage)
assert [conversation.id for conversation in page.conversations] == ["walk"]
run = must(read_workflow.sync_detailed("walk", client=client), HTTPStatus.OK, Run)
assert run.status is RunStatus.COMPLETED and run.steps
must(read_history.sync_detailed("nowhere", client=client), HTTPStatus.NOT_FOUND, Problem)

day = must(
    last_day.sync_detailed("ma-l1-file", client=client, dated=date(2026, 10, 2)), HTTPStatus.OK, LastDay
)
assert day.last_day == date(2026, 12, 6), day
must(search_regulatory.sync_detailed(client=client, q="special enrollment period"), HTTPStatus.OK, SearchResults)

refreshed = must(
    refresh_token.sync_detailed(client=anyone, body=RefreshRequest(refresh_token=person.refresh_token)),
    HTTPStatus.OK,
    SignedIn,
)
assert refreshed.refresh_token != person.refresh_token
client = as_person(refreshed.access_token)
account = must(read_account.sync_detailed(client=client), HTTPStatus.OK, Account)
assert any(session.is_current for session in account.sessions)
renamed = must(change_account.sync_detailed(client=client, body=Profile(full_name="Ana Cliente")), HTTPStatus.OK, Account)
assert renamed.full_name == "Ana Cliente"
export = must(export_account.sync_detailed(client=client), HTTPStatus.OK, Export)
assert any(record.row.additional_properties for record in export.records)

gone = delete_account.sync_detailed(client=client, body=Proof(password=PASSWORD))
assert gone.status_code == HTTPStatus.NO_CONTENT, gone.content
must(read_account.sync_detailed(client=client), HTTPStatus.UNAUTHORIZED, Problem)
print(f"{steps + 1} replies")
sys.exit(0)
