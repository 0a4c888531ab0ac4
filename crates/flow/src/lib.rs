//! Flows: durable runs of workflow definitions.

pub mod connectors;
