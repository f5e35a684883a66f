//! Sealing small secrets that are stored: AES-256-GCM under the encryption key.
//!
//! A seal is, in this order: a byte that names the form (1), four bytes that
//! name the key (so that a later rotation can tell which one it needs), the 96
//! random bits of the nonce, the encrypted bytes, the tag of 16 bytes.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};
use userhub_domain::{Error, Result, clock::Entropy};
use zeroize::Zeroizing;

use super::EncryptionKey;

const FORM: u8 = 1;
const KEY_NAME: usize = 4;

/// Seals and opens under one key.
pub(super) struct Seal {
    key: LessSafeKey,
    name: [u8; KEY_NAME],
}

impl Seal {
    /// # Errors
    /// Where the library refuses the key.
    pub(super) fn new(key: &EncryptionKey) -> Result<Self> {
        let unbound = UnboundKey::new(&AES_256_GCM, key.expose())
            .map_err(|_| Error::internal("setting up the encryption key"))?;
        let digest = Sha256::new()
            .chain_update(b"userhub encryption key name")
            .chain_update(key.expose())
            .finalize();
        let mut name = [0; KEY_NAME];
        name.copy_from_slice(digest.get(..KEY_NAME).unwrap_or(&[0; KEY_NAME]));
        Ok(Self {
            key: LessSafeKey::new(unbound),
            name,
        })
    }

    /// Seals a secret, bound to what it belongs to: it opens for nothing else.
    ///
    /// # Errors
    /// Where randomness or encryption fails.
    pub(super) fn close(
        &self,
        secret: &[u8],
        belongs_to: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let mut encrypted = Zeroizing::new(secret.to_vec());
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(belongs_to),
                &mut encrypted,
            )
            .map_err(|_| Error::internal("encrypting a secret"))?;
        let parts: [&[u8]; 5] = [&[FORM], &self.name, &nonce, &encrypted, tag.as_ref()];
        Ok(parts.concat())
    }

    /// The secret of a seal.
    ///
    /// # Errors
    /// Internal: the seal is broken, of another form, under another key, or
    /// belongs to something else.
    pub(super) fn open(&self, sealed: &[u8], belongs_to: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let broken = || Error::internal("a stored secret is broken");
        let (form, rest) = sealed.split_first().ok_or_else(broken)?;
        if *form != FORM {
            return Err(Error::internal("a stored secret has an unknown form"));
        }
        let (name, rest) = rest.split_at_checked(KEY_NAME).ok_or_else(broken)?;
        if name != self.name {
            return Err(Error::internal(
                "a stored secret was encrypted with another secrets.encryption_key",
            ));
        }
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(broken)?;
        let mut bytes = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self
            .key
            .open_in_place(nonce, Aad::from(belongs_to), &mut bytes)
            .map_err(|_| broken())?
            .len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use userhub_testkit::SeededEntropy;

    fn seal(byte: u8) -> Seal {
        Seal::new(&EncryptionKey::from_bytes(&[byte; 32]).unwrap()).unwrap()
    }

    #[test]
    fn a_seal_opens_for_its_owner_under_its_key_alone() {
        let entropy = SeededEntropy::default();
        let sealed = seal(1).close(b"a secret", b"ann", &entropy).unwrap();
        assert_eq!(sealed.len(), 1 + 4 + 12 + 8 + 16);
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        let opened = seal(1).open(&sealed, b"ann").unwrap();
        assert_eq!(opened.as_slice(), b"a secret");
        assert!(seal(1).open(&sealed, b"bob").is_err());
        let other = seal(2).open(&sealed, b"ann").unwrap_err();
        assert_eq!(other.code(), "internal");
        assert!(other.to_string().contains("another"), "{other}");
    }

    #[test]
    fn two_seals_of_one_secret_differ() {
        let entropy = SeededEntropy::default();
        let one = seal(1).close(b"a secret", b"ann", &entropy).unwrap();
        let two = seal(1).close(b"a secret", b"ann", &entropy).unwrap();
        assert_ne!(one, two);
    }

    #[test]
    fn whatever_is_changed_or_cut_does_not_open() {
        let entropy = SeededEntropy::default();
        let sealed = seal(1).close(b"a secret", b"ann", &entropy).unwrap();
        for place in 0..sealed.len() {
            assert!(seal(1).open(&sealed[..place], b"ann").is_err(), "{place}");
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(seal(1).open(&changed, b"ann").is_err(), "{place}");
        }
    }
}
