//! The black-box suites: real binaries, real Postgres, real pooler. One binary, so that they share one server.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod accounts;
mod asvs;
mod audit;
mod bad_input;
mod canaries;
mod checkout;
mod clients;
mod concurrency;
mod configuration;
mod contract;
mod conversation;
mod cost;
mod debug_log;
mod dependencies;
mod deploy;
mod doctor;
mod durability;
mod earlier_system;
mod evaluation;
mod isolation;
mod labels;
mod last_day;
mod limits;
mod lints;
mod llm;
mod main_job;
mod matrix;
mod metrics;
mod migrations;
mod model;
mod ops_command;
mod ops_data;
mod ops_setup;
mod ops_truth;
mod ops_workflow;
mod outage;
mod passwords;
mod regulatory;
mod regulatory_refresh;
mod regulatory_search;
mod replies;
mod resume;
mod rls;
mod schemathesis;
mod secrets;
mod server_log;
mod strings;
mod tokens;
mod watch;
mod wire;
mod workflow;
mod yearly;
