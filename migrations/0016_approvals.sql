-- owner: flow
-- Approvals that flows wait for, and what people answered.

CREATE TABLE approval (
    -- The idempotency key of the action that asks: asked again, it is the same approval.
    id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL,
    -- What the run is called back with.
    token TEXT NOT NULL,
    -- What is asked, of whom, with which answers: JSON.
    request TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    -- When those who have not answered are asked again; empty when they are not.
    remind_at BIGINT,
    -- How many times they were.
    reminders BIGINT NOT NULL DEFAULT 0,
    completed_at BIGINT,
    outcome TEXT
);
CREATE INDEX approval_open ON approval (remind_at) WHERE completed_at IS NULL;

CREATE TABLE approval_response (
    approval_id TEXT NOT NULL,
    person TEXT NOT NULL,
    answer TEXT NOT NULL,
    comments TEXT,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (approval_id, person)
);
