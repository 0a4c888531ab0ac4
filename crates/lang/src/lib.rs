//! Every grammar Weir accepts: text to tree to value. No I/O, no clock, no randomness of its own.

pub mod attribute;
pub mod diagnose;
pub mod expr;
pub mod rule;
pub mod wdl;
mod zone;
