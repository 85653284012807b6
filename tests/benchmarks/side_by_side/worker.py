"""What both Python contestants share: the texts of a turn, the ledger, and the loop that takes commands.

A worker reads one JSON command per line from its standard input and answers each with one JSON line on its standard
output. At the end of its input it exits: it never outlives the program that started it.
"""

import json
import logging
import os
import random
import sys
import time

STEPS = [
    "security_check",
    "navigator_analysis",
    "task_requirements",
    "service_strategy",
    "regulatory_check",
    "chat_response",
]
WORDS = [
    "paper", "window", "garden", "kitchen", "river", "yellow", "bicycle", "wooden", "summer", "basket", "mountain",
    "quiet", "orange", "village", "pencil", "harbour",
]  # fmt: skip
ANSWER_BYTES = int(os.environ["SIDE_BY_SIDE_ANSWER_BYTES"])
OUTPUT_BYTES = int(os.environ["SIDE_BY_SIDE_OUTPUT_BYTES"])

_ledger = os.open(os.environ["SIDE_BY_SIDE_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def database_url():
    """The connection string; libpq's form."""
    return os.environ["SIDE_BY_SIDE_DATABASE_URL"]


def is_for_pooler():
    """Whether the settings that a transaction-mode pooler needs are asked for."""
    return os.environ.get("SIDE_BY_SIDE_POOLER") == "1"


def filled(text, size):
    """`text`, filled up to `size` bytes with words, the same in every run: as varied as language, so that nothing is made
    small by compression that would not be in use."""
    words = random.Random(text)
    while len(text) < size:
        text += " " + words.choice(WORDS)
    return text[: size - 1] + "."


def run_step(number, conversation, turn):
    """One step's work: it is written down that it began, and it produces its output."""
    os.write(_ledger, f"{conversation} {turn} {number}\n".encode())
    output = {"step": STEPS[number], "turn": turn, "finding": ""}
    output["finding"] = filled(f"{conversation}-{turn}", max(1, OUTPUT_BYTES - len(json.dumps(output))))
    return output


def answer(conversation, turn):
    """The answer of a turn."""
    return filled(f"answer {turn} of {conversation}", ANSWER_BYTES)


def serve(commands):
    """Takes commands until the input ends."""
    logging.disable(logging.INFO)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    out.write(json.dumps({"ok": True, "ready": True}) + "\n")
    for line in sys.stdin:
        command = json.loads(line)
        started = time.perf_counter()
        try:
            reply = {"ok": True, "value": commands[command.pop("do")](**command)}
        except Exception as error:  # noqa: BLE001 - whatever happened is the result
            reply = {"ok": False, "error": f"{type(error).__name__}: {error}".splitlines()[0]}
        reply["ms"] = (time.perf_counter() - started) * 1000
        out.write(json.dumps(reply) + "\n")
    os._exit(0)
