//! Two functions at once, and no accident decides who is first: a third transaction holds the row that both want until both wait
//! for it. Afterwards what they answered, and who is in, must be what the model says for one after the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::Act;
use super::model::{Code, Model, Operation, Session};
use crate::stack::Stack;

/// A case that waits for longer waits in vain.
const PATIENCE: Duration = Duration::from_secs(60);

/// The row that is held.
#[derive(Clone, Copy, Debug)]
enum Held {
    /// The person's.
    Person,
    /// The count of the person's requests, where `navigator.enter` waits.
    Count,
    /// The attacker's session.
    Session,
}

/// Two operations, the first of which is let on first.
type Case = (Held, Operation, Operation);

/// Every act with everything that may come at the same moment, in both orders.
fn cases() -> Vec<Case> {
    let by_person = [
        Operation::LogIn,
        Operation::Register,
        Operation::Reset(Code::OthersReset),
        Operation::Verify,
        Operation::Change(Session::Attacker),
        Operation::Delete(Session::Attacker),
    ];
    let others = by_person.map(|other| (Held::Person, other)).into_iter();
    let others = others.chain([(Held::Count, Operation::Ask), (Held::Session, Operation::Refresh)]);
    let pairs = others.flat_map(|(held, other)| Act::ALL.map(|act| (held, act.operation(), other)));
    pairs.flat_map(|(held, act, other)| [(held, act, other), (held, other, act)]).collect()
}

/// How many cases there are.
pub fn count() -> usize {
    cases().len()
}

/// What went otherwise than the model says in a database of this stack, one line a case; with `stops`, the first of them.
pub async fn violations(stack: &Stack, database: &str, stops: bool) -> Vec<String> {
    let connect = async || Arc::new(stack.server.superuser(database).await.expect("a connection"));
    let scene = Scene {
        admin: connect().await,
        operator: connect().await,
        functions: [connect().await, connect().await],
        polls: connect().await,
    };
    // A test on a busy machine may hold a row for longer than a request should wait for it.
    scene
        .admin
        .batch_execute(
            "DO $$ DECLARE f regprocedure; BEGIN
                 FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'navigator'::regnamespace LOOP
                     EXECUTE format('ALTER FUNCTION %s RESET lock_timeout', f);
                 END LOOP; END $$;
             UPDATE navigator.rate_policies SET hits = 1000000;",
        )
        .await
        .expect("patience");
    for client in &scene.functions {
        client.batch_execute("SET ROLE navigator_api").await.expect("the functions' role");
    }
    let mut violations = Vec::new();
    for case in cases() {
        if let Err(violation) = scene.play(case).await {
            violations.push(format!("{case:?}: {violation}"));
            if stops {
                break;
            }
        }
    }
    violations
}

struct Scene {
    admin: Arc<Client>,
    operator: Arc<Client>,
    functions: [Arc<Client>; 2],
    polls: Arc<Client>,
}

type Call = JoinHandle<Result<Row, Error>>;

impl Scene {
    async fn play(&self, (held, first, second): Case) -> Result<(), String> {
        let user = Uuid::new_v4();
        self.admin.batch_execute(&account(user)).await.expect("an account");
        self.admin.batch_execute(&format!("BEGIN; {}", hold(held, user))).await.expect("the row");
        let (one, one_is_over) = self.start(0, first, user).await;
        let (other, other_is_over) = self.start(1, second, user).await;
        self.admin.batch_execute("COMMIT").await.expect("let on");
        let answers = [answer(one).await?, answer(other).await?];
        if matches!(held, Held::Person) && (one_is_over || other_is_over) {
            return Err("did not wait for the person's row".to_owned());
        }
        // One that does not want the row is over before the one that waits for it.
        let is_overtaken = other_is_over && !one_is_over;
        let mut model = Model::default();
        let expected = if is_overtaken {
            let early = model.apply(second);
            [model.apply(first), early]
        } else {
            [model.apply(first), model.apply(second)]
        };
        if answers != expected {
            return Err(format!("answered {answers:?} instead of {expected:?}"));
        }
        self.look(user, &model).await?;
        if model.is_disabled {
            let enable = format!("SELECT outcome FROM navigator.user_set_disabled('{user}', false)");
            self.operator.query_one(&enable, &[]).await.expect("enabled");
            self.look(user, &model).await.map_err(|error| format!("after it was enabled again: {error}"))?;
        }
        Ok(())
    }

    /// Starts an operation, and waits until it waits for a row, or is over.
    async fn start(&self, place: usize, operation: Operation, user: Uuid) -> (Call, bool) {
        let client = if operation == Operation::Disable { &self.operator } else { &self.functions[place] };
        let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.expect("a process").get(0);
        let (client, sql) = (client.clone(), statement(operation, user));
        let call = tokio::spawn(async move { client.query_one(&sql, &[]).await });
        let until = Instant::now() + PATIENCE;
        let waits = format!("SELECT cardinality(pg_blocking_pids({pid})) > 0");
        while !call.is_finished() && !self.polls.query_one(&waits, &[]).await.expect("a truth").get::<_, bool>(0) {
            assert!(Instant::now() < until, "{operation:?} neither waits nor ends");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let is_over = call.is_finished();
        (call, is_over)
    }

    /// Compares who gets in, and which codes are good, with the model.
    async fn look(&self, user: Uuid, model: &Model) -> Result<(), String> {
        let one = async |sql: &str| -> String { self.polls.query_one(sql, &[]).await.expect("an answer").get(0) };
        for session in [Session::Owner, Session::Attacker, Session::LoggedIn, Session::Registered] {
            let lives = model.living.contains(&session);
            let entered = one(&format!("SELECT navigator.enter('{user}', {})", id(user, session))).await;
            if (entered == "ok") != lives {
                return Err(format!("{session:?} enters: {entered}"));
            }
            let refresh = |used: &str, next: &str| {
                let (used, next) = (token(user, session, used), token(user, session, next));
                format!("SELECT outcome FROM navigator.session_refresh({used}, ARRAY[{next}], 'test')")
            };
            // The race may have used the first one.
            let refreshed = [one(&refresh("first", "next")).await, one(&refresh("next", "last")).await];
            if refreshed.contains(&"refreshed".to_owned()) != lives {
                return Err(format!("{session:?} refreshes: {refreshed:?}"));
            }
        }
        for code in [Code::OwnersReset, Code::OthersReset] {
            let admitted =
                one(&format!("SELECT outcome FROM navigator.reset_admit({}, 'test')", secret(user, code))).await;
            if (admitted == "valid") != model.codes.contains(&code) {
                return Err(format!("{code:?} is {admitted}"));
            }
        }
        Ok(())
    }
}

async fn answer(call: Call) -> Result<String, String> {
    let row = tokio::time::timeout(PATIENCE, call).await.map_err(|_| "never answered".to_owned())?;
    let row = row.expect("joined").map_err(|error| format!("failed: {error:?}"))?;
    Ok(row.get("outcome"))
}

/// An id of this person's.
fn id(user: Uuid, what: impl std::fmt::Debug) -> String {
    format!("md5('{user} {what:?}')::uuid")
}

fn token(user: Uuid, session: Session, which: &str) -> String {
    format!("sha256('{user} {session:?} {which}')")
}

fn secret(user: Uuid, code: Code) -> String {
    format!("sha256('{user} {code:?}')")
}

fn account(user: Uuid) -> String {
    let mut sql = format!(
        "INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES ('{user}', '{user}@example.org', 'old', 'Ana');
         INSERT INTO navigator.user_roles (user_id, role_name) VALUES ('{user}', 'user');
         INSERT INTO navigator.rate_limits (policy, key, hits, began_at) VALUES ('account', '{user}', 1, clock_timestamp());"
    );
    for session in [Session::Owner, Session::Attacker] {
        let (id, token) = (id(user, session), token(user, session, "first"));
        sql += &format!(
            "INSERT INTO navigator.sessions (id, user_id) VALUES ({id}, '{user}');
             INSERT INTO navigator.refresh_tokens (token_hash, session_id) VALUES ({token}, {id});"
        );
    }
    for (code, purpose) in [(Code::OwnersReset, "reset"), (Code::OthersReset, "reset"), (Code::Verification, "verify")]
    {
        let (id, secret) = (id(user, code), secret(user, code));
        sql += &format!(
            "INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, expires_at)
                 VALUES ({id}, '{user}', '{purpose}', {secret}, clock_timestamp() + interval '1 hour');"
        );
    }
    sql
}

fn hold(held: Held, user: Uuid) -> String {
    match held {
        Held::Person => format!("SELECT 1 FROM navigator.users WHERE id = '{user}' FOR NO KEY UPDATE"),
        Held::Count => {
            format!("SELECT 1 FROM navigator.rate_limits WHERE policy = 'account' AND key = '{user}' FOR UPDATE")
        }
        Held::Session => {
            format!("SELECT 1 FROM navigator.sessions WHERE id = {} FOR NO KEY UPDATE", id(user, Session::Attacker))
        }
    }
}

/// The call; its answer is in the column `outcome`.
fn statement(operation: Operation, user: Uuid) -> String {
    let opened = |session| format!("{}, {}", id(user, session), token(user, session, "first"));
    let call = match operation {
        Operation::LogIn => {
            format!("login_finish('{user}', '{user}@example.org', 'old', NULL, {}, 'test')", opened(Session::LoggedIn))
        }
        Operation::Register => format!(
            "register_finish('{user}', '{user}@example.org', 'old', 'Ana', {}, gen_random_uuid(), sha256('{user}'), 'test')",
            opened(Session::Registered)
        ),
        Operation::Reset(code) => {
            format!("reset_finish({}, 'reset by {code:?}', gen_random_uuid(), 'test')", secret(user, code))
        }
        Operation::Verify => format!("verification_confirm({}, 'test')", secret(user, Code::Verification)),
        Operation::Change(by) => {
            format!("password_change('{user}', {}, 'old', 'changed by {by:?}', gen_random_uuid())", id(user, by))
        }
        Operation::Delete(by) => format!("account_delete('{user}', {}, 'old', gen_random_uuid())", id(user, by)),
        Operation::Disable => format!("user_set_disabled('{user}', true)"),
        Operation::Refresh => format!(
            "session_refresh({}, ARRAY[{}], 'test')",
            token(user, Session::Attacker, "first"),
            token(user, Session::Attacker, "next")
        ),
        Operation::Ask => {
            let session = id(user, Session::Attacker);
            return format!(
                "SELECT coalesce(r.reply ->> 'refusal', r.reply ->> 'outcome') AS outcome FROM (SELECT navigator.turn_begin(
                     '{user}', {session}, 'c', 'k', sha256('m'), gen_random_uuid(), gen_random_uuid(), 'm', '{{}}',
                     'navigator_only', 'prompt_security', '{{\"navigator_only\": 1, \"state\": 1}}', 1000, false, NULL) AS reply) AS r"
            );
        }
    };
    format!("SELECT outcome FROM navigator.{call}")
}
