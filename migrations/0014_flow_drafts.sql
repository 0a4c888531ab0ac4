-- owner: flow
-- What is being worked on, apart from what runs: one draft a flow, as it was written, right or wrong.

CREATE TABLE flow_draft (
    flow TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    saved_at BIGINT NOT NULL
);

-- Connections that the flow needs and that are not there, one a line; while there are any, it is off.
ALTER TABLE flow ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';
