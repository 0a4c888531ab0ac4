-- owner: flow
-- What makes a run's first step the same whenever it is decided, and the one record of a run that has ended.

-- The moment of its first step; empty until somebody takes it up.
ALTER TABLE run ADD COLUMN begun_at BIGINT;
-- Where its randomness comes from; 0 for runs of before.
ALTER TABLE run ADD COLUMN seed BIGINT NOT NULL DEFAULT 0;
-- All facts of a run that has ended, compressed; then it has no rows in run_fact, whose rows now hold one fact a line.
ALTER TABLE run ADD COLUMN record BYTEA;
