use super::*;
use crate::{
    api_keys::ApiKeyName,
    secret::{RawToken, TokenPurpose},
    users::{Metadata, UserRecord, Version},
};

fn somebody(role: Role) -> User {
    User::from_record(UserRecord {
        id: UserId::from_uuid(uuid::Uuid::from_u128(7)),
        username: None,
        email: None,
        email_verified: false,
        first_name: None,
        last_name: None,
        phone_number: None,
        role,
        suspended: false,
        mfa_enabled: false,
        external_id: None,
        metadata: Metadata::default(),
        version: Version::FIRST,
        created_at: crate::clock::Timestamp::UNIX_EPOCH,
        updated_at: crate::clock::Timestamp::UNIX_EPOCH,
        last_login_at: None,
        deleted_at: None,
    })
}

fn code<T>(result: Result<T>) -> &'static str {
    result.err().expect("refused").code()
}

#[test]
fn only_an_administrator_is_one_and_is_recorded_by_id() {
    let user = SignedIn::trust(somebody(Role::User));
    assert_eq!(code(user.require_admin()), "forbidden");
    let admin = SignedIn::trust(somebody(Role::Admin));
    let proof = admin.require_admin().expect("an administrator");
    assert_eq!(proof.actor(), &Actor::User(admin.id()));
    assert_eq!(proof.actor(), &admin.actor());
}

#[test]
fn only_a_session_proves_a_session() {
    let id = SessionId::from_uuid(uuid::Uuid::from_u128(9));
    let by_session = SignedIn::by_session(somebody(Role::User), id);
    let proof = by_session.require_session().expect("a session");
    assert_eq!(proof.session_id(), id);
    assert_eq!(proof.signed_in(), &by_session);
    let trusted = SignedIn::trust(somebody(Role::Admin));
    assert_eq!(trusted.session_id(), None);
    assert_eq!(code(trusted.require_session()), "session_required");
}

fn by_key(role: Role, scopes: &[&str]) -> SignedIn {
    let user = somebody(role);
    let token = RawToken::from_bytes(TokenPurpose::ApiKey, [7; 32]);
    let key = ApiKey {
        id: ApiKeyId::from_uuid(uuid::Uuid::from_u128(5)),
        user_id: user.id,
        name: ApiKeyName::parse("backup").expect("a name"),
        prefix: token.shown(12),
        hash: token.hash(),
        scopes: Scopes::parse(scopes.iter().copied()).expect("scopes"),
        created_at: user.created_at,
        expires_at: None,
        last_used_at: None,
    };
    SignedIn::by_key(user, &key)
}

#[test]
fn a_key_proves_what_its_scopes_say_and_no_person() {
    let names = |caller: &SignedIn| (caller.session_id(), caller.api_key_id());
    for (scopes, can_read, can_write) in [
        (vec!["read"], true, false),
        (vec!["write"], false, true),
        (vec!["read", "write"], true, true),
    ] {
        let admin = by_key(Role::Admin, &scopes);
        let id = ApiKeyId::from_uuid(uuid::Uuid::from_u128(5));
        assert_eq!(names(&admin), (None, Some(id)));
        assert_eq!(admin.require(Scope::Read).is_ok(), can_read);
        assert_eq!(admin.require(Scope::Write).is_ok(), can_write);
        assert_eq!(admin.require_admin_reader().is_ok(), can_read);
        assert_eq!(admin.require_admin().is_ok(), can_write);
        assert_eq!(code(admin.require_person()), "session_required");
        assert_eq!(code(admin.require_session()), "session_required");
        assert_eq!(admin.actor(), Actor::User(admin.id()));
        let user = by_key(Role::User, &scopes);
        assert_eq!(code(user.require_admin()), "forbidden");
        assert_eq!(code(user.require_admin_reader()), "forbidden");
    }
    let read = by_key(Role::Admin, &["read"]);
    assert_eq!(code(read.require_admin()), "forbidden");
}

#[test]
fn people_have_every_scope() {
    let id = SessionId::from_uuid(uuid::Uuid::from_u128(9));
    for person in [
        SignedIn::trust(somebody(Role::Admin)),
        SignedIn::by_session(somebody(Role::Admin), id),
    ] {
        assert_eq!(person.api_key_id(), None);
        for scope in Scope::ALL {
            person.require(scope).expect("a person");
        }
        person.require_person().expect("a person");
        let reader = person.require_admin_reader().expect("an administrator");
        assert_eq!(reader.actor(), &person.actor());
        let admin = person.require_admin().expect("an administrator");
        let read_as: &AdminReader = &admin;
        assert_eq!(read_as, &reader);
    }
}

#[test]
fn an_operator_is_recorded_by_a_name_that_can_be_read_back() {
    let jobs = Admin::operator("nightly-import");
    assert_eq!(jobs.actor(), &Actor::Operator("nightly-import".to_owned()));
    let odd = Admin::operator(" a\nb\0 ");
    assert_eq!(odd.actor(), &Actor::Operator("ab".to_owned()));
    let nobody = Admin::operator(" ");
    assert_eq!(nobody.actor(), &Actor::Operator("unnamed".to_owned()));
}
