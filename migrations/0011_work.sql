-- owner: store
-- Claims take turns over lanes, and what is leased is apart from what is free.

-- Who the work is for: one lane's flood does not keep another lane waiting.
ALTER TABLE work ADD COLUMN lane TEXT NOT NULL DEFAULT '';
DROP INDEX work_due;
CREATE INDEX work_free ON work (queue, due_at) WHERE lease_token IS NULL;
CREATE INDEX work_lane ON work (queue, lane, due_at) WHERE lease_token IS NULL;
CREATE INDEX work_leased ON work (queue, lease_until) WHERE lease_token IS NOT NULL;
