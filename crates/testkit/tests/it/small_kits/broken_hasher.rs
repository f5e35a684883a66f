//! The hasher to be broken: an `InstantHasher` that takes its time where it is
//! asked how long it takes, and knows two hashes of other systems.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use userhub_domain::{
    Error, Result,
    users::{NewPassword, PasswordAttempt, PasswordHash, PasswordHasher, Verification},
    violation::{Broken, ViolationCode},
};
use userhub_testkit::InstantHasher;

use super::hasher::Wrong;

/// Two hashes of the kit, and their passwords.
const FOREIGN: [(&str, &str); 2] = [
    (
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "Hello world!",
    ),
    (
        "$5$saltstring$1QET7kx6/zlSmB.Lnqes2YGAuXl8X/5CumYtOBxznc1",
        "sa\u{30a}same 12",
    ),
];
const COST: Duration = Duration::from_millis(6);
const SLOTS: u32 = 4;

pub(super) struct BrokenHasher {
    wrong: Option<Wrong>,
    inner: InstantHasher,
    made: Mutex<Vec<PasswordHash>>,
    under_way: AtomicU32,
    answer: Mutex<Verification>,
}

impl BrokenHasher {
    pub(super) fn with(wrong: Option<Wrong>) -> Self {
        Self {
            wrong,
            inner: InstantHasher::new(),
            made: Mutex::default(),
            under_way: AtomicU32::new(0),
            answer: Mutex::new(Verification::Wrong),
        }
    }

    /// What it takes for the password.
    fn taken(&self, text: &str) -> String {
        let cut = |length: usize| {
            let bytes = &text.as_bytes()[..length.min(text.len())];
            String::from_utf8_lossy(bytes).into_owned()
        };
        match self.wrong {
            Some(Wrong::CaseIgnored) => text.to_lowercase(),
            Some(Wrong::BlanksTrimmed) => text.trim_end().to_owned(),
            Some(Wrong::CutAt72) => cut(72),
            Some(Wrong::CutAt255) => cut(255),
            Some(Wrong::CutAtZero) => text.split('\0').next().unwrap().to_owned(),
            Some(Wrong::AsciiAlone) => text.replace(|letter: char| !letter.is_ascii(), "?"),
            _ => text.to_owned(),
        }
    }

    /// A hash as it is given away.
    fn dressed(&self, hash: &PasswordHash, password: &str) -> PasswordHash {
        let text = hash.expose();
        PasswordHash::new(match self.wrong {
            Some(Wrong::PasswordKept) => format!("{text}${password}"),
            Some(Wrong::LineBroken) => format!("{text}\n"),
            Some(Wrong::NoForm) => text.trim_start_matches('$').to_owned(),
            _ => text.to_owned(),
        })
    }

    /// The hash in what was given away.
    fn undressed(&self, given: &PasswordHash) -> PasswordHash {
        let text = given.expose();
        let made = self.made.lock().unwrap();
        let found = match self.wrong {
            Some(Wrong::PasswordKept) => text.rsplit_once('$').map(|(hash, _)| hash.to_owned()),
            Some(Wrong::LineBroken) => Some(text.trim_end().to_owned()),
            Some(Wrong::NoForm) => Some(format!("${text}")),
            Some(Wrong::BeginningCompared) if text.len() > 30 => made
                .iter()
                .find(|hash| hash.expose().starts_with(text))
                .map(|hash| hash.expose().to_owned()),
            Some(Wrong::EndIgnored) => made
                .iter()
                .find(|hash| text.starts_with(hash.expose()))
                .map(|hash| hash.expose().to_owned()),
            _ => None,
        };
        found.map_or_else(|| given.clone(), PasswordHash::new)
    }

    /// The time of a check. Those that are asked for something else than their
    /// time have none to lose.
    async fn wait(&self) {
        match self.wrong {
            Some(Wrong::ThreadBlocked) => std::thread::sleep(COST),
            None | Some(Wrong::DecoyAtOnce | Wrong::UnreadableAtOnce) => {
                let elsewhere = tokio::task::spawn_blocking(|| std::thread::sleep(COST));
                elsewhere.await.unwrap();
            }
            _ => {}
        }
    }

    fn compared_with_foreign(
        &self,
        attempt: &PasswordAttempt,
        hash: &PasswordHash,
        password: &str,
    ) -> Verification {
        let sent = match self.wrong {
            Some(Wrong::SentFormForgotten) => None,
            _ => attempt.expose_as_sent(),
        };
        if attempt.expose() != password && sent != Some(password) {
            return Verification::Wrong;
        }
        let newer = match self.wrong {
            Some(Wrong::NewerIsOld) => hash.clone(),
            Some(Wrong::NewerOfAnother) => self.inner.hash_of("another one"),
            Some(Wrong::NewerOfSentForm) => self.inner.hash_of(sent.unwrap_or(password)),
            _ => self.inner.hash_of(attempt.expose()),
        };
        Verification::Outdated(newer)
    }

    async fn compared(&self, attempt: &PasswordAttempt, given: &PasswordHash) -> Verification {
        let foreign = FOREIGN.iter().find(|(text, _)| *text == given.expose());
        if let Some((_, password)) = foreign {
            return self.compared_with_foreign(attempt, given, password);
        }
        let is_sent_otherwise = attempt.expose_as_sent().is_some();
        if self.wrong == Some(Wrong::TypedFormHashed) && is_sent_otherwise {
            // Its hashes are of the normalised text.
            return Verification::Wrong;
        }
        let taken = self.taken(attempt.expose());
        let parsed = PasswordAttempt::parse(&taken.as_str().into()).unwrap();
        let hash = self.undressed(given);
        let found = self.inner.verify(parsed, hash).await.unwrap();
        match (self.wrong, found) {
            (Some(Wrong::NothingIsRight), _) => Verification::Wrong,
            (Some(Wrong::EverythingIsRight), _) => Verification::Right,
            (Some(Wrong::NoHashNoPassword), _) if given.expose().is_empty() => Verification::Right,
            (Some(Wrong::FreshIsOutdated), Verification::Right) => {
                Verification::Outdated(self.inner.hash_of(&taken))
            }
            (_, found) => found,
        }
    }

    /// What many at once find.
    async fn under_load(&self, found: Verification) -> Result<Verification> {
        let refused = || Error::overloaded(Duration::from_secs(1));
        let others = self.under_way.fetch_add(1, Ordering::Relaxed);
        if self.wrong == Some(Wrong::SlotsLost) && others >= SLOTS {
            return Err(refused());
        }
        *self.answer.lock().unwrap() = found.clone();
        tokio::task::yield_now().await;
        let all = self.under_way.load(Ordering::Relaxed);
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        match self.wrong {
            Some(Wrong::MixedUp) => Ok(self.answer.lock().unwrap().clone()),
            Some(Wrong::LoadIsInternal) if others >= SLOTS => Err(Error::internal("no slot")),
            Some(Wrong::AllRefused) if all > 1 || others > 0 => Err(refused()),
            _ => Ok(found),
        }
    }

    fn is_readable(&self, hash: &PasswordHash) -> bool {
        let text = SecretString::from(self.undressed(hash).expose());
        let is_foreign = FOREIGN.iter().any(|(known, _)| *known == hash.expose());
        is_foreign || self.inner.recognise(&text).is_ok()
    }
}

fn is_costly(text: &str) -> bool {
    ["$argon2id$v=19$m=4", "$6$rounds="]
        .iter()
        .any(|begin| text.starts_with(begin))
}

#[async_trait]
impl PasswordHasher for BrokenHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash> {
        let taken = self.taken(password.expose());
        let hash = match self.wrong {
            Some(Wrong::NoSalt) => InstantHasher::new().hash_of(&taken),
            _ => self.inner.hash_of(&taken),
        };
        self.made.lock().unwrap().push(hash.clone());
        Ok(self.dressed(&hash, password.expose()))
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Verification> {
        let is_readable = self.is_readable(&hash);
        match self.wrong {
            Some(Wrong::JunkIsAnError) if !is_readable => {
                return Err(Error::internal("the hash cannot be read"));
            }
            Some(Wrong::JunkPanics) if !is_readable => panic!("the hash cannot be read"),
            Some(Wrong::CostIsAnError) if is_costly(hash.expose()) => {
                return Err(Error::internal("the hash costs too much"));
            }
            Some(Wrong::CostIsPaid) if is_costly(hash.expose()) => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
            Some(Wrong::UnreadableAtOnce) if !is_readable => return Ok(Verification::Wrong),
            _ => {}
        }
        self.wait().await;
        let found = self.compared(&attempt, &hash).await;
        self.under_load(found).await
    }

    fn recognise(&self, foreign: &SecretString) -> Result<PasswordHash, Broken> {
        let text = foreign.expose_secret();
        let hash = PasswordHash::new(text);
        let refused = |detail: String| Err(Broken::new(ViolationCode::InvalidFormat, detail));
        match self.wrong {
            Some(Wrong::RecognisesAnything) => return Ok(hash),
            Some(Wrong::CostNotRead) if is_costly(text) => return Ok(hash),
            Some(Wrong::CutBetweenBytes) if &text[..1] == "!" => return refused(String::new()),
            Some(Wrong::OwnNotRecognised) => return refused("is in no form that is known".into()),
            _ if self.is_readable(&hash) => return Ok(hash),
            Some(Wrong::TextRepeated) => return refused(format!("{text} is in no known form")),
            _ => {}
        }
        self.inner.recognise(foreign)
    }

    async fn verify_decoy(&self, attempt: PasswordAttempt) -> Result<()> {
        if self.wrong != Some(Wrong::DecoyAtOnce) {
            self.wait().await;
        }
        self.inner.verify_decoy(attempt).await
    }
}
