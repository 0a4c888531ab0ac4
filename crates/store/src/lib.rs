//! The state that outlives a restart: SQLite or PostgreSQL, transactions, migrations, typed ids, clock, work rows.
