//! Refresh: the task graph, its jobs, the publishing of a snapshot, schedule and history.
