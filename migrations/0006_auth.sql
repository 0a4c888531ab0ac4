-- owner: auth
-- The vault: secrets sealed with the install's key file. The id is part of what is sealed, so a row cannot be
-- passed off as another.

CREATE TABLE secret (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    sealed TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
