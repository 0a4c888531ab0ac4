//! The `teams` connector: messages to Microsoft Teams.
