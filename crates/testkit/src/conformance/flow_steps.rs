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
    throttle::{AttemptKey, AttemptRule, Counted},
    users::{AuthVersion, EmailAddress, User, UserId},
};
use uuid::Uuid;

use super::steps::{Bench, a_reset_token, an_origin, later, start, token_hash};

/// Verbs, each in a unit of work of its own.
macro_rules! verbs {
    ($($name:ident = $writer:ident.$verb:ident($($given:ident: $type:ty),*) -> $result:ty;)+) => {
        impl Bench {
            $(pub(super) async fn $name(&self, $($given: $type),*) -> $result {
                let unit = self.unit().await;
                let done = unit.$writer().$verb($($given),*).await.unwrap();
                unit.commit(&[]).await.unwrap();
                done
            })+
        }
    };
}

verbs! {
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
    settle = outbox.settle(id: MailId, tries: u32, settlement: &Settlement) -> bool;
    retry = outbox.retry(id: Option<MailId>, due_at: Timestamp) -> u64;
    count_attempt = attempts.count(key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Counted;
    forget_attempts = attempts.forget(key: AttemptKey) -> ();
    take_back_attempt = attempts.take_back(key: AttemptKey) -> ();
    remove_forgotten_attempts = attempts.remove_forgotten(before: Timestamp, limit: u32) -> u64;
}

impl Bench {
    pub(super) async fn factor(&self, user: UserId) -> Option<TotpFactor> {
        self.second_factors().find(user).await.unwrap()
    }

    pub(super) async fn count_codes(&self, user: UserId) -> u32 {
        let count = self.second_factors().count_recovery_codes(user).await;
        count.unwrap()
    }

    /// An app that is in use, with the recovery codes of these numbers.
    pub(super) async fn set_up_factor(&self, user: &User, codes: &[RecoveryCodeHash]) {
        let factor = a_factor(user, 1);
        assert!(self.enrol(&factor).await);
        assert!(self.confirm(user.id, &factor.seed, 100, later(60)).await);
        self.replace_codes(user.id, codes).await;
    }

    pub(super) async fn holder(&self, hash: TokenHash) -> Option<KeyHolder> {
        self.api_keys().find_holder(hash).await.unwrap()
    }

    pub(super) async fn keys(&self, user: UserId) -> Vec<ApiKey> {
        self.api_keys().list(user).await.unwrap()
    }

    pub(super) async fn mails(&self) -> Vec<(Mail, Attempt)> {
        self.list_mails(None, 100).await
    }

    pub(super) async fn list_mails(
        &self,
        state: Option<MailState>,
        limit: u32,
    ) -> Vec<(Mail, Attempt)> {
        let query = MailQuery { state, limit };
        self.outbox().list(&query).await.unwrap()
    }

    pub(super) async fn attempt(&self, id: MailId) -> Attempt {
        let mut mails = self.mails().await;
        mails.retain(|(mail, _)| mail.id == id);
        mails.pop().expect("the mail is there").1
    }

    pub(super) async fn count_mails(&self) -> MailCounts {
        self.outbox().count().await.unwrap()
    }

    pub(super) async fn has_due(&self, seconds: i64) -> bool {
        self.outbox().has_due(later(seconds)).await.unwrap()
    }

    /// Claims for a hundred seconds.
    pub(super) async fn claim(&self, seconds: i64, limit: u32) -> Vec<ClaimedMail> {
        let (now, until) = (later(seconds), later(seconds + 100));
        self.claim_until(now, until, limit).await
    }

    pub(super) async fn find_challenge(&self, number: u64) -> Option<HandedOutToken> {
        let tokens = self.handed_out_tokens();
        let found = tokens.find(token_hash(number), TokenPurpose::MfaChallenge);
        found.await.unwrap()
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
