//! The `http` connector: HTTP calls.
