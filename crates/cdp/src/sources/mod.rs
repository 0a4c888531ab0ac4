//! Data sources: read rows, infer and check types, quarantine what does not fit.
