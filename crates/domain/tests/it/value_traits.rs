//! Which traits the values have, and which they lack, checked by the compiler.
//!
//! What is missing is missing for a reason:
//! - Secrets have no text: neither `Display` nor `AsRef<str>` nor `serde`.
//! - `SearchText` cannot be shown: folded, it may be longer than what is read.
//! - `SearchText` and `Scopes` have no order: none of a search, or of a set, is
//!   the smaller.
//! - Words other than roles and states have none that anybody should rely on.
//! - `Scopes` has no `FromIterator`: a set of none is no set.
//! - `Actor` has no `serde`: on the wire somebody anonymous is null.
//! - `Direction` has no words: on the wire it is a sign before a member.

use std::{
    error::Error as StdError,
    fmt::{Debug, Display},
    hash::Hash,
    str::FromStr,
};

use serde::{Serialize, de::DeserializeOwned};
use userhub_domain::{
    Error, accounts, admin,
    api_keys::{self, ApiKeyId, ApiKeyName, Scope, Scopes},
    audit::{Actor, AuditEventId, EventKind, Origin},
    caller,
    error::{Conflict, Forbidden, Identifier, Invalid, NotFound, Unauthenticated},
    mail::{Delivery, MailFailure, MailId, MailKind, MailState, Mails},
    page::{PageLimit, PageRequest},
    policy::{Policy, RequiredMember},
    ports::{CompleteBuilder, Ports, Services, ServicesBuilder},
    rules::Rules,
    second_factor::{
        self, RecoveryCode, RecoveryCodeHash, SealedSeed, SecondFactorCode, TotpCode, TotpSeed,
    },
    secret::{RawToken, TokenHash, TokenPurpose},
    sessions::{self, AccessTokenId, AuthenticationMethods, SessionId, SpentToken},
    throttle::AttemptKey,
    users::{
        AuthVersion, Change, Credentials, Direction, EmailAddress, ExternalId, Metadata,
        NewPassword, PasswordAttempt, PasswordHash, PersonName, PhoneNumber, Role, SearchText,
        Status, User, UserId, UserKey, UserQuery, UserSort, Username, Version,
    },
    violation::{Broken, Violation, ViolationCode, Violations},
};

fn value<T: Debug + Clone + Eq + Hash + Send + Sync + 'static>() {}
fn ordered<T: Ord>() {}
fn shown<T: Display + FromStr<Err = Broken>>() {}
fn read<T: FromStr<Err = Broken>>() {}
fn stored<T: Serialize + DeserializeOwned>() {}
fn as_text<T: AsRef<str>>() {}
fn into_text<T: Into<String>>() {}
fn from_text<T>()
where
    T: TryFrom<String, Error = Broken> + for<'a> TryFrom<&'a str, Error = Broken>,
{
}
fn number<T: From<i64> + Into<i64>>() {}
fn error<T: StdError + Send + Sync + 'static>() {}
fn shared<T: Debug + Send + Sync + 'static>() {}
fn cloned<T: Clone>() {}

/// These types have all of this; gives their names.
macro_rules! have {
    ($traits:tt: $($type:ty),+ $(,)?) => {{
        $(have!(@one $traits $type);)+
        [$(stringify!($type)),+].as_slice()
    }};
    (@one [$($trait:ident),+] $type:ty) => {
        $($trait::<$type>();)+
    };
}

/// Does not compile where the type has the trait: there are two ways to ask then.
macro_rules! lacks {
    ($type:ty: $($trait:path),+) => {$({
        trait Asked<Way> {
            fn ask() {}
        }
        struct ByTheTrait;
        impl<T: ?Sized> Asked<()> for T {}
        impl<T: ?Sized + $trait> Asked<ByTheTrait> for T {}
        <$type as Asked<_>>::ask();
    })+};
}

#[test]
fn values_have_the_usual_traits_and_the_guide_names_those_with_serde() {
    let texts = have!(
        [value, ordered, shown, from_text, as_text, into_text, stored]:
        ApiKeyName, EmailAddress, ExternalId, PersonName, PhoneNumber, Username,
    );
    let ids = have!(
        [value, ordered, shown, from_text, stored]:
        AccessTokenId, ApiKeyId, AuditEventId, MailId, SessionId, UserId,
    );
    let ordered_words = have!(
        [value, ordered, shown, from_text, as_text, stored]:
        Identifier, MailKind, RequiredMember, Role, Scope, Status,
    );
    let words = have!(
        [value, shown, from_text, as_text, stored]:
        AuthenticationMethods, Delivery, EventKind, MailState, TokenPurpose, UserSort,
        ViolationCode,
    );
    let sets = have!([value, shown, from_text, stored]: Scopes);
    let numbers = have!([value, ordered, shown, number, stored]: AuthVersion, Version);
    let objects = have!([value, stored]: Metadata);
    have!([value, shown]: Actor);
    have!([value, read, as_text]: SearchText);
    have!([value, ordered]: AttemptKey, PageLimit);
    have!([value]: Change<Username>, Direction, Origin, UserKey);
    lacks!(Scopes: Ord, FromIterator<Scope>);
    lacks!(SearchText: Ord, Display);
    lacks!(Actor: Serialize);
    lacks!(Direction: Display);

    let guide = include_str!("../../src/lib.rs");
    let row = guide.lines().find(|line| line.contains("| `serde` |"));
    let row = row.unwrap();
    for name in [texts, ordered_words, words, sets, numbers, objects].concat() {
        assert!(row.contains(&format!("::{name}`]")), "{name}");
    }
    assert!(row.contains(" ids,") && !ids.is_empty());
}

#[test]
fn secrets_have_no_text() {
    macro_rules! silent {
        ($($type:ty),+ $(,)?) => {
            $(lacks!($type: Display, AsRef<str>, AsRef<[u8]>, Serialize);)+
        };
    }
    silent!(
        Credentials,
        NewPassword,
        PasswordAttempt,
        PasswordHash,
        RawToken,
        RecoveryCode,
        RecoveryCodeHash,
        SealedSeed,
        SecondFactorCode,
        SpentToken,
        TokenHash,
        TotpCode,
        TotpSeed,
    );
    // Two of the same: whoever compares them, does it in constant time.
    lacks!(RawToken: PartialEq);
    lacks!(TotpCode: PartialEq);
    lacks!(PasswordAttempt: PartialEq, Clone);
    lacks!(NewPassword: PartialEq, Clone);
}

#[test]
fn whatever_can_fail_fails_with_an_error() {
    have!(
        [error, shared]:
        Broken, Conflict, Error, Forbidden, Invalid, MailFailure, NotFound, Unauthenticated,
        Violation, Violations,
    );
}

#[test]
fn what_an_embedder_holds_can_be_printed_and_shared_between_threads() {
    have!(
        [shared, cloned]:
        Ports, Services, CompleteBuilder, ServicesBuilder, Rules, Policy, accounts::Accounts,
        admin::Administration, api_keys::ApiKeys, second_factor::SecondFactor,
        sessions::Sessions, Mails,
    );
    have!(
        [shared, cloned]:
        caller::SignedIn, caller::AdminReader, caller::Admin, caller::OwnSession, User, UserQuery,
        PageRequest, sessions::TokenPair, sessions::MfaChallenge,
    );
    have!(
        [shared]:
        accounts::ChangeEmailCommand, accounts::ChangePasswordCommand,
        accounts::MailRequestCommand, accounts::RegisterCommand, accounts::ResetPasswordCommand,
        accounts::UpdateProfileCommand, accounts::UpdateUserCommand,
        accounts::VerifyEmailCommand, admin::CreateUserCommand, api_keys::CreateApiKeyCommand,
        second_factor::ConfirmTotpCommand, second_factor::ConfirmedChangeCommand,
        second_factor::EnrolTotpCommand, second_factor::VerifyMfaCommand, sessions::LoginCommand,
    );
    let test = userhub_testkit::TestServices::new();
    let builder = test.services.to_builder();
    let printed = format!("{:?} {:?} {builder:?}", test.services, test.ports);
    assert_eq!(
        printed,
        "Services { .. } Ports { .. } ServicesBuilder { .. }"
    );
}
