//! The expression language of flows: templates and expressions to a tree, and its evaluation.
