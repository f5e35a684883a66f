//! Passwords and tokens: argon2 with bounded cost, zxcvbn, JSON Web Tokens.

mod argon2;
#[cfg(test)]
mod argon2_tests;
mod hashing_queue;
mod hashing_threads;
pub mod jwt;
mod stored_hash;
mod strength;

pub use argon2::{Argon2Hasher, HashingOptions};
pub use strength::ZxcvbnStrength;
