-- owner: flow
-- Flows, their versions, their connections, and what their runs did.

CREATE TABLE flow (
    name TEXT NOT NULL PRIMARY KEY,
    -- The version that new runs follow.
    version TEXT NOT NULL,
    -- 1: its triggers start runs. 0: turned off.
    active BIGINT NOT NULL DEFAULT 1,
    -- When its clock fires next; empty for flows without a clock.
    next_tick BIGINT,
    changed_at BIGINT NOT NULL
);

-- A document as it was written, byte for byte. The version is its hash: the same text is the same version.
CREATE TABLE flow_version (
    flow TEXT NOT NULL,
    version TEXT NOT NULL,
    document TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (flow, version)
);

-- What a flow's actions name in host.connectionName. Secrets are references, never values.
CREATE TABLE connection (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    config TEXT NOT NULL
);

CREATE TABLE run (
    id TEXT NOT NULL PRIMARY KEY,
    flow TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    -- What started it: JSON {name, outputs, origin}.
    trigger_fired TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    error_code TEXT,
    error_message TEXT,
    -- 1: somebody asked for it to be cancelled.
    cancel BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX run_of_flow ON run (flow, started_at);
CREATE INDEX run_started ON run (started_at);
CREATE INDEX run_ended ON run (ended_at);

-- The journal of a run: facts in order. Only appended to.
CREATE TABLE run_fact (
    run_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    fact TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
);
