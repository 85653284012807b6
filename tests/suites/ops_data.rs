//! The operator's data commands: import, export, archive, analytics, and whether what is stored fits together.

mod analytics;
mod archive;
mod consistency;
mod export;
mod import;
mod scheduled;
mod world;
