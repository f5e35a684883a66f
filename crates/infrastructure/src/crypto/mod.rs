//! Passwords and tokens: argon2 with bounded cost, hashes of other systems,
//! zxcvbn, JSON Web Tokens, one-time codes and the key that seals their seeds.

mod argon2;
mod argon2_hash;
#[cfg(test)]
mod argon2_tests;
mod calibrate;
mod encryption_key;
mod foreign;
#[cfg(test)]
mod foreign_tests;
mod hashing;
mod hashing_queue;
mod hashing_threads;
pub mod jwt;
mod seal;
mod stored_hash;
mod strength;
mod totp;

pub use argon2::{Argon2Hasher, HashingOptions};
pub use calibrate::{Calibration, LEAST_ITERATIONS, LEAST_MEMORY_KIB, Proposal, calibrate};
pub use encryption_key::{EncryptionKey, EncryptionKeyError};
pub use strength::ZxcvbnStrength;
pub use totp::SealingTotp;
