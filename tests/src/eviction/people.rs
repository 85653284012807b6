//! Accounts for the races, each used once.

use shared::auth::opaque::{RefreshToken, ResetToken};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::client::Person;
use crate::product::Product;

/// Somebody with two windows, of which one is the attacker's by now; the tokens are those of before the race.
pub(super) struct Target {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) owner: RefreshToken,
    pub(super) attacker: RefreshToken,
    pub(super) codes: [ResetToken; 2],
}

/// Accounts as a registration leaves them, all with the same password; made at once, because hashing is what takes long.
pub(super) async fn people(product: &Product, client: &Client, count: usize) -> Vec<Target> {
    let model: Person = product.api.person().await;
    let mut people = Vec::with_capacity(count);
    let mut sql = String::from("BEGIN;");
    for _ in 0..count {
        let id = Uuid::new_v4();
        let (owner, attacker) = (RefreshToken::random().expect("random"), RefreshToken::random().expect("random"));
        let codes = [ResetToken::random().expect("random"), ResetToken::random().expect("random")];
        let email = format!("person-{id}@example.org");
        sql += &format!(
            "INSERT INTO navigator.users (id, email, password_hash, full_name)
                 SELECT '{id}', '{email}', u.password_hash, u.full_name FROM navigator.users AS u WHERE u.id = '{}';
             INSERT INTO navigator.user_roles (user_id, role_name) VALUES ('{id}', 'user');",
            model.id
        );
        for token in [&owner, &attacker] {
            let session = Uuid::new_v4();
            sql += &format!(
                "INSERT INTO navigator.sessions (id, user_id) VALUES ('{session}', '{id}');
                 INSERT INTO navigator.refresh_tokens (token_hash, session_id) VALUES ('\\x{}', '{session}');",
                hex(&token.hash())
            );
        }
        for code in &codes {
            sql += &format!(
                "INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, expires_at)
                     VALUES (gen_random_uuid(), '{id}', 'reset', '\\x{}', clock_timestamp() + interval '1 day');",
                hex(&code.hash())
            );
        }
        people.push(Target { id, email, owner, attacker, codes });
    }
    client.batch_execute(&format!("{sql} COMMIT")).await.expect("accounts");
    people
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
