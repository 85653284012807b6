"""What openapi.yaml cannot say about valid requests, and who sends them.

Only requests that are meant to be valid are touched: passwords become passphrases, cursors become cursors of this API, a filter
becomes a JSON object, dates and plan years come in their order, and one Idempotency-Key stands for one body.
"""

import base64
import hashlib
import json
import os

import requests
import schemathesis

BASE_URL = os.environ["SUBJECT_URL"]
PASSWORD = os.environ["SUBJECT_PASSWORD"]
WORDS = (
    "amber basket candle dolphin engine feather garden harbor island jacket kettle lantern meadow needle orange pepper"
).split()
# They end the session of whoever sends them: each request is sent by somebody of its own.
ENDING = {"logOut", "deleteAccount", "changePassword"}


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).digest()


def passphrase(drawn):
    numbers = digest(drawn)
    return " ".join(WORDS[number % len(WORDS)] for number in numbers[:6]) + f" {numbers[6]}"


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor(operation, drawn):
    number = digest(drawn)[0] + 1
    if operation == "readHistory":
        return encoded(f"h1:{number}")
    if operation == "listConversations":
        return encoded(f"c1:{1_760_000_000_000_000 + number}:c-{number}")
    return encoded(f'[{number % 8},"",""]')


def operation_id(case):
    return case.operation.definition.raw.get("operationId")


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    operation, body = operation_id(case), case.body
    if case.query and "cursor" in case.query:
        case.query["cursor"] = cursor(operation, case.query["cursor"])
    if operation == "listConversations" and case.query and "metadata" in case.query:
        case.query["metadata"] = json.dumps({"drawn": digest(case.query["metadata"]).hex()})
    if not isinstance(body, dict):
        return
    if operation == "register":
        body["password"] = passphrase(body["password"])
    if "new_password" in body:
        body["new_password"] = passphrase(body["new_password"])
    if operation in ENDING:
        for name in ("password", "current_password"):
            if name in body and digest(body[name])[0] % 4:
                body[name] = PASSWORD
    dates = [name for name in ("effective", "expires") if body.get(name)]
    if operation == "addRegulatory" and len(dates) == 2:
        body["effective"], body["expires"] = sorted(body[name] for name in dates)
    if operation == "addRegulatory" and body.get("effective") and body.get("plan_year"):
        body["plan_year"] = min(2200, max(body["plan_year"], int(body["effective"][:4])))
        body["effective"] = min(body["effective"], f"{body['plan_year']}-12-31")
    if operation == "askNavigator" and case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = digest([str(case.headers["Idempotency-Key"]), body]).hex()


class Sender:
    """The run's person; for what ends a session, somebody who registers for it."""

    def get(self, case, context):
        if operation_id(case) not in ENDING:
            return os.environ["SUBJECT_TOKEN"]
        somebody = {"email": f"{os.urandom(12).hex()}@example.org", "password": PASSWORD, "full_name": "Somebody"}
        answer = requests.post(f"{BASE_URL}/register", json=somebody, timeout=40)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


# Without a token the configuration says who sends: several people, each other's strangers.
if os.environ.get("SUBJECT_TOKEN"):
    schemathesis.auth(refresh_interval=None)(Sender)
