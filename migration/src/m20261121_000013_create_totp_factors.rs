//! The apps that make one-time codes, one per user; seeds are encrypted.

crate::dialect::change! {
    up: [
        "CREATE TABLE totp_factors (
            user_id {uuid} NOT NULL PRIMARY KEY
                CONSTRAINT totp_factors_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            seed {bytes} NOT NULL,
            created_at {time} NOT NULL,
            confirmed_at {time},
            last_step bigint NOT NULL
        )",
    ],
    down: ["DROP TABLE totp_factors"],
}
