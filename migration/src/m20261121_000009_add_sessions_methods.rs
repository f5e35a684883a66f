//! How the owner of a session was authenticated: until now by the password.

crate::dialect::change! {
    up: [
        "ALTER TABLE sessions ADD COLUMN methods varchar(32) NOT NULL DEFAULT 'password'
            CONSTRAINT sessions_methods_check
                CHECK (methods IN ('password', 'password_totp', 'password_recovery_code'))",
    ],
    down: ["ALTER TABLE sessions DROP COLUMN methods"],
}
