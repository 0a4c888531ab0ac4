//! The binary's rooms: the command line, the wiring of all rooms, and the demo.

mod approvals;
pub mod cli;
pub mod demo;
mod engine;
mod instance;
mod metrics;
mod notices;
mod receivers;
pub mod words;
