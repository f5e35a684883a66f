//! Reading a hash that argon2 made: total, and within reason.

use argon2::{Algorithm, Argon2, Params, Version, password_hash::phc};

use super::stored_hash::Unusable;

const FORM: &str = "argon2";

/// The most that a stored hash may cost. A row can come from an import or from
/// somebody who writes to the database; its parameters are input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceilings {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
    /// Memory times passes, which is what takes the time.
    work_kib: u64,
}

impl Ceilings {
    /// 256 MiB, 16 passes, 8 lanes and no more than 1 GiB times a pass, which
    /// is some 0.7 s; whatever is configured above that is allowed as well.
    pub(super) fn above(configured: &Params) -> Self {
        Self {
            memory_kib: configured.m_cost().max(256 * 1024),
            iterations: configured.t_cost().max(16),
            lanes: configured.p_cost().max(8),
            work_kib: work(configured).max(1024 * 1024),
        }
    }

    fn allow(&self, params: &Params) -> bool {
        params.m_cost() <= self.memory_kib
            && params.t_cost() <= self.iterations
            && params.p_cost() <= self.lanes
            && work(params) <= self.work_kib
    }
}

/// A hash of argon2 that can be compared with.
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    pub(super) salt: phc::Salt,
    pub(super) output: phc::Output,
}

impl Argon2Hash {
    /// Reads a PHC string of argon2id, argon2i or argon2d.
    pub(super) fn parse(text: &str, ceilings: &Ceilings) -> Result<Self, Unusable> {
        let hash = phc::PasswordHash::new(text).map_err(|_| Unusable::Unreadable(FORM))?;
        let algorithm =
            Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| Unusable::Unreadable(FORM))?;
        // The format's first edition had no version, and meant 0x10.
        let version = Version::try_from(hash.version.unwrap_or(0x10))
            .map_err(|_| Unusable::Unreadable(FORM))?;
        let params = Params::try_from(&hash).map_err(|_| Unusable::Unreadable(FORM))?;
        let (Some(salt), Some(output)) = (hash.salt, hash.hash) else {
            return Err(Unusable::Unreadable(FORM));
        };
        // A short output is met by chance, a short salt refused by argon2.
        if output.len() < 16 || salt.len() < argon2::MIN_SALT_LEN {
            return Err(Unusable::Unreadable(FORM));
        }
        if !ceilings.allow(&params) {
            return Err(Unusable::TooCostly(FORM));
        }
        Ok(Self {
            algorithm,
            version,
            params,
            salt,
            output,
        })
    }

    /// The function with this hash's parameters.
    pub(super) fn function(&self) -> Argon2<'static> {
        Argon2::new(self.algorithm, self.version, self.params.clone())
    }

    /// How much less work than a hash of today's parameters this one is, in KiB
    /// times passes.
    pub(super) fn shortfall(&self, configured: &Params) -> u64 {
        work(configured).saturating_sub(work(&self.params))
    }

    /// Whether it is weaker than what is configured: another variant, less
    /// work, or work that is done in far less memory. Something equally strong
    /// in other proportions is left alone.
    pub(super) fn is_weaker_than(&self, configured: &Params) -> bool {
        self.algorithm != Algorithm::Argon2id
            || self.version != Version::V0x13
            || work(&self.params) < work(configured)
            || self.params.m_cost() < configured.m_cost() / 4
            || self.output.len() < Params::DEFAULT_OUTPUT_LEN
            || self.salt.len() < argon2::RECOMMENDED_SALT_LEN
    }
}

/// Parameters for that much work, in KiB times passes, done as it is
/// configured; `None` where it is too little to be done.
pub(super) fn params_for(missing: u64, configured: &Params) -> Option<Params> {
    let passes = missing.div_ceil(configured.m_cost().into()).max(1);
    let least = u64::from(Params::MIN_M_COST) * u64::from(configured.p_cost());
    let memory = missing / passes;
    if memory < least {
        return None;
    }
    Params::new(
        u32::try_from(memory).ok()?,
        u32::try_from(passes).ok()?,
        configured.p_cost(),
        Some(Params::DEFAULT_OUTPUT_LEN),
    )
    .ok()
}

/// KiB times passes, which is about what takes the time.
pub(super) fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &str) -> Result<Argon2Hash, Unusable> {
        parse(&format!(
            "$argon2id$v=19${parameters}$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
        ))
    }

    fn parse(text: &str) -> Result<Argon2Hash, Unusable> {
        Argon2Hash::parse(text, &Ceilings::above(&Params::DEFAULT))
    }

    #[test]
    fn parameters_have_ceilings() {
        assert!(read("m=262144,t=4,p=8").is_ok());
        for costly in [
            "m=8388608,t=1,p=1",
            "m=4294967295,t=1,p=1",
            "m=19456,t=1000,p=1",
            "m=19456,t=17,p=1",
            "m=19456,t=2,p=1024",
            "m=19456,t=2,p=9",
            "m=262144,t=5,p=1",
        ] {
            assert_eq!(
                read(costly).err(),
                Some(Unusable::TooCostly(FORM)),
                "{costly}"
            );
        }
    }

    #[test]
    fn what_is_configured_is_never_too_costly() {
        let configured = Params::new(524_288, 20, 16, Some(32)).unwrap();
        let ceilings = Ceilings::above(&configured);
        let text = "$argon2id$v=19$m=524288,t=20,p=16$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        assert!(Argon2Hash::parse(text, &ceilings).is_ok());
    }

    #[test]
    fn what_an_older_hash_costs_less_can_be_made_up_for() {
        let today = Params::DEFAULT;
        for older in [
            "m=9216,t=2,p=1",
            "m=19456,t=1,p=1",
            "m=64,t=1,p=1",
            "m=4096,t=3,p=1",
        ] {
            let stored = read(older).unwrap();
            let rest = params_for(stored.shortfall(&today), &today).unwrap();
            let total = work(&stored.params) + work(&rest);
            assert!(total.abs_diff(work(&today)) <= 8, "{older}: {total}");
            assert!(rest.m_cost() <= today.m_cost(), "{older}");
        }
        for no_less in ["m=19456,t=2,p=1", "m=65536,t=1,p=1", "m=19456,t=3,p=1"] {
            let missing = read(no_less).unwrap().shortfall(&today);
            assert!(params_for(missing, &today).is_none(), "{no_less}");
        }
    }

    #[test]
    fn everything_else_is_unreadable() {
        for text in [
            "",
            "$",
            "$$$$$$",
            "plain text",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA",
            "$argon2id$v=19$m=x,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
            "$argon2id$v=99$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
            "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
            "$scrypt$ln=17,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
        ] {
            assert_eq!(
                parse(text).err(),
                Some(Unusable::Unreadable(FORM)),
                "{text}"
            );
        }
        for parameters in [
            "",
            "m=0,t=2,p=1",
            "m=19456,t=0,p=1",
            "m=19456,t=2,p=0",
            "m=99999999999,t=1,p=1",
            "m=16,t=1,p=4",
        ] {
            assert_eq!(
                read(parameters).err(),
                Some(Unusable::Unreadable(FORM)),
                "{parameters}"
            );
        }
        let long = "a".repeat(100_000);
        assert!(parse(&long).is_err() && parse(&format!("$argon2id${long}")).is_err());
    }

    #[test]
    fn weaker_is_less_work_or_far_less_memory() {
        let weaker = |parameters| read(parameters).unwrap().is_weaker_than(&Params::DEFAULT);
        assert!(weaker("m=19456,t=1,p=1"));
        assert!(weaker("m=12288,t=2,p=1"));
        assert!(weaker("m=4096,t=16,p=1"));
        assert!(!weaker("m=19456,t=2,p=1"));
        assert!(!weaker("m=47104,t=1,p=1"));
        assert!(!weaker("m=65536,t=3,p=4"));
        let other = parse(
            "$argon2i$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
        );
        assert!(other.unwrap().is_weaker_than(&Params::DEFAULT));
    }
}
