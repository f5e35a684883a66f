//! What every hasher, signer, clock and source of randomness must do.

use std::{sync::Arc, time::Duration};

use userhub_domain::clock::Clock;
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    crypto::{
        Argon2Hasher, EncryptionKey, HashingOptions, SealingTotp,
        jwt::{JwtTokens, MemoryKeyDirectory, SigningMethod, TokenOptions},
    },
};
use userhub_testkit::FixedClock;

/// Cheap, since what it costs is not asked.
fn hasher() -> Argon2Hasher {
    let options = HashingOptions {
        memory_kib: 512,
        iterations: 2,
        parallelism: 1,
        slots: 2,
        max_wait: Duration::from_secs(30),
    };
    Argon2Hasher::new(options, Arc::new(SystemEntropy)).expect("usable parameters")
}

async fn tokens(signing: SigningMethod) -> JwtTokens {
    let options = TokenOptions {
        signing,
        issuer: "https://users.example.org".to_owned(),
        audience: "example".to_owned(),
        access_ttl: Duration::from_secs(900),
    };
    let clock = FixedClock::new();
    let directory = Arc::new(MemoryKeyDirectory::default());
    let tokens = JwtTokens::new(options, directory, Arc::new(clock.clone())).expect("a key");
    tokens.publish(clock.now()).await.expect("published");
    tokens
}

mod argon2 {
    userhub_testkit::password_hasher_conformance!(super::hasher());
}

mod eddsa {
    use super::{SigningMethod, tokens};
    userhub_testkit::access_tokens_conformance!(tokens(SigningMethod::EdDsa { key: None }).await);
}

mod es256 {
    use super::{SigningMethod, tokens};
    userhub_testkit::access_tokens_conformance!(tokens(SigningMethod::Es256 { key: None }).await);
}

mod hs256 {
    use super::{SigningMethod, tokens};
    userhub_testkit::access_tokens_conformance!({
        let secret = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFG".into();
        tokens(SigningMethod::Hs256 { secret }).await
    });
}

mod system_clock {
    userhub_testkit::clock_conformance!(super::SystemClock);
}

mod system_entropy {
    userhub_testkit::entropy_conformance!(super::SystemEntropy);
}

mod totp {
    use std::sync::Arc;

    use super::{EncryptionKey, SealingTotp, SystemEntropy};

    userhub_testkit::totp_conformance!({
        let key = EncryptionKey::from_bytes(&[7; 32]).expect("32 bytes");
        SealingTotp::new(&key, Arc::new(SystemEntropy), "Example").expect("usable")
    });
}
