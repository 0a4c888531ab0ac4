//! Workflow definitions: the raw document, and the checked form that the engine runs.
