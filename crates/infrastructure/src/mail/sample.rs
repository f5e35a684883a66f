//! Letters that show what mails look like.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use userhub_domain::{
    audit::Origin,
    clock::Timestamp,
    mail::{Letter, MailId, MailKind},
    policy::Lifetimes,
    secret::{RawToken, TokenPurpose},
    users::EmailAddress,
};
use uuid::Uuid;

/// One of each kind, with everything that a letter can hold.
pub(super) fn letters() -> Vec<Letter> {
    let Ok(to) = EmailAddress::parse("ann@example.org") else {
        return Vec::new();
    };
    let kinds = MailKind::ALL.iter().zip(1..);
    kinds
        .map(|(kind, number)| letter(*kind, number, to.clone()))
        .collect()
}

/// The same with nothing that may be missing.
pub(super) fn bare_letters() -> Vec<Letter> {
    let bare = |letter: Letter| Letter {
        name: None,
        other_address: None,
        origin: Origin::default(),
        ..letter
    };
    letters().into_iter().map(bare).collect()
}

fn letter(kind: MailKind, number: u128, to: EmailAddress) -> Letter {
    let happened_at = Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_793_704_920);
    let token = kind.token(&Lifetimes::default());
    Letter {
        id: MailId::from_uuid(Uuid::from_u128(number)),
        kind,
        to,
        name: Some("Ann".to_owned()),
        token: token.and_then(|(purpose, _)| sample_token(purpose)),
        expires_at: token.map(|(_, life)| happened_at + life),
        other_address: EmailAddress::parse("ann@new.example").ok(),
        happened_at,
        origin: Origin {
            address: Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7))),
            ..Origin::default()
        },
    }
}

fn sample_token(purpose: TokenPurpose) -> Option<RawToken> {
    let digits = "0123456789abcdef".repeat(4);
    RawToken::parse(purpose, &format!("{}{digits}", purpose.prefix()))
}
