//! Refresh tokens that were used, and what their successors derive from.

crate::dialect::change! {
    up: [
        "CREATE TABLE spent_refresh_tokens (
            hash {bytes} NOT NULL PRIMARY KEY,
            session_id {uuid} NOT NULL
                CONSTRAINT spent_refresh_tokens_session_id_fkey REFERENCES sessions (id) ON DELETE CASCADE,
            salt {bytes} NOT NULL,
            spent_at {time} NOT NULL
        )",
        "CREATE INDEX spent_refresh_tokens_session_id_idx ON spent_refresh_tokens (session_id)",
    ],
    down: ["DROP TABLE spent_refresh_tokens"],
}
