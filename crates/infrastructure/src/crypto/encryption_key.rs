//! The key that encrypts what is stored: set by the deployer, or in
//! development made once and kept in a file.

use std::{
    fs,
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret as _;
use userhub_domain::clock::Entropy;
use zeroize::Zeroizing;

use crate::config::{Environment, Settings};

const FILE: &str = "encryption.key";
const LENGTH: usize = 32;

/// 32 bytes that encrypt what is stored. Zeroized when dropped, never shown.
#[derive(Clone)]
pub struct EncryptionKey(Zeroizing<[u8; LENGTH]>);

/// Why there is no key, although there should be one. Names the file, never
/// what is in it.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionKeyError {
    /// The file cannot be read or written.
    #[error("the encryption key in {} cannot be read or made: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} does not hold 32 bytes in base64; what was encrypted with the right key needs it back", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
    },
    /// There is no randomness to make one from.
    #[error("no encryption key could be made: {0}")]
    Entropy(userhub_domain::Error),
}

impl EncryptionKey {
    /// From its bytes; `None` unless there are 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    /// The key that the settings give. Without one: in development the one in
    /// `encryption.key` under the data directory, made where it is missing; in
    /// production none, since a file that is lost with its machine would lock
    /// people out.
    ///
    /// # Errors
    /// Where that file cannot be read, made or understood.
    pub fn from_settings(
        settings: &Settings,
        entropy: &dyn Entropy,
    ) -> Result<Option<Self>, EncryptionKeyError> {
        if let Some(key) = &settings.secrets.encryption_key {
            return Ok(Self::from_bytes(key.expose_secret()));
        }
        match settings.environment {
            Environment::Production => Ok(None),
            Environment::Development => Self::kept_in(&settings.data_dir, entropy).map(Some),
        }
    }

    /// The key kept in a folder; made where it is missing. Of several processes
    /// that start at once one makes it, and all read that one.
    ///
    /// # Errors
    /// Where the file cannot be read, made or understood.
    pub fn kept_in(folder: &Path, entropy: &dyn Entropy) -> Result<Self, EncryptionKeyError> {
        let path = folder.join(FILE);
        let failed = |source| EncryptionKeyError::File {
            path: path.clone(),
            source,
        };
        if let Some(text) = read(&path).map_err(failed)? {
            return Self::parse(&text).ok_or(EncryptionKeyError::Content { path });
        }
        let mut bytes = Zeroizing::new([0; LENGTH]);
        let mut name = [0; 8];
        let filled = entropy
            .fill(&mut *bytes)
            .and_then(|()| entropy.fill(&mut name));
        filled.map_err(EncryptionKeyError::Entropy)?;
        let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*bytes)));
        let name = format!(".{FILE}.{:016x}", u64::from_be_bytes(name));
        put(folder, &folder.join(name), &path, &text).map_err(failed)?;
        // Whoever was first: its file is the key.
        let text = read(&path).map_err(failed)?.unwrap_or_default();
        Self::parse(&text).ok_or(EncryptionKeyError::Content { path })
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        Self::from_bytes(&bytes)
    }

    pub(super) fn expose(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EncryptionKey(..)")
    }
}

fn read(path: &Path) -> io::Result<Option<Zeroizing<String>>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the whole text under a name of its own and gives it its real name
/// where that is free: nobody ever reads half a key, and the first one stays.
fn put(folder: &Path, draft: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let written = private(draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| match fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    // A draft that stays behind is no harm, and the reason of the failure counts for more.
    drop(fs::remove_file(draft));
    linked
}

/// A new file that its owner alone may read.
fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::SystemEntropy, config::LoadOptions};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let environment = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let options = LoadOptions {
            environment,
            ..LoadOptions::default()
        };
        Settings::load(&options).unwrap()
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("data");
        let first = EncryptionKey::kept_in(&inside, &SystemEntropy).unwrap();
        let again = EncryptionKey::kept_in(&inside, &SystemEntropy).unwrap();
        assert_eq!(first.expose(), again.expose());
        assert_ne!(first.expose(), &[0; LENGTH]);
        let names: Vec<_> = fs::read_dir(&inside).unwrap().flatten().collect();
        assert_eq!(names.len(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(inside.join(FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(format!("{first:?}"), "EncryptionKey(..)");
    }

    #[test]
    fn those_who_start_at_once_have_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let start = || EncryptionKey::kept_in(folder.path(), &SystemEntropy).unwrap();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads
                .into_iter()
                .map(|one| *one.join().unwrap().expose())
                .collect()
        });
        assert!(keys.iter().all(|key| key == &keys[0]));
    }

    #[test]
    fn a_broken_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for text in ["", "c2hvcnQ=", "no base64 at all!"] {
            fs::write(&path, text).unwrap();
            let error = EncryptionKey::kept_in(folder.path(), &SystemEntropy).unwrap_err();
            assert!(matches!(error, EncryptionKeyError::Content { .. }));
            assert!(text.is_empty() || !error.to_string().contains(text));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn production_has_the_key_that_is_set_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let data = ("USERHUB__DATA_DIR", folder.path().to_str().unwrap());
        let production = ("USERHUB__ENVIRONMENT", "production");
        let key = (
            "USERHUB__SECRETS__ENCRYPTION_KEY",
            "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=",
        );
        let found = |pairs: &[(&str, &str)]| {
            EncryptionKey::from_settings(&settings(pairs), &SystemEntropy).unwrap()
        };
        assert!(found(&[data, production]).is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let set = found(&[data, production, key]).expect("a key");
        assert_eq!(set.expose()[..4], [0xde, 0xad, 0xbe, 0xef]);
        assert!(found(&[data]).is_some());
        assert!(folder.path().join(FILE).exists());
    }
}
