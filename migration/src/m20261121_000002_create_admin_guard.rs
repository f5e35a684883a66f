//! One row that every change takes its turn at that may take away the last
//! administrator.

crate::dialect::change! {
    up: [
        "CREATE TABLE admin_guard (
            id integer NOT NULL PRIMARY KEY CONSTRAINT admin_guard_id_check CHECK (id = 1),
            turns bigint NOT NULL
        )",
        "INSERT INTO admin_guard (id, turns) VALUES (1, 0)",
    ],
    down: ["DROP TABLE admin_guard"],
}
