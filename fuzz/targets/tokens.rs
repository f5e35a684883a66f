//! Tokens, recovery codes and one-time codes: each has one way to be written
//! that counts, and is read for one purpose.
#![no_main]

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret;
use userhub_domain::{
    second_factor::{RecoveryCode, SecondFactorCode, TotpCode},
    secret::{RawToken, TokenHash, TokenPurpose},
    users::UserId,
};
use uuid::Uuid;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let tokens = TokenPurpose::ALL.map(|purpose| RawToken::parse(purpose, text));
    assert!(tokens.iter().flatten().count() <= 1, "of one purpose");
    tokens
        .iter()
        .flatten()
        .for_each(|token| is_as_written(text, token));
    assert!(TokenHash::parse_stored(bytes).is_none_or(|hash| hash.as_bytes() == bytes));

    let code = RecoveryCode::parse(text);
    if let Some(code) = &code {
        is_read_however_typed(text, code);
    }
    let totp = TotpCode::parse(text);
    if let Ok(totp) = &totp {
        assert_eq!(totp.expose(), text.replace(' ', ""));
        assert!(totp.expose().len() == 6 && text.len() <= 16);
        assert!(totp.expose().bytes().all(|byte| byte.is_ascii_digit()));
    }
    match SecondFactorCode::parse(&text.into()) {
        Ok(SecondFactorCode::Totp(_)) => assert!(totp.is_ok()),
        Ok(SecondFactorCode::Recovery(_)) => assert!(code.is_some() && totp.is_err()),
        Err(_) => assert!(code.is_none() && totp.is_err()),
    }
    if let Some(id) = UserId::parse(text) {
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
    }
});

fn is_as_written(text: &str, token: &RawToken) {
    let purpose = token.purpose();
    let shown = token.reveal();
    assert_eq!(shown.expose_secret(), text);
    assert!(text.starts_with(purpose.prefix()) && text.len() == 68);
    let again = RawToken::parse(purpose, shown.expose_secret()).expect("the same token");
    assert_eq!(again.hash(), token.hash());
    let stored = TokenHash::parse_stored(token.hash().as_bytes());
    assert_eq!(stored, Some(token.hash()));
    assert!(!format!("{token:?}").contains(&text[4..]));
}

fn is_read_however_typed(text: &str, code: &RecoveryCode) {
    let owner = UserId::from_uuid(Uuid::from_u128(1));
    let shown = code.reveal();
    let shown = shown.expose_secret();
    assert!(text.len() <= 64 && shown.len() == 19);
    for typed in [
        shown.to_owned(),
        shown.replace('-', ""),
        shown.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        text.to_ascii_uppercase(),
    ] {
        let again = RecoveryCode::parse(&typed).expect("the same code");
        assert_eq!(again.reveal().expose_secret(), shown);
        assert_eq!(again.hash(owner), code.hash(owner));
    }
    let other = UserId::from_uuid(Uuid::from_u128(2));
    assert_ne!(code.hash(owner), code.hash(other));
}
