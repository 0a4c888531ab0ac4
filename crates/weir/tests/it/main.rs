//! The product as its users have it: the real binary, real folders, and servers that record what reaches them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on says so; a skipped one says why"
)]

mod support;

mod access;
mod commands;
mod crash;
mod customers;
mod definitions;
mod exports;
mod flows;
mod identity;
mod insights;
mod mail;
mod messages;
mod packages;
mod readme;
mod segment_order;
mod segments;
mod serving;
mod sources;
mod story;
mod suggestions;
mod unification;
mod warm;
