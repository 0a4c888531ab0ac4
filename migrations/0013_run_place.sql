-- owner: flow
-- Runs that wait until other runs of their flow end.

-- The place in the line; 0 for a run that may go on.
ALTER TABLE run ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
CREATE INDEX run_waits ON run (flow, place) WHERE place > 0;
CREATE INDEX run_open ON run (flow) WHERE ended_at IS NULL;
