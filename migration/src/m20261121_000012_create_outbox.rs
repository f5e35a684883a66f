//! Mails that are to be sent. Any kind may stand there: a binary leaves those
//! that it does not know to a newer one.

crate::dialect::change! {
    up: [
        "CREATE TABLE outbox (
            id {uuid} NOT NULL PRIMARY KEY,
            kind varchar(64) NOT NULL,
            user_id {uuid}
                CONSTRAINT outbox_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            auth_version bigint,
            to_address varchar(254) NOT NULL,
            other_address varchar(254),
            created_at {time} NOT NULL,
            address varchar(45),
            user_agent varchar(255),
            request_id text,
            state varchar(16) NOT NULL
                CONSTRAINT outbox_state_check CHECK (state IN ('pending', 'abandoned')),
            tries bigint NOT NULL,
            unknown bigint NOT NULL,
            due_at {time} NOT NULL,
            last_error text
        )",
        "CREATE INDEX outbox_due_at_id_idx ON outbox (due_at, id) WHERE state = 'pending'",
        "CREATE INDEX outbox_created_at_id_idx ON outbox (created_at, id)",
        "CREATE INDEX outbox_user_id_idx ON outbox (user_id)",
    ],
    down: ["DROP TABLE outbox"],
}
