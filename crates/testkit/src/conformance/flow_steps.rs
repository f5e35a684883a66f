//! The steps of the account flows: second factors, API keys, mail, attempts.

use chrono::TimeDelta;
use userhub_domain::{
    api_keys::{ApiKey, ApiKeyId, ApiKeyName, KeyHolder, Scopes},
    clock::Timestamp,
    handed_out::HandedOutToken,
    mail::{
        Attempt, ClaimedMail, Mail, MailCounts, MailId, MailKind, MailQuery, MailState, Settlement,
    },
    second_factor::{RecoveryCodeHash, SealedSeed, TotpFactor},
    secret::{TokenHash, TokenPurpose},
    sessions::{Principal, Rotation, SessionId},
    throttle::{AttemptKey, AttemptRule, Counted},
    users::{AuthVersion, EmailAddress, User, UserId, UserKey},
};
use uuid::Uuid;

use super::{
    outcome::Place,
    steps::{Bench, a_reset_token, an_origin, later, start, token_hash},
};

/// Verbs, each in a unit of work of its own.
macro_rules! verbs {
    ($($name:ident = $writer:ident.$verb:ident($($given:ident: $type:ty),*) -> $result:ty;)+) => {
        impl Bench {
            $(#[track_caller]
            pub(super) fn $name(&self, $($given: $type),*) -> impl Future<Output = $result> {
                let place = Place::here();
                async move {
                    let unit = place.done("begin", self.begin().await);
                    let done = unit.$writer().$verb($($given),*).await;
                    let verb = concat!(stringify!($writer), "().", stringify!($verb));
                    let done = place.done(verb, done);
                    place.done("commit", unit.commit(&[]).await);
                    done
                }
            })+
        }
    };
}

/// What readers give.
macro_rules! looks {
    ($($name:ident($($given:ident: $type:ty),*) = $reader:ident.$verb:ident($($asked:expr),*) -> $result:ty;)+) => {
        impl Bench {
            $(#[track_caller]
            pub(super) fn $name(&self, $($given: $type),*) -> impl Future<Output = $result> {
                let place = Place::here();
                async move {
                    let verb = concat!(stringify!($reader), "().", stringify!($verb));
                    place.done(verb, self.$reader().$verb($($asked),*).await)
                }
            })+
        }
    };
}

verbs! {
    end_all_sessions = users.end_all_sessions(id: UserId) -> ();
    purge = users.purge(id: UserId) -> bool;
    rotate = sessions.rotate(rotation: &Rotation) -> bool;
    replace = handed_out_tokens.replace(token: &HandedOutToken) -> bool;
    verify_email = users.verify_email(id: UserId, email: &EmailAddress, at: Timestamp) -> bool;
    add_challenge = handed_out_tokens.add_challenge(token: &HandedOutToken) -> ();
    enrol = second_factors.enrol(factor: &TotpFactor) -> bool;
    confirm = second_factors.confirm(user: UserId, seed: &SealedSeed, step: i64, at: Timestamp) -> bool;
    spend_step = second_factors.spend_step(user: UserId, step: i64) -> bool;
    replace_codes = second_factors.replace_recovery_codes(user: UserId, codes: &[RecoveryCodeHash]) -> ();
    use_code = second_factors.use_recovery_code(user: UserId, code: &RecoveryCodeHash) -> bool;
    remove_factor = second_factors.remove(user: UserId) -> bool;
    insert_key = api_keys.insert(key: &ApiKey) -> ();
    revoke_key = api_keys.revoke(id: ApiKeyId, user: UserId) -> bool;
    revoke_all_keys = api_keys.revoke_all(user: UserId) -> u64;
    record_use = api_keys.record_use(id: ApiKeyId, at: Timestamp) -> ();
    add_mail = outbox.add(mail: &Mail) -> ();
    claim_until = outbox.claim(now: Timestamp, lease_until: Timestamp, limit: u32) -> Vec<ClaimedMail>;
    settle = outbox.settle(claimed: &ClaimedMail, settlement: &Settlement) -> bool;
    retry = outbox.retry(id: Option<MailId>, due_at: Timestamp) -> u64;
    count_attempt = attempts.count(key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Counted;
    forget_attempts = attempts.forget(key: AttemptKey) -> ();
    take_back_attempt = attempts.take_back(key: AttemptKey) -> ();
    remove_forgotten_attempts = attempts.remove_forgotten(before: Timestamp, limit: u32) -> u64;
}

looks! {
    find(id: UserId) = users.find(&UserKey::Id(id)) -> Option<User>;
    principal(id: SessionId) = sessions.find_principal(id) -> Option<Principal>;
    find_token(hash: TokenHash) = handed_out_tokens.find(hash, TokenPurpose::PasswordReset) -> Option<HandedOutToken>;
    find_challenge(number: u64) = handed_out_tokens.find(token_hash(number), TokenPurpose::MfaChallenge) -> Option<HandedOutToken>;
    factor(user: UserId) = second_factors.find(user) -> Option<TotpFactor>;
    count_codes(user: UserId) = second_factors.count_recovery_codes(user) -> u32;
    holder(hash: TokenHash) = api_keys.find_holder(hash) -> Option<KeyHolder>;
    keys(user: UserId) = api_keys.list(user) -> Vec<ApiKey>;
    list_mails(state: Option<MailState>, limit: u32) = outbox.list(&MailQuery { state, limit }) -> Vec<(Mail, Attempt)>;
    count_mails() = outbox.count() -> MailCounts;
    has_due(seconds: i64) = outbox.has_due(later(seconds)) -> bool;
}

impl Bench {
    /// An app that is in use, with the recovery codes of these numbers.
    #[track_caller]
    pub(super) fn set_up_factor(
        &self,
        user: &User,
        codes: &[RecoveryCodeHash],
    ) -> impl Future<Output = ()> {
        let (place, factor) = (Place::here(), a_factor(user, 1));
        async move {
            let confirming = self.confirm(user.id, &factor.seed, 100, later(60));
            place.held("second_factors().enrol", self.enrol(&factor).await);
            place.held("second_factors().confirm", confirming.await);
            self.replace_codes(user.id, codes).await;
        }
    }

    #[track_caller]
    pub(super) fn mails(&self) -> impl Future<Output = Vec<(Mail, Attempt)>> {
        self.list_mails(None, 100)
    }

    #[track_caller]
    pub(super) fn attempt(&self, id: MailId) -> impl Future<Output = Attempt> {
        let (place, mails) = (Place::here(), self.mails());
        async move {
            let mut mails = mails.await;
            mails.retain(|(mail, _)| mail.id == id);
            place.found("outbox().list", mails.pop()).1
        }
    }

    /// Claims for a hundred seconds.
    #[track_caller]
    pub(super) fn claim(&self, seconds: i64, limit: u32) -> impl Future<Output = Vec<ClaimedMail>> {
        self.claim_until(later(seconds), later(seconds + 100), limit)
    }
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// A challenge of the second factor that lasts five minutes.
pub(super) fn a_challenge(user: &User, number: u64) -> HandedOutToken {
    HandedOutToken {
        purpose: TokenPurpose::MfaChallenge,
        address: None,
        expires_at: later(300),
        ..a_reset_token(user, number)
    }
}

/// An app that is not confirmed, with the seed of a number.
pub(super) fn a_factor(user: &User, number: u8) -> TotpFactor {
    TotpFactor {
        user_id: user.id,
        seed: SealedSeed::new((0..64).map(|byte| byte ^ number).collect()),
        created_at: start(),
        confirmed_at: None,
        last_step: 0,
    }
}

pub(super) fn a_code(number: u8) -> RecoveryCodeHash {
    RecoveryCodeHash::parse_stored(&[number; 32]).unwrap()
}

/// A key with the token of a number, made so many seconds after the start.
pub(super) fn a_key(user: &User, number: u64) -> ApiKey {
    ApiKey {
        id: ApiKeyId::from_uuid(id(number)),
        user_id: user.id,
        name: ApiKeyName::parse("Nightly \u{1f980} 'build'").unwrap(),
        prefix: format!("uhk_{number:08x}"),
        hash: token_hash(number),
        scopes: Scopes::parse(["read"]).unwrap(),
        created_at: start() + TimeDelta::seconds(number.try_into().unwrap()),
        expires_at: None,
        last_used_at: None,
    }
}

/// A mail about a user, put into the outbox so many seconds after the start.
pub(super) fn a_mail(user: Option<&User>, number: u64) -> Mail {
    Mail {
        id: MailId::from_uuid(id(number)),
        kind: MailKind::PasswordChanged,
        user_id: user.map(|user| user.id),
        auth_version: user.map(|_| AuthVersion::FIRST),
        to: address("Somebody@example.org"),
        other_address: None,
        created_at: start() + TimeDelta::seconds(number.try_into().unwrap()),
        origin: an_origin(),
    }
}
