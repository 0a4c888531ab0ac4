-- owner: flow
-- News for runs from elsewhere: calls back, answers of flows that they started. A row is gone when it was taken in.

CREATE TABLE run_news (
    run_id TEXT NOT NULL,
    -- The same news comes once.
    id TEXT NOT NULL,
    news TEXT NOT NULL,
    came_at BIGINT NOT NULL,
    PRIMARY KEY (run_id, id)
);
