//! The public halves of the keys that instances sign access tokens with.

crate::dialect::change! {
    up: [
        "CREATE TABLE signing_keys (
            kid varchar(128) NOT NULL PRIMARY KEY,
            algorithm varchar(16) NOT NULL,
            jwk text NOT NULL,
            created_at {time} NOT NULL,
            expires_at {time} NOT NULL
        )",
        "CREATE INDEX signing_keys_expires_at_idx ON signing_keys (expires_at)",
    ],
    down: ["DROP TABLE signing_keys"],
}
