//! How often something was tried. Moments are microseconds since 1970,
//! because the statement that counts calculates with them.

crate::dialect::change! {
    up: [
        "CREATE TABLE attempts (
            key {bytes} NOT NULL PRIMARY KEY,
            count bigint NOT NULL,
            blocked_until bigint,
            forgotten_at bigint NOT NULL
        )",
        "CREATE INDEX attempts_forgotten_at_idx ON attempts (forgotten_at)",
    ],
    down: ["DROP TABLE attempts"],
}
