-- owner: cdp::refresh
-- Jobs and their tasks, what each task last produced, and the history of watched numbers.

CREATE TABLE job (
    job_id TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    submission_kind TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    snapshot_id BIGINT,
    cancel_requested_at BIGINT,
    message TEXT
);
CREATE INDEX job_by_time ON job (created_at);

CREATE TABLE task (
    job_id TEXT NOT NULL REFERENCES job (job_id),
    task_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    operation TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    message TEXT,
    report TEXT,
    PRIMARY KEY (job_id, task_id)
);

-- The last good result of each task: with the same key, the task need not run again.
CREATE TABLE task_output (
    task_id TEXT NOT NULL PRIMARY KEY,
    input_key TEXT NOT NULL,
    job_id TEXT NOT NULL,
    output TEXT NOT NULL
);

-- One point per watched number and snapshot. `series` is 'segment' or 'measure'.
CREATE TABLE series_point (
    series TEXT NOT NULL,
    name TEXT NOT NULL,
    calculation TEXT NOT NULL,
    dimension TEXT NOT NULL,
    snapshot_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    value DOUBLE PRECISION,
    PRIMARY KEY (series, name, calculation, dimension, snapshot_id)
);
