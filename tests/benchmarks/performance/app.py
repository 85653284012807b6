"""The history endpoint as it is usually written in Python: FastAPI behind Mangum, asyncpg, one connection, boto3 for the secret.

The same work as the function `history`: the secret is fetched and the database connected (TLS, certificate checked) before the
first event; a request verifies the token and makes one call of navigator.history_page.
"""

import asyncio
import json
import os
import ssl

import asyncpg
import boto3
import jwt
from fastapi import FastAPI, Header, HTTPException
from mangum import Mangum
from pydantic import BaseModel

bundle = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["APP_SECRET_ARN"])["SecretString"])
context = ssl.create_default_context(cadata=bundle["DATABASE_CA_PEM"])
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
connection = loop.run_until_complete(
    asyncpg.connect(bundle["DATABASE_URL"].split("?")[0], ssl=context, statement_cache_size=0)
)
app = FastAPI()


class Message(BaseModel):
    id: str
    role: str
    content: str
    agent_name: str | None
    created_at: str


class Page(BaseModel):
    conversation_id: str
    messages: list[Message]


@app.get("/conversations/{conversation_id}/history")
async def history(conversation_id: str, limit: int = 50, authorization: str = Header()) -> Page:
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "),
            bundle["JWT_SECRET_KEY"],
            algorithms=["HS256"],
            options={"verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    rows = await connection.fetch(
        "SELECT * FROM navigator.history_page($1, $2, $3, NULL, $4, false)",
        claims["sub"],
        claims["sid"],
        conversation_id,
        limit,
    )
    if not rows or rows[0]["outcome"] != "message":
        raise HTTPException(404)
    messages = [
        Message(
            id=row["id"],
            role=row["role"],
            content=row["content"],
            agent_name=row["agent_name"],
            created_at=row["created_at"].isoformat(),
        )
        for row in reversed(rows)
    ]
    return Page(conversation_id=conversation_id, messages=messages)


handler = Mangum(app, lifespan="off")
