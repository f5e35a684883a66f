#![cfg(test)]
//! The kit against the store of this crate, and the kit itself.

mod completeness;
mod domain;
mod guides;
mod mocks;
mod small_kits;
mod strategies;
mod turns;

mod memory {
    userhub_testkit::store_conformance!(userhub_testkit::MemoryStore::new());
}

mod instant_hasher {
    userhub_testkit::password_hasher_conformance!(userhub_testkit::InstantHasher::new());
}

mod fake_access_tokens {
    userhub_testkit::access_tokens_conformance!(userhub_testkit::FakeAccessTokens::new());
}

mod fixed_clock {
    userhub_testkit::clock_conformance!(userhub_testkit::FixedClock::new());
}

mod seeded_entropy {
    userhub_testkit::entropy_conformance!(userhub_testkit::SeededEntropy::new(1));
}

mod recording_mailer {
    userhub_testkit::mailer_conformance!(userhub_testkit::RecordingMailer::new());
}

mod fake_totp {
    userhub_testkit::totp_conformance!(userhub_testkit::FakeTotp::new());
}
