-- owner: events
-- What happened, who must hear, and what became of each delivery.

CREATE TABLE event (
    event_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    data TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    dispatched_at BIGINT
);
CREATE INDEX event_by_time ON event (happened_at);

CREATE TABLE subscription (
    subscription_id TEXT NOT NULL PRIMARY KEY,
    receiver TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    filter TEXT NOT NULL
);
CREATE INDEX subscription_by_kind ON subscription (kind);

CREATE TABLE delivery (
    delivery_id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES event (event_id),
    subscription_id TEXT NOT NULL,
    receiver TEXT NOT NULL,
    target TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    detail TEXT
);
CREATE INDEX delivery_by_event ON delivery (event_id);
CREATE INDEX delivery_by_status ON delivery (status);

CREATE TABLE delivery_attempt (
    delivery_id TEXT NOT NULL REFERENCES delivery (delivery_id),
    attempt BIGINT NOT NULL,
    attempted_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (delivery_id, attempt)
);

-- One row per threshold and dimension value ('' where there is no dimension).
CREATE TABLE threshold_state (
    threshold TEXT NOT NULL,
    dimension TEXT NOT NULL,
    version TEXT NOT NULL,
    snapshot_id BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    up_armed BIGINT NOT NULL,
    up_streak BIGINT NOT NULL,
    down_armed BIGINT NOT NULL,
    down_streak BIGINT NOT NULL,
    crossed_at BIGINT,
    PRIMARY KEY (threshold, dimension)
);
