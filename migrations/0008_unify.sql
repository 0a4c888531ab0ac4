-- owner: cdp::identity
-- What people have decided about who is who: the customer of single rows. Rules cannot change it.

CREATE TABLE pin (
    -- The entity's full name.
    entity TEXT NOT NULL,
    -- The primary key of the row, as text.
    record_key TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    pinned_by TEXT NOT NULL,
    pinned_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (entity, record_key)
);
