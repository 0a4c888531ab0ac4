//! For tests only: temporary stores, fake clock, mailbox, receivers.
