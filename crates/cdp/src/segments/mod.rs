//! Segments: named sets of customers.
