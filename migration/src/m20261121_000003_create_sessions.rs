//! Sessions, each with the digest of its one unspent refresh token.

crate::dialect::change! {
    up: [
        "CREATE TABLE sessions (
            id {uuid} NOT NULL PRIMARY KEY,
            user_id {uuid} NOT NULL
                CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            auth_version bigint NOT NULL,
            refresh_hash {bytes} NOT NULL,
            created_at {time} NOT NULL,
            last_used_at {time} NOT NULL,
            expires_at {time} NOT NULL,
            ends_at {time} NOT NULL,
            address varchar(45),
            user_agent varchar(255),
            request_id text
        )",
        "CREATE UNIQUE INDEX sessions_refresh_hash_key ON sessions (refresh_hash)",
        "CREATE INDEX sessions_user_id_idx ON sessions (user_id)",
        "CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)",
    ],
    down: ["DROP TABLE sessions"],
}
