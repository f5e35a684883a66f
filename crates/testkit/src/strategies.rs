//! Strategies for proptest: every value that the domain accepts, and nothing
//! that it refuses. Feature `strategies`.

mod account_flows;
mod changes;
mod credentials;
mod words;

use std::{collections::BTreeMap, net::IpAddr};

use proptest::{collection, option, prelude::*, string};
use userhub_domain::{
    audit::{Actor, AuditEvent, AuditEventId, AuditQuery, Origin},
    clock::Timestamp,
    page::{PageLimit, PageRequest, PageStart},
    sessions::{Session, SessionId},
    users::{
        AuthVersion, EmailAddress, ExternalId, Metadata, PersonName, PhoneNumber, SearchText, User,
        UserId, UserQuery, UserRecord, Username, Version,
    },
};
use uuid::Uuid;

pub use self::{
    account_flows::{
        api_key_ids, api_key_names, api_keys_of, factors_of, handed_out_tokens_of, letters,
        mail_attempts, mail_ids, mails_about, recovery_code_hashes, recovery_codes, scopes,
        sealed_seeds, second_factor_codes, totp_codes, totp_seeds,
    },
    changes::{
        admin_changes, changes_to, cursors_in, metadata_patches, page_starts_in, profile_changes,
        sort_keys_by, user_keys,
    },
    credentials::{
        access_claims_of, access_token_ids, attempt_keys, credentials, new_passwords,
        password_attempts, password_hashes, raw_tokens, spent_tokens, token_hashes,
    },
    words::{
        authentication_methods, deliveries, directions, event_kinds, identifiers, mail_kinds,
        mail_states, required_members, roles, sessions_after, single_scopes, statuses,
        token_purposes, user_sorts, violation_codes,
    },
};

/// Letters of many scripts, marks, signs and pictures; nothing invisible.
const LINE: &str = "[a-zA-Z0-9 '\"%_\\\\.,;:!?*\u{e0}-\u{ff}\u{391}-\u{3a1}\u{3b1}-\u{3c9}\u{430}-\u{44f}\u{4e00}-\u{4eff}\u{1f980}-\u{1f984}]";

/// So many of these letters.
#[expect(
    clippy::expect_used,
    reason = "a mistake in this file, found by its tests"
)]
fn text(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string::string_regex(pattern).expect("a regular expression")
}

fn line(most: usize) -> impl Strategy<Value = String> {
    text(&format!("{LINE}{{1,{most}}}")).prop_filter_map("not blank", |text: String| {
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(text)
    })
}

/// Ids of one kind, any UUID.
fn ids<T: std::fmt::Debug>(make: fn(Uuid) -> T) -> impl Strategy<Value = T> {
    any::<u128>().prop_map(move |number| make(Uuid::from_u128(number)))
}

/// Ids of users.
pub fn user_ids() -> impl Strategy<Value = UserId> {
    ids(UserId::from_uuid)
}

/// Ids of sessions.
pub fn session_ids() -> impl Strategy<Value = SessionId> {
    ids(SessionId::from_uuid)
}

/// Ids of audit events.
pub fn audit_event_ids() -> impl Strategy<Value = AuditEventId> {
    ids(AuditEventId::from_uuid)
}

/// Moments from 1970 to 2200, to the microsecond.
pub fn timestamps() -> impl Strategy<Value = Timestamp> {
    const YEAR_2200: i64 = 7_258_118_400_000_000;
    (0..YEAR_2200).prop_filter_map("a moment", Timestamp::from_timestamp_micros)
}

/// Usernames.
pub fn usernames() -> impl Strategy<Value = Username> {
    "[A-Za-z][A-Za-z0-9._-]{2,31}".prop_filter_map("a username", |text| Username::parse(&text).ok())
}

/// E-mail addresses.
pub fn email_addresses() -> impl Strategy<Value = EmailAddress> {
    let local = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\\.[A-Za-z0-9_+-]{1,20})?";
    let domain = "[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?\\.[A-Za-z]{2,6}";
    text(&format!("{local}@{domain}"))
        .prop_filter_map("an address", |text| EmailAddress::parse(&text).ok())
}

/// Names of persons.
pub fn person_names() -> impl Strategy<Value = PersonName> {
    line(100).prop_filter_map("a name", |text| PersonName::parse(&text).ok())
}

/// Phone numbers.
pub fn phone_numbers() -> impl Strategy<Value = PhoneNumber> {
    "\\+[1-9][0-9]{6,14}".prop_filter_map("a number", |text| PhoneNumber::parse(&text).ok())
}

/// Ids in another system.
pub fn external_ids() -> impl Strategy<Value = ExternalId> {
    line(255).prop_filter_map("an id", |text| ExternalId::parse(&text).ok())
}

/// Metadata of up to ten entries.
pub fn metadata() -> impl Strategy<Value = Metadata> {
    collection::btree_map(line(40), line(60), 0..10)
        .prop_filter_map("metadata", |entries: BTreeMap<_, _>| {
            Metadata::parse(entries).ok()
        })
}

/// Versions of a user.
pub fn versions() -> impl Strategy<Value = Version> {
    (1..i64::MAX).prop_map(Version)
}

/// Numbers that void sessions.
pub fn auth_versions() -> impl Strategy<Value = AuthVersion> {
    (1..i64::MAX).prop_map(AuthVersion)
}

/// From where a command may come.
pub fn origins() -> impl Strategy<Value = Origin> {
    let agents = option::of(line(255));
    let requests = option::of("[0-9a-f-]{8,36}");
    (option::of(any::<IpAddr>()), agents, requests).prop_map(|(address, agent, request_id)| {
        Origin {
            address,
            user_agent: agent.and_then(|text| Origin::user_agent(&text)),
            request_id,
        }
    })
}

/// Who may have done something.
pub fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Anonymous),
        user_ids().prop_map(Actor::User),
        line(100).prop_map(|name| Actor::operator(&name)),
    ]
}

/// Audit events.
pub fn audit_events() -> impl Strategy<Value = AuditEvent> {
    let who = (actors(), option::of(user_ids()), option::of(session_ids()));
    let fields = collection::vec("[a-z_]{1,20}", 0..5);
    (
        audit_event_ids(),
        timestamps(),
        event_kinds(),
        who,
        origins(),
        fields,
    )
        .prop_map(
            |(id, at, kind, (actor, subject, session_id), origin, fields)| AuditEvent {
                id,
                at,
                kind,
                actor,
                subject,
                session_id,
                origin,
                fields,
            },
        )
}

/// Users, living, suspended and deleted, who have a username, an address or both.
pub fn users() -> impl Strategy<Value = User> {
    let named = (
        option::of(usernames()),
        option::of(email_addresses()),
        any::<bool>(),
    )
        .prop_filter("a username or an address", |(name, address, _)| {
            name.is_some() || address.is_some()
        });
    let person = (
        option::of(person_names()),
        option::of(person_names()),
        option::of(phone_numbers()),
        option::of(external_ids()),
    );
    let state = (
        roles(),
        any::<bool>(),
        any::<bool>(),
        metadata(),
        versions(),
    );
    let times = (
        timestamps(),
        timestamps(),
        option::of(timestamps()),
        option::weighted(0.2, timestamps()),
    );
    (user_ids(), named, person, state, times).prop_map(|(id, named, person, state, times)| {
        let (username, email, verified) = named;
        let (first_name, last_name, phone_number, external_id) = person;
        let (role, suspended, mfa_enabled, metadata, version) = state;
        let (created_at, updated_at, last_login_at, deleted_at) = times;
        User::from_record(UserRecord {
            id,
            username,
            email_verified: verified && email.is_some(),
            email,
            first_name,
            last_name,
            phone_number,
            role,
            suspended,
            mfa_enabled,
            external_id,
            metadata,
            version,
            created_at,
            updated_at: updated_at.max(created_at),
            last_login_at,
            deleted_at,
        })
    })
}

/// Sessions of a user, of any age and number.
pub fn sessions_of(user: UserId) -> impl Strategy<Value = Session> {
    let times = collection::vec(timestamps(), 4);
    (
        session_ids(),
        auth_versions(),
        token_hashes(),
        times,
        origins(),
        authentication_methods(),
    )
        .prop_filter_map(
            "four times",
            move |(id, auth_version, refresh_hash, mut times, origin, methods)| {
                times.sort_unstable();
                let [created_at, last_used_at, expires_at, ends_at] = times.try_into().ok()?;
                Some(Session {
                    id,
                    user_id: user,
                    auth_version,
                    refresh_hash,
                    created_at,
                    last_used_at,
                    expires_at,
                    ends_at,
                    origin,
                    methods,
                })
            },
        )
}

/// Texts that are searched for.
pub fn search_texts() -> impl Strategy<Value = SearchText> {
    text(&format!("{LINE}{{0,20}}"))
        .prop_filter_map("a search", |text| SearchText::parse(&text).ok())
}

/// Filters and orders of a list of users.
pub fn user_queries() -> impl Strategy<Value = UserQuery> {
    let filters = (
        option::of(search_texts()),
        option::of(roles()),
        option::of(statuses()),
    );
    let times = (option::of(timestamps()), option::of(timestamps()));
    let order = (user_sorts(), directions());
    (filters, option::of(any::<bool>()), times, order).prop_map(
        |(
            (search, role, status),
            email_verified,
            (created_from, created_to),
            (sort, direction),
        )| {
            UserQuery {
                search,
                role,
                status,
                email_verified,
                created_from,
                created_to,
                sort,
                direction,
            }
        },
    )
}

/// Filters of a list of events.
pub fn audit_queries() -> impl Strategy<Value = AuditQuery> {
    let times = (option::of(timestamps()), option::of(timestamps()));
    (
        option::of(actors()),
        option::of(user_ids()),
        option::of(event_kinds()),
        times,
    )
        .prop_map(|(actor, subject, kind, (from, to))| AuditQuery {
            actor,
            subject,
            kind,
            from,
            to,
        })
}

/// How many items a page may hold.
pub fn page_limits() -> impl Strategy<Value = PageLimit> {
    (1..=i64::from(PageLimit::MAX))
        .prop_filter_map("a limit", |number| PageLimit::parse(number).ok())
}

/// Pages that start at an offset.
pub fn page_requests() -> impl Strategy<Value = PageRequest> {
    (page_limits(), any::<u32>(), any::<bool>()).prop_map(|(limit, offset, count)| PageRequest {
        limit,
        start: PageStart::Offset(offset),
        count,
    })
}
