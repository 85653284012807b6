//! A database laid out like a Supabase project's: an owner without superuser rights but with BYPASSRLS, PostgREST's roles and
//! its exposed schemas, and a schema of their own for extensions.
//!
//! Its `postgres` is played by `supabase_postgres`: here `postgres` is the superuser.

use ops::{database, migrate, roles};
use tokio::sync::OnceCell;
use tokio_postgres::Client;

use crate::stack::Stack;

/// The roles belong to the server, so they may be there already.
const ROLES: &str = r"
DO $$
DECLARE r text;
BEGIN
    BEGIN
        CREATE ROLE supabase_postgres LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD 'forthistest';
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    FOREACH r IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    FOREACH r IN ARRAY ARRAY['navigator_owner', 'navigator_auth', 'navigator_sweep'] LOOP
        EXECUTE format('GRANT %I TO supabase_postgres WITH ADMIN OPTION', r);
    END LOOP;
END $$;
";
/// The layout of a new project, for the database `{name}`.
pub(crate) const LAYOUT: &str = r#"
CREATE SCHEMA extensions;
CREATE EXTENSION pg_trgm SCHEMA extensions;
CREATE SCHEMA graphql_public;
CREATE SCHEMA storage;
GRANT USAGE ON SCHEMA public, extensions, graphql_public, storage TO anon, authenticated, service_role;
ALTER DATABASE "{name}" OWNER TO supabase_postgres;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_postgres GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_postgres GRANT EXECUTE ON FUNCTIONS TO anon, authenticated, service_role;
"#;

static ROLES_ARE_MADE: OnceCell<()> = OnceCell::const_new();

/// A new project: its database's name, and a connection as its `postgres`.
pub async fn project(stack: &Stack) -> (String, Client) {
    let name = stack.empty_database().await;
    let admin = stack.server.superuser(&name).await.expect("a connection");
    let roles = async || admin.batch_execute(ROLES).await.expect("the roles");
    ROLES_ARE_MADE.get_or_init(roles).await;
    admin.batch_execute(&LAYOUT.replace("{name}", &name)).await.expect("the layout");
    let url = format!(
        "postgresql://supabase_postgres:forthistest@127.0.0.1:{}/{name}?sslmode=verify-full",
        stack.server.port()
    );
    let client = database::connect(&url, Some(stack.server.ca_pem())).await.expect("a connection");
    (name, client)
}

/// A new project with the newest schema: its database's name.
pub async fn migrated_project(stack: &Stack) -> String {
    let (name, mut client) = project(stack).await;
    roles::ensure(&mut client, None).await.expect("roles without a superuser");
    migrate::up(&mut client, None).await.expect("migrated");
    name
}
