// Walks the product with openapi-fetch over the types that openapi-typescript made of openapi.yaml. The compiler holds every
// path, parameter, body and member against them; what runs here holds the replies against them.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined>; exitCode: number };

type Schemas = components["schemas"];

const url = process.env["SUBJECT_URL"] ?? "";
const password = "plain words for a client";
let replies = 0;

function check(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(what));
}

/** The reply, which has this status. */
function must<T>(reply: { data?: T; error?: unknown; response: Response }, status: number): T {
  replies += 1;
  check(reply.response.status === status, [reply.response.url, reply.response.status, reply.error]);
  return reply.data as T;
}

/** The problem, which has this status. */
function refused(reply: { error?: Schemas["Problem"]; response: Response }, status: number): Schemas["Problem"] {
  replies += 1;
  check(reply.response.status === status && reply.error?.status === status, [reply.response.status, reply.error]);
  check(reply.error.code !== "" && reply.error.detail !== "", reply.error);
  return reply.error;
}

let token = "";
const asPerson: Middleware = {
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
};
const anyone = createClient<paths>({ baseUrl: url });
const client = createClient<paths>({ baseUrl: url });
client.use(asPerson);

check(must(await anyone.GET("/health"), 200)?.status === "ok", "health");
const { routes } = must(await anyone.GET("/"), 200)!;
check(routes.some((route) => route.method === "POST" && route.path === "/chat/navigator"), routes);

const email = `${crypto.randomUUID()}@example.org`;
const registration: Schemas["Registration"] = { email, password, full_name: "Ana TypeScript" };
must(await anyone.POST("/register", { body: registration }), 201);
refused(await anyone.POST("/register", { body: registration }), 409);
refused(await anyone.POST("/login", { body: { email, password: "not these plain words" } }), 401);
const person = must(await anyone.POST("/login", { body: { email, password } }), 200)!;
check(person.user.email === email && person.token_type === "Bearer" && person.expires_in > 0, person.user);
token = person.access_token;

const header = { "Idempotency-Key": crypto.randomUUID() };
const body: Schemas["QuestionInWords"] = { message: "What is a deductible?", conversation_id: "walk" };
const asked = await client.POST("/chat/navigator", { params: { header }, body });
const answer = must(asked, 200)!;
check("message" in answer && answer.message.content !== "" && answer.persistence.persisted, answer);
const again = await client.POST("/chat/navigator", { params: { header }, body });
check(JSON.stringify(must(again, 200)) === JSON.stringify(answer), again.data);
check(again.response.headers.get("idempotency-replayed") === "true", "replayed");
const earlier: Schemas["QuestionInData"] = { data: { message: "What is a copay?" }, session_id: "walk" };
must(await client.POST("/chat/navigator", { body: earlier }), 200);
const blank = refused(await client.POST("/chat/navigator", { body: { message: " " } }), 422);
check(blank.errors?.[0]?.pointer === "/message", blank);

const walk = { params: { path: { conversation_id: "walk" } } };
const page = must(
  await client.GET("/conversations/{conversation_id}/history", { params: { ...walk.params, query: { limit: 10 } } }),
  200,
)!;
check(page.messages.map((message) => `${message.seq} ${message.role}`).join() === "1 user,2 assistant,3 user,4 assistant", page);
check(page.messages[1]?.content === answer.message.content && page.next_cursor === null, page);
const list = must(await client.GET("/conversations"), 200)!;
check(list.conversations.length === 1 && list.conversations[0]?.id === "walk", list);
const run = must(await client.GET("/conversations/{conversation_id}/workflow", walk), 200)!;
check(run.status === "completed" && run.steps.length > 0, run);
const nowhere = { params: { path: { conversation_id: "nowhere" } } };
refused(await client.GET("/conversations/{conversation_id}/history", nowhere), 404);

const day = must(
  await client.GET("/regulatory/deadlines/{rule}", {
    params: { path: { rule: "ma-l1-file" }, query: { dated: "2026-10-02", plan: "medicare_advantage" } },
  }),
  200,
)!;
check(day.last_day === "2026-12-06" && day.safe_day === "2026-12-04", day);
must(await client.GET("/regulatory", { params: { query: { q: "special enrollment period" } } }), 200);

const { refresh_token } = person;
const refreshed = must(await anyone.POST("/token/refresh", { body: { refresh_token } }), 200)!;
check(refreshed.refresh_token !== refresh_token, "another refresh token");
token = refreshed.access_token;
const account = must(await client.GET("/me"), 200)!;
check(account.sessions.some((session) => session.is_current), account.sessions);
const renamed = must(await client.PATCH("/me", { body: { full_name: "Ana Cliente" } }), 200)!;
check(renamed.full_name === "Ana Cliente", renamed);
const part = must(await client.GET("/me/export"), 200)!;
check(part.records.length > 0, part);

must(await client.DELETE("/me", { body: { password } }), 204);
refused(await client.GET("/me"), 401);
console.log(`${replies} replies`);
