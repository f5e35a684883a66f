//! Who may register, what a password must be, and what hashing it costs.

use std::time::Duration;

use super::Environment;
use super::reader::Reader;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationMode {
    /// Anybody.
    Open,
    /// Administrators only.
    Closed,
}

/// Whether an e-mail address must be confirmed before the first sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It need not.
    Off,
    /// It must.
    Required,
}

/// A member that a person who registers can be made to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the members")]
pub enum RequiredMember {
    Username,
    Email,
    FirstName,
    LastName,
    PhoneNumber,
}

const MEMBERS: [(&str, RequiredMember); 5] = [
    ("username", RequiredMember::Username),
    ("email", RequiredMember::Email),
    ("first_name", RequiredMember::FirstName),
    ("last_name", RequiredMember::LastName),
    ("phone_number", RequiredMember::PhoneNumber),
];

impl RequiredMember {
    /// The member's name in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        MEMBERS
            .iter()
            .find(|(_, member)| *member == self)
            .map_or("", |(name, _)| *name)
    }
}

/// Settings of registration.
#[derive(Debug, Clone)]
pub struct RegistrationSettings {
    /// Who may make an account.
    pub mode: RegistrationMode,
    /// Whether e-mail addresses must be confirmed.
    pub verification: Verification,
    /// Whether registering keeps to itself that an e-mail is known; nothing: as `verification`.
    pub hide_existence: Option<bool>,
    /// What a person must give, each once.
    pub required: Vec<RequiredMember>,
}

impl RegistrationSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            mode: reader.choice(
                "registration.mode",
                RegistrationMode::Closed,
                &[
                    ("open", RegistrationMode::Open),
                    ("closed", RegistrationMode::Closed),
                ],
            ),
            verification: reader.choice(
                "registration.verification",
                Verification::Off,
                &[
                    ("off", Verification::Off),
                    ("required", Verification::Required),
                ],
            ),
            hide_existence: reader.optional_flag("registration.hide_existence"),
            required: read_required(reader),
        }
    }

    /// Whether registering keeps to itself that an e-mail is known.
    #[must_use]
    pub fn hides_existence(&self) -> bool {
        self.hide_existence
            .unwrap_or(self.verification == Verification::Required)
    }
}

fn read_required(reader: &mut Reader) -> Vec<RequiredMember> {
    const KEY: &str = "registration.required";
    let mut required = Vec::new();
    for written in reader.list(KEY) {
        match MEMBERS.iter().find(|(name, _)| *name == written) {
            Some((_, member)) => required.push(*member),
            None => reader.fail(
                KEY,
                "each must be one of username, email, first_name, last_name, phone_number",
            ),
        }
    }
    required.sort();
    required.dedup();
    required
}

/// Settings of the password policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordSettings {
    /// Code points at least.
    pub min_length: usize,
    /// Score of zxcvbn at least, 0 to 4.
    pub min_score: u8,
}

impl PasswordSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            min_length: reader.number("passwords.min_length", &(8..=128)),
            min_score: reader.number("passwords.min_score", &(0..=4)),
        }
    }
}

/// Settings of argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingSettings {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Hashes at the same time; nothing: one for each core.
    pub slots: Option<usize>,
    /// Longest wait for a slot.
    pub max_wait: Duration,
}

/// Memory in KiB and passes that are equally strong, from OWASP's Password Storage Cheat Sheet.
const OWASP_FLOOR: [(u32, u32); 5] = [
    (47_104, 1),
    (19_456, 2),
    (12_288, 3),
    (9_216, 4),
    (7_168, 5),
];

impl HashingSettings {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        let settings = Self {
            memory_kib: reader.number("hashing.memory_kib", &(8..=1_048_576)),
            iterations: reader.number("hashing.iterations", &(1..=64)),
            parallelism: reader.number("hashing.parallelism", &(1..=16)),
            slots: reader
                .optional_number("hashing.slots", &(0..=256))
                .filter(|slots| *slots > 0),
            max_wait: reader.duration(
                "hashing.max_wait",
                &(Duration::from_millis(100)..=Duration::from_secs(60)),
            ),
        };
        if reader.sound(&[
            "hashing.memory_kib",
            "hashing.iterations",
            "hashing.parallelism",
        ]) {
            settings.check_strength(reader, environment);
        }
        settings
    }

    fn check_strength(&self, reader: &mut Reader, environment: Environment) {
        const KEY: &str = "hashing.memory_kib";
        const RULE: &str = "weaker than OWASP's recommendation for argon2id; use at least 19456 KiB with \
                            2 iterations, 12288 with 3, 9216 with 4, 7168 with 5, or 47104 with 1";
        if self.memory_kib < 8 * self.parallelism {
            reader.fail(
                KEY,
                "must be at least 8 for each lane of hashing.parallelism",
            );
        } else if !self.meets_owasp_floor() {
            match environment {
                Environment::Production => reader.fail(KEY, RULE),
                Environment::Development => reader.warn(KEY, RULE),
            }
        }
    }

    /// Whether the parameters are as strong as OWASP recommends.
    #[must_use]
    pub fn meets_owasp_floor(&self) -> bool {
        OWASP_FLOOR.iter().any(|(memory, iterations)| {
            self.memory_kib >= *memory && self.iterations >= *iterations
        })
    }
}
