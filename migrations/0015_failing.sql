-- owner: flow
-- Flows that keep failing: since when, and which of them are paused for it.

-- Failures before this moment do not count: the flow was changed or turned on again.
ALTER TABLE flow ADD COLUMN watched_since BIGINT NOT NULL DEFAULT 0;
-- When it was turned off because it kept failing; empty otherwise.
ALTER TABLE flow ADD COLUMN paused_at BIGINT;
-- Why, for people.
ALTER TABLE flow ADD COLUMN paused_reason TEXT;
