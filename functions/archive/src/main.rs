//! Once a day, where ARCHIVE_AFTER_DAYS says so: conversations that nobody has touched for long go into compressed files. No route;
//! the schedule in template.yaml invokes it, with a database login of its own.

use lambda_runtime::Error;
use shared::archive::{ArchiveError, Archiver, Done};
use shared::clock::Deadline;
use shared::schedule;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    schedule::run(Archiver::load, archive).await
}

async fn archive(archiver: Archiver, deadline: Deadline) -> Result<Done, ArchiveError> {
    archiver.archive_due(deadline).await
}
