-- owner: store
-- Settings of the instance, and the one table of work that is due.

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row per thing that somebody must look at again. A row carries no news: only where to look and when.
CREATE TABLE work (
    queue TEXT NOT NULL,
    key TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    revision BIGINT NOT NULL DEFAULT 0,
    lease_token TEXT,
    lease_until BIGINT,
    PRIMARY KEY (queue, key)
);
CREATE INDEX work_due ON work (queue, due_at);
