//! Recovery codes that are unused.

crate::dialect::change! {
    up: [
        "CREATE TABLE recovery_codes (
            user_id {uuid} NOT NULL
                CONSTRAINT recovery_codes_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            hash {bytes} NOT NULL,
            PRIMARY KEY (user_id, hash)
        )",
    ],
    down: ["DROP TABLE recovery_codes"],
}
