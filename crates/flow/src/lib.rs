//! Flows: durable runs of workflow definitions.
