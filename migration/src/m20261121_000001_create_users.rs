//! Users. Identifiers are unique among those that are not deleted; the names
//! of their indexes are how `sql/error.rs` knows which one is taken.

crate::dialect::change! {
    up: [
        "CREATE TABLE users (
            id {uuid} NOT NULL PRIMARY KEY,
            username varchar(32),
            username_canonical varchar(32) {bytewise},
            email varchar(254),
            email_canonical varchar(254) {bytewise},
            email_verified boolean NOT NULL,
            first_name varchar(100),
            last_name varchar(100),
            phone_number varchar(16),
            role varchar(16) NOT NULL CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')),
            suspended boolean NOT NULL,
            external_id varchar(255),
            metadata text NOT NULL,
            search_text text {bytewise} NOT NULL,
            password_hash text NOT NULL,
            auth_version bigint NOT NULL,
            version bigint NOT NULL,
            created_at {time} NOT NULL,
            updated_at {time} NOT NULL,
            last_login_at {time},
            deleted_at {time},
            CONSTRAINT users_identifier_check CHECK (username IS NOT NULL OR email IS NOT NULL)
        )",
        "CREATE UNIQUE INDEX users_username_canonical_key ON users (username_canonical) WHERE deleted_at IS NULL",
        "CREATE UNIQUE INDEX users_email_canonical_key ON users (email_canonical) WHERE deleted_at IS NULL",
        "CREATE UNIQUE INDEX users_phone_number_key ON users (phone_number) WHERE deleted_at IS NULL",
        "CREATE UNIQUE INDEX users_external_id_key ON users (external_id) WHERE deleted_at IS NULL",
        "CREATE INDEX users_created_at_id_idx ON users (created_at, id)",
        "CREATE INDEX users_updated_at_id_idx ON users (updated_at, id)",
        "CREATE INDEX users_last_login_at_id_idx ON users (last_login_at {nulls_first}, id)",
        "CREATE INDEX users_username_canonical_id_idx ON users (username_canonical {nulls_first}, id)",
        "CREATE INDEX users_email_canonical_id_idx ON users (email_canonical {nulls_first}, id)",
        "CREATE INDEX users_deleted_at_idx ON users (deleted_at) WHERE deleted_at IS NOT NULL",
    ],
    down: ["DROP TABLE users"],
}
