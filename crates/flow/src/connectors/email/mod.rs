//! The `email` connector: mail over SMTP.
