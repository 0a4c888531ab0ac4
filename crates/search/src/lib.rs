//! The search index: full text and filters over profiles.
