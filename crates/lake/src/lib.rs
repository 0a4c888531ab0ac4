//! Entity tables: DuckLake catalog, Parquet files, snapshots and query sessions.
