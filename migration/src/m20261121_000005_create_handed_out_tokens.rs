//! Tokens that are handed or mailed to somebody, to be used once; one of each
//! purpose per user.

crate::dialect::change! {
    up: [
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
        "CREATE UNIQUE INDEX handed_out_tokens_user_id_purpose_key ON handed_out_tokens (user_id, purpose)",
        "CREATE INDEX handed_out_tokens_expires_at_idx ON handed_out_tokens (expires_at)",
    ],
    down: ["DROP TABLE handed_out_tokens"],
}
