//! API keys, without what they are used with. Scopes are words with a blank
//! between.

crate::dialect::change! {
    up: [
        "CREATE TABLE api_keys (
            id {uuid} NOT NULL PRIMARY KEY,
            user_id {uuid} NOT NULL
                CONSTRAINT api_keys_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            name varchar(100) NOT NULL,
            prefix varchar(16) NOT NULL,
            hash {bytes} NOT NULL,
            scopes varchar(255) NOT NULL,
            created_at {time} NOT NULL,
            expires_at {time},
            last_used_at {time}
        )",
        "CREATE UNIQUE INDEX api_keys_hash_key ON api_keys (hash)",
        "CREATE INDEX api_keys_user_id_created_at_id_idx ON api_keys (user_id, created_at, id)",
    ],
    down: ["DROP TABLE api_keys"],
}
