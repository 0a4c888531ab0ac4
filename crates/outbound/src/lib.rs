//! The only way out: HTTP client with address guard and limits, SMTP.
