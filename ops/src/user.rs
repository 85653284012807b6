//! `ops user …`: the first administrator, roles, and accounts that are disabled.
//!
//! Invariants: as the role navigator_operator, which reads no password hash; every change is in the audit log with the name of the
//! database role the operator logged in as; an activation secret is printed once and stored as its hash.

use clap::Subcommand;
use shared::accounts::{Email, FullName};
use shared::auth::opaque::ResetToken;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::database::{self, Parameter, Purpose, get, query};
use crate::{OpsError, Result};

/// The subcommands of `ops user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account with the role admin; prints the code with which its owner sets a password within a day.
    CreateAdmin {
        /// The e-mail address.
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
    /// Print an account: roles, sessions, whether it is disabled.
    Show {
        /// The e-mail address or the id.
        who: String,
    },
    /// Give an account a role.
    Grant {
        /// The e-mail address or the id.
        who: String,
        /// user, navigator_staff, regulatory_agent, auditor or admin.
        role: String,
    },
    /// Take a role from an account; its sessions end.
    Revoke {
        /// The e-mail address or the id.
        who: String,
        /// The role.
        role: String,
    },
    /// End an account's sessions and let nobody log in to it.
    Disable {
        /// The e-mail address or the id.
        who: String,
    },
    /// Let its owner log in again.
    Enable {
        /// The e-mail address or the id.
        who: String,
    },
}

impl UserCommand {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL.
    ///
    /// # Errors
    /// One line for the operator: what is wrong and what to do.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        let transaction = database::begin(&mut client, Purpose::Change).await?;
        let text = match self {
            Self::CreateAdmin { email, name } => create_admin(&transaction, email, name).await?,
            Self::Show { who } => show(&transaction, &find(&transaction, who).await?).await?,
            Self::Grant { who, role } => set_role(&transaction, who, role, true).await?,
            Self::Revoke { who, role } => set_role(&transaction, who, role, false).await?,
            Self::Disable { who } => set_disabled(&transaction, who, true).await?,
            Self::Enable { who } => set_disabled(&transaction, who, false).await?,
        };
        database::commit(transaction).await?;
        println!("{text}");
        Ok(())
    }
}

/// An account, without anything secret.
struct Account {
    id: Uuid,
    email: String,
}

async fn find(transaction: &Transaction<'_>, who: &str) -> Result<Account> {
    let id = Uuid::try_parse(who).ok();
    let sql = "SELECT u.id, u.email FROM navigator.users AS u WHERE u.id = $1 OR u.email_key = lower($2)";
    let rows = query(transaction, sql, &[(&id, Type::UUID), (&who, Type::TEXT)]).await?;
    let row =
        rows.first().ok_or_else(|| OpsError::said("there is no such account; give its e-mail address or its id"))?;
    Ok(Account { id: get(row, "id")?, email: get(row, "email")? })
}

async fn create_admin(transaction: &Transaction<'_>, email: &str, name: &str) -> Result<String> {
    let email = Email::parse(email).map_err(|error| OpsError::said(format!("the address {error}")))?;
    let name = FullName::parse(name).map_err(|error| OpsError::said(format!("--name {error}")))?;
    let secret = ResetToken::random().map_err(|error| OpsError::said(error.to_string()))?;
    let (user, secret_id) = (Uuid::now_v7(), Uuid::now_v7());
    let sql = "SELECT outcome FROM navigator.user_create_admin($1, $2, $3, $4, $5)";
    let parameters: [Parameter<'_>; 5] = [
        (&user, Type::UUID),
        (&email.as_str(), Type::TEXT),
        (&name.as_str(), Type::TEXT),
        (&secret_id, Type::UUID),
        (&secret.hash(), Type::BYTEA),
    ];
    match outcome(transaction, sql, &parameters).await?.as_str() {
        "created" => Ok(format!(
            "account {user} is made, with the role admin. Its owner sets a password within a day, once, with this code:\n\n  {}\n\n  \
             POST /password-reset/confirm {{\"token\": \"…\", \"new_password\": \"…\"}}",
            secret.expose()
        )),
        _ => Err(OpsError::said("the address has an account already; use: ops user grant ADDRESS admin")),
    }
}

async fn show(transaction: &Transaction<'_>, account: &Account) -> Result<String> {
    let sql = "SELECT u.full_name, u.created_at, u.email_verified_at IS NOT NULL AS is_verified, u.disabled_at, \
                      (SELECT coalesce(string_agg(r.role_name, ', ' ORDER BY r.role_name), 'none') FROM navigator.user_roles AS r \
                        WHERE r.user_id = u.id) AS roles, \
                      (SELECT count(*) FROM navigator.sessions AS s WHERE s.user_id = u.id AND s.revoked_at IS NULL \
                          AND s.credential_version = u.credential_version AND u.disabled_at IS NULL \
                          AND s.expires_at > clock_timestamp()) AS sessions \
                 FROM navigator.users AS u WHERE u.id = $1";
    let rows = query(transaction, sql, &[(&account.id, Type::UUID)]).await?;
    let row = rows.first().ok_or_else(|| OpsError::said("the account was deleted at this moment"))?;
    let read = "SELECT navigator.audit_operator($1, 'user.read', NULL, 'ok')::text";
    query(transaction, read, &[(&account.id, Type::UUID)]).await?;
    let disabled: Option<chrono::DateTime<chrono::Utc>> = get(row, "disabled_at")?;
    let (created, is_verified): (chrono::DateTime<chrono::Utc>, bool) =
        (get(row, "created_at")?, get(row, "is_verified")?);
    Ok(format!(
        "{}\n  {} ({})\n  address {}\n  made {}\n  roles {}\n  sessions {}\n  {}",
        account.id,
        get::<String>(row, "full_name")?,
        account.email,
        if is_verified { "verified" } else { "not verified" },
        created.format("%Y-%m-%d %H:%M UTC"),
        get::<String>(row, "roles")?,
        get::<i64>(row, "sessions")?,
        disabled.map_or("enabled".to_owned(), |at| format!("disabled since {}", at.format("%Y-%m-%d %H:%M UTC"))),
    ))
}

async fn set_role(transaction: &Transaction<'_>, who: &str, role: &str, has: bool) -> Result<String> {
    let account = find(transaction, who).await?;
    let sql = "SELECT outcome FROM navigator.user_set_role($1, $2, $3)";
    let parameters: [Parameter<'_>; 3] = [(&account.id, Type::UUID), (&role, Type::TEXT), (&has, Type::BOOL)];
    let does = if has { "has" } else { "does not have" };
    match outcome(transaction, sql, &parameters).await?.as_str() {
        "changed" => Ok(format!("account {} now {does} the role {role}", account.id)),
        "unchanged" => Ok(format!("account {} {does} the role {role} already; nothing was changed", account.id)),
        _ => Err(OpsError::said(
            "there is no such role; there are: user, navigator_staff, regulatory_agent, auditor, admin",
        )),
    }
}

async fn set_disabled(transaction: &Transaction<'_>, who: &str, is_disabled: bool) -> Result<String> {
    let account = find(transaction, who).await?;
    let sql = "SELECT outcome FROM navigator.user_set_disabled($1, $2)";
    let parameters: [Parameter<'_>; 2] = [(&account.id, Type::UUID), (&is_disabled, Type::BOOL)];
    let state = if is_disabled { "disabled, and its sessions have ended" } else { "enabled" };
    match outcome(transaction, sql, &parameters).await?.as_str() {
        "changed" => Ok(format!("account {} is {state}", account.id)),
        _ => Ok(format!("account {} is {state} already; nothing was changed", account.id)),
    }
}

async fn outcome(transaction: &Transaction<'_>, sql: &str, parameters: &[Parameter<'_>]) -> Result<String> {
    let rows = query(transaction, sql, parameters).await?;
    get(rows.first().ok_or_else(|| OpsError::said("the database gave no answer"))?, "outcome")
}
