//! The operator's command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ops::analytics::AnalyticsArgs;
use ops::archive::ArchiveArgs;
use ops::audit::AuditCommand;
use ops::conversations::ConversationsArgs;
use ops::doctor::DoctorArgs;
use ops::export::ExportArgs;
use ops::facts::FactsCommand;
use ops::import::ImportCommand;
use ops::limits::LimitsCommand;
use ops::migrate::command::MigrateCommand;
use ops::regulatory::RegulatoryCommand;
use ops::secrets::SecretsCommand;
use ops::setup::SetupArgs;
use ops::user::UserCommand;
use ops::workflow::WorkflowCommand;
use ops::{ask, dev, doctor, setup};

/// Operates the Insurance Navigator: its set-up, migrations, runs that are stuck, accounts, the audit log, the local host.
#[derive(Debug, Parser)]
#[command(name = "ops", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a Supabase project ready: check the environment, make roles and schema, try every service, write the functions' environment.
    Setup(SetupArgs),
    /// Look at a system that runs: only reads.
    Doctor(DoctorArgs),
    /// The database's schema.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// The conversations' runs.
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    /// Conversations by their metadata: ids and metadata, nothing that was said.
    Conversations(ConversationsArgs),
    /// The official texts.
    #[command(subcommand)]
    Regulatory(RegulatoryCommand),
    /// Conversations of an earlier system, from a file.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Conversations, as a file that import reads.
    Export(ExportArgs),
    /// Conversations that nobody has touched for long: out of the database into files, and back.
    Archive(ArchiveArgs),
    /// Numbers over the conversations: volume, topics, outcomes, latency, needs that stayed open, languages.
    Analytics(AnalyticsArgs),
    /// The product's own facts: what expires.
    #[command(subcommand)]
    Facts(FactsCommand),
    /// People's accounts and roles.
    #[command(subcommand)]
    User(UserCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The secrets that the functions read.
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// The rate limits.
    #[command(subcommand)]
    Limits(LimitsCommand),
    /// Serve the product on this machine (use: cargo dev).
    Dev(dev::DevArgs),
    /// Ask a running `cargo dev` a question (use: cargo ask).
    Ask(ask::AskArgs),
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Setup(arguments) => setup::run(&arguments).await,
        Command::Doctor(arguments) => doctor::run(&arguments).await,
        Command::Migrate(command) => command.run().await,
        Command::Workflow(command) => command.run().await,
        Command::Conversations(arguments) => arguments.run().await,
        Command::Regulatory(command) => command.run().await,
        Command::Import(command) => command.run().await,
        Command::Export(arguments) => arguments.run().await,
        Command::Archive(arguments) => arguments.run().await,
        Command::Analytics(arguments) => arguments.run().await,
        Command::Facts(command) => command.run(),
        Command::User(command) => command.run().await,
        Command::Audit(command) => command.run().await,
        Command::Secrets(command) => command.run().await,
        Command::Limits(command) => command.run().await,
        Command::Dev(arguments) => dev::run(&arguments).await,
        Command::Ask(arguments) => ask::run(&arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
