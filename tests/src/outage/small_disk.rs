//! A disk that is soon full: a small file system in memory, as a tablespace. Where this process may not mount one, triggers
//! refuse as a full disk would.

use std::path::PathBuf;
use std::process::Command;

use launcher::postgres::give_to_server;
use tokio_postgres::Client;

use crate::stack::{Stack, folder};

/// Room for a database, and a little more.
const SIZE: &str = "160m";

/// Every table refuses a new row in the server's own words.
const REFUSE: &str = r"
CREATE FUNCTION public.disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'navigator'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('CREATE TRIGGER disk_is_full BEFORE INSERT ON %s EXECUTE FUNCTION public.disk_is_full()', t);
    END LOOP;
END $$;";

/// The disk.
pub(super) struct SmallDisk {
    /// Where it is mounted; nothing when it is acted.
    mounted: Option<Mount>,
    tablespace: String,
}

struct Mount(PathBuf);

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a server that was ended by a panic may still have files in it.
        let _gone_with_the_machine = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

impl SmallDisk {
    pub(super) async fn new(stack: &Stack) -> Self {
        let place = folder("small-disk");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={SIZE},mode=0700"), "tmpfs"])
            .arg(&place)
            .output()
            .is_ok_and(|output| output.status.success());
        let disk = Self { mounted: mounted.then(|| Mount(place.clone())), tablespace: stack.unique("small") };
        if disk.mounted.is_none() {
            println!("no file system may be mounted here: the full disk is acted by triggers");
            return disk;
        }
        give_to_server(&place).expect("the server's folder");
        let client = stack.server.superuser("postgres").await.expect("a connection");
        let sql = format!("CREATE TABLESPACE \"{}\" LOCATION '{}'", disk.tablespace, place.display());
        client.batch_execute(&sql).await.expect("a tablespace");
        disk
    }

    /// A new database with the newest schema, on this disk.
    pub(super) async fn database(&self, stack: &Stack) -> String {
        let name = stack.database().await;
        if self.mounted.is_some() {
            let client = stack.server.superuser("postgres").await.expect("a connection");
            let sql = format!("ALTER DATABASE \"{name}\" SET TABLESPACE \"{}\"", self.tablespace);
            client.batch_execute(&sql).await.expect("moved");
        }
        name
    }

    /// Nothing more fits.
    pub(super) async fn fill(&self, client: &Client) {
        let Some(Mount(place)) = &self.mounted else { return client.batch_execute(REFUSE).await.expect("triggers") };
        let filled = Command::new("dd")
            .args(["if=/dev/zero", "bs=1M", &format!("of={}", place.join("filler").display())])
            .output()
            .expect("dd");
        assert!(!filled.status.success(), "the disk is not full");
    }

    /// There is room again.
    pub(super) async fn empty(&self, client: &Client) {
        match &self.mounted {
            Some(Mount(place)) => std::fs::remove_file(place.join("filler")).expect("room"),
            None => client.batch_execute("DROP FUNCTION public.disk_is_full() CASCADE").await.expect("dropped"),
        }
    }

    /// Database, tablespace and mount go.
    pub(super) async fn clear(self, stack: &Stack, database: &str) {
        if self.mounted.is_some() {
            let client = stack.server.superuser("postgres").await.expect("a connection");
            for sql in [
                format!("DROP DATABASE \"{database}\" WITH (FORCE)"),
                format!("DROP TABLESPACE \"{}\"", self.tablespace),
            ] {
                client.batch_execute(&sql).await.expect(&sql);
            }
        }
    }
}
