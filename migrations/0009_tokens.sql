-- owner: auth::tokens
-- The tokens of programs that use the API. Only a hash is kept: nobody can read a token out of the state.

CREATE TABLE api_token (
    -- The public part of the token, by which its row is found.
    token_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- BLAKE3 of the secret part, in hexadecimal.
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
