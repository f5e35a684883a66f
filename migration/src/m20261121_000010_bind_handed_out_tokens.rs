//! Handed-out tokens of more purposes, bound to an address.
//!
//! A challenge of the second factor has no word in `purpose`: nulls are equal
//! to nothing, so a user has any number of challenges beside one token of each
//! purpose. The unique index stays one over all rows, because `ON CONFLICT
//! (user_id, purpose)` of binaries from before this change needs it so.
//!
//! SQLite cannot change a constraint, so the table is made anew, with its rows.
//! Dropping an index first keeps other writers out on Postgres until all is done.

crate::dialect::change! {
    up: [
        "DROP INDEX handed_out_tokens_expires_at_idx",
        "CREATE TABLE handed_out_tokens_before AS SELECT * FROM handed_out_tokens",
        "DROP TABLE handed_out_tokens",
        "CREATE TABLE handed_out_tokens (
            hash {bytes} NOT NULL PRIMARY KEY,
            purpose varchar(32)
                CONSTRAINT handed_out_tokens_purpose_check
                    CHECK (purpose IN ('refresh', 'password_reset', 'email_verification', 'email_change')),
            user_id {uuid} NOT NULL
                CONSTRAINT handed_out_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            auth_version bigint NOT NULL,
            address varchar(254),
            new_address varchar(254),
            created_at {time} NOT NULL,
            expires_at {time} NOT NULL
        )",
        "INSERT INTO handed_out_tokens (hash, purpose, user_id, auth_version, created_at, expires_at)
            SELECT hash, purpose, user_id, auth_version, created_at, expires_at
            FROM handed_out_tokens_before",
        "DROP TABLE handed_out_tokens_before",
        "CREATE UNIQUE INDEX handed_out_tokens_user_id_purpose_key ON handed_out_tokens (user_id, purpose)",
        "CREATE INDEX handed_out_tokens_expires_at_idx ON handed_out_tokens (expires_at)",
    ],
    down: [
        "DROP INDEX handed_out_tokens_expires_at_idx",
        "CREATE TABLE handed_out_tokens_before AS SELECT * FROM handed_out_tokens",
        "DROP TABLE handed_out_tokens",
        "CREATE TABLE handed_out_tokens (
            hash {bytes} NOT NULL PRIMARY KEY,
            purpose varchar(32) NOT NULL
                CONSTRAINT handed_out_tokens_purpose_check CHECK (purpose IN ('refresh', 'password_reset')),
            user_id {uuid} NOT NULL
                CONSTRAINT handed_out_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            auth_version bigint NOT NULL,
            created_at {time} NOT NULL,
            expires_at {time} NOT NULL
        )",
        "INSERT INTO handed_out_tokens (hash, purpose, user_id, auth_version, created_at, expires_at)
            SELECT hash, purpose, user_id, auth_version, created_at, expires_at
            FROM handed_out_tokens_before
            WHERE purpose IN ('refresh', 'password_reset') AND address IS NULL",
        "DROP TABLE handed_out_tokens_before",
        "CREATE UNIQUE INDEX handed_out_tokens_user_id_purpose_key ON handed_out_tokens (user_id, purpose)",
        "CREATE INDEX handed_out_tokens_expires_at_idx ON handed_out_tokens (expires_at)",
    ],
}
