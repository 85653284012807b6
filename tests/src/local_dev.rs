//! `cargo dev` under test: `ops dev` over a Postgres of its own, in a folder of its own, so that a developer's data stays what it is.
//! (The launcher's part, compiling and starting Postgres, has happened already.)

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use launcher::postgres::{Cluster, ClusterOptions, PostgresBinaries};
use launcher::process::{Supervised, free_port, spawn_from_own_thread, supervised};

use crate::product::binary;
use crate::stack::folder;

/// The Postgres of a `cargo dev`, and the folder of its data.
pub struct Ground {
    /// Where the data rests.
    pub folder: PathBuf,
    cluster: Cluster,
}

impl Ground {
    /// Starts the server.
    pub fn new() -> Self {
        let folder = folder("dev");
        let binaries = PostgresBinaries::find_or_install().expect("PostgreSQL");
        let settings = vec![("fsync".to_owned(), "off".to_owned())];
        let options = ClusterOptions { folder: folder.clone(), port: None, settings };
        Self { folder, cluster: Cluster::start(&binaries, &options).expect("a server") }
    }

    /// The server's port.
    pub fn database_port(&self) -> u16 {
        self.cluster.port()
    }

    /// Runs `ops dev` with something that ends by itself.
    pub fn ops(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(binary("ops"));
        command.args(["dev", "--folder"]).arg(&self.folder).args(arguments).stdin(Stdio::null());
        command.output().expect("ops runs")
    }

    /// Starts to serve, and waits until it does.
    pub fn serve(&self, arguments: &[&str]) -> Serving {
        let log = self.folder.join("dev.log");
        let port = free_port().expect("a port").to_string();
        let database_port = self.database_port().to_string();
        let mut command = supervised(&binary("ops"), None, "TERM");
        command.args(["dev", "--folder"]).arg(&self.folder).args(["--database-port", &database_port, "--port", &port]);
        let output = std::fs::File::create(&log).expect("a log");
        let errors = output.try_clone().expect("a log");
        command.args(arguments).stdin(Stdio::null()).stdout(output).stderr(errors);
        let serving = Serving { process: spawn_from_own_thread(command, "ops dev").expect("ops dev starts"), log };
        let until = Instant::now() + Duration::from_secs(120);
        while !serving.said().contains("is serving at") {
            assert!(serving.process.is_alive() && Instant::now() < until, "it does not serve: {}", serving.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        serving
    }
}

impl Default for Ground {
    fn default() -> Self {
        Self::new()
    }
}

/// A `cargo dev` that serves; it ends as with Ctrl-C.
pub struct Serving {
    process: Supervised,
    log: PathBuf,
}

impl Serving {
    /// What it has printed.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.process.stop("TERM", Duration::from_secs(15));
    }
}
