//! What happened. Events outlive their subjects, so nothing refers to users.

crate::dialect::change! {
    up: [
        "CREATE TABLE audit_events (
            id {uuid} NOT NULL PRIMARY KEY,
            at {time} NOT NULL,
            kind varchar(64) NOT NULL,
            actor varchar(128),
            subject {uuid},
            session_id {uuid},
            address varchar(45),
            user_agent varchar(255),
            request_id text,
            fields text NOT NULL
        )",
        "CREATE INDEX audit_events_at_id_idx ON audit_events (at, id)",
        "CREATE INDEX audit_events_subject_at_id_idx ON audit_events (subject, at, id)",
        "CREATE INDEX audit_events_actor_at_id_idx ON audit_events (actor, at, id)",
        "CREATE INDEX audit_events_kind_at_id_idx ON audit_events (kind, at, id)",
    ],
    down: ["DROP TABLE audit_events"],
}
