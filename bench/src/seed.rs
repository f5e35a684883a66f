//! The users that are signed in and read.

use crate::{
    Result, say,
    tools::psql,
    userhub::{ADMINISTRATOR, Running},
};

/// How many users stand in Postgres.
pub(crate) const USERS: u32 = 100_000;
/// How many stand in SQLite, registered one by one.
const FEW_USERS: u32 = 64;
/// Their ids but for the last group, which is the number in hexadecimal.
pub(crate) const ID_PREFIX: &str = "01900000-0000-7000-8000-";

/// The users of one database.
#[derive(Clone, Copy)]
pub(crate) struct Users {
    /// They are numbered from 1 to this.
    pub(crate) count: u32,
}

impl Users {
    /// The username of one of them; any number will do.
    pub(crate) fn username(self, number: u32) -> String {
        format!("person-{}", number % self.count + 1)
    }
}

/// Writes all of them by SQL, with the administrator's hash, so that all sign
/// in with one password.
pub(crate) fn postgres(url: &str) -> Result<Users> {
    say(&format!("writing {USERS} users to Postgres"));
    psql(
        url,
        &format!(
            "INSERT INTO users (id, username, username_canonical, email, email_canonical,
            email_verified, first_name, last_name, role, suspended, metadata, search_text,
            password_hash, auth_version, version, created_at, updated_at)
         SELECT ('{ID_PREFIX}' || lpad(to_hex(n), 12, '0'))::uuid, name, name,
            name || '@example.org', name || '@example.org', false, 'Firstname', 'Lastname',
            'user', false, '{{}}',
            concat_ws(chr(31), name, name || '@example.org', 'firstname', 'lastname'),
            (SELECT password_hash FROM users WHERE username_canonical = '{ADMINISTRATOR}'),
            1, 1, moment, moment
         FROM generate_series(1, {USERS}) AS n,
            LATERAL (SELECT 'person-' || n AS name,
                timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second' AS moment) AS made"
        ),
    )?;
    psql(url, "VACUUM ANALYZE")?;
    // So that no checkpoint of the seed falls into a measurement.
    psql(url, "CHECKPOINT")?;
    Ok(Users { count: USERS })
}

/// Registers a few.
pub(crate) fn sqlite(running: &Running) -> Result<Users> {
    say(&format!("registering {FEW_USERS} users on SQLite"));
    let users = Users { count: FEW_USERS };
    for number in 0..FEW_USERS {
        running.register(&users.username(number))?;
    }
    Ok(users)
}
