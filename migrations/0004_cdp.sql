-- owner: cdp
-- What is defined in this instance: one row per object, and every version of it that was ever applied.

CREATE TABLE definition (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Canonical JSON; of a flow, the workflow definition byte for byte.
    document TEXT NOT NULL,
    hash TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- The place among the objects of this kind, so that an export keeps their order.
    position BIGINT NOT NULL,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE definition_version (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Null: this version deleted the object.
    document TEXT,
    hash TEXT,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (kind, name, version)
);
