//! Access tokens: nothing is believed without a signature of ours, and behind
//! one of ours nothing is read but what is ours in every member.
//!
//! An input is a token; or a header, a line break and claims, which the target
//! signs, since no input would meet a signature. A third line is put behind the
//! signature, and in the place of its end.
#![no_main]

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::Sha256;
use tokio::runtime::Runtime;
use userhub_domain::sessions::{AccessClaims, AccessTokens};
use userhub_infrastructure::crypto::jwt::{
    JwtTokens, MemoryKeyDirectory, SigningMethod, TokenOptions,
};
use userhub_testkit::FixedClock;

const SECRET: &str = "plums pears quinces and medlars in one bowl";

static SHARED: LazyLock<JwtTokens> = LazyLock::new(|| {
    signer(SigningMethod::Hs256 {
        secret: SECRET.into(),
    })
});
/// Nobody waits between two looks for an unknown key: time passes at once.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true);
    runtime.build().expect("a runtime")
});
/// Whose key no input knows.
static OWN: LazyLock<JwtTokens> = LazyLock::new(|| signer(SigningMethod::EdDsa { key: None }));

fn signer(signing: SigningMethod) -> JwtTokens {
    let options = TokenOptions {
        signing,
        issuer: "https://id.example.org".to_owned(),
        audience: "userhub".to_owned(),
        access_ttl: Duration::from_secs(900),
    };
    let directory = Arc::new(MemoryKeyDirectory::default());
    JwtTokens::new(options, directory, Arc::new(FixedClock::new())).expect("a signer")
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    is_believed_as_signed(text);
    let mut lines = text.splitn(3, '\n');
    let (Some(header), Some(claims)) = (lines.next(), lines.next()) else {
        return;
    };
    let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let signed = parts.join(".");
    let signature = signature_of(&signed);
    let token = format!("{signed}.{signature}");
    assert_eq!(read(&OWN, &token), None);
    if let Some(read) = read(&SHARED, &token) {
        is_ours(&token, header, claims, &read);
    }
    if let Some(tail) = lines.next() {
        is_believed_as_signed(&format!("{token}{tail}"));
        let kept = token.len() - tail.len().min(signature.len());
        is_believed_as_signed(&format!("{}{tail}", &token[..kept]));
    }
});

/// A token that is read has the one signature there is, in its one spelling.
fn is_believed_as_signed(text: &str) {
    assert_eq!(read(&OWN, text), None);
    if read(&SHARED, text).is_some() {
        let (signed, signature) = text.rsplit_once('.').expect("three parts");
        assert_eq!(signature, signature_of(signed));
    }
}

fn read(tokens: &JwtTokens, text: &str) -> Option<AccessClaims> {
    RUNTIME
        .block_on(tokens.verify(text))
        .expect("never an error")
}

fn signature_of(signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("of any length");
    mac.update(signed.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn is_ours(token: &str, header: &str, claims: &str, read: &AccessClaims) {
    assert!(token.len() <= 4096);
    let header: Value = serde_json::from_str(header).expect("JSON");
    // A claim that nobody reads may hold a number that this reader has no room for.
    let Ok(claims) = serde_json::from_str::<Value>(claims) else {
        return;
    };
    let known = ["typ", "alg", "kid"];
    let members = header.as_object().expect("an object");
    assert!(members.keys().all(|name| known.contains(&name.as_str())));
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&"at+jwt".into(), &"HS256".into())
    );
    assert!(header["kid"].is_null());

    assert_eq!(claims["iss"], "https://id.example.org");
    assert_eq!(claims["aud"], "userhub");
    assert_eq!(claims["exp"], read.expires_at.timestamp());
    let text = |name: &str| claims[name].as_str().map(str::to_ascii_lowercase);
    assert_eq!(text("sub"), Some(read.user_id.to_string()));
    assert_eq!(text("sid"), Some(read.session_id.to_string()));
    let issued = [&claims["iat"], &claims["nbf"]]
        .into_iter()
        .filter_map(Value::as_i64)
        .max();
    assert_eq!(issued, Some(read.issued_at.timestamp()));

    let again = RUNTIME.block_on(SHARED.sign(read)).expect("signed");
    assert_eq!(
        self::read(&SHARED, again.expose_secret()).as_ref(),
        Some(read)
    );
}
