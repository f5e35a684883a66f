//! Whether signing in asks for a second factor. Binaries from before this
//! change write users without it, and do not ask.

crate::dialect::change! {
    up: ["ALTER TABLE users ADD COLUMN mfa_enabled boolean NOT NULL DEFAULT false"],
    down: ["ALTER TABLE users DROP COLUMN mfa_enabled"],
}
