//! The customer-data side: definitions, sources, unification, measures, segments, refresh.
//!
//! Data walks one way: `sources` → `unify` → `measures` → `segments` → `refresh` (which publishes).

pub mod activities;
pub mod conditions;
pub mod customers;
pub mod definitions;
pub mod identity;
pub mod insights;
mod json_rows;
pub mod measures;
pub mod refresh;
pub mod relationships;
pub mod segments;
pub mod standing;
pub mod unification;
