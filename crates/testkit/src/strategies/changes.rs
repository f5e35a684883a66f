//! What is asked of users and of lists of them: keys, changes and places.

use proptest::{collection, option, prelude::*};
use userhub_domain::{
    page::{Cursor, PageStart, SortKey},
    users::{
        AdminChanges, Change, EmailAddress, MetadataPatch, ProfileChanges, UserKey, UserQuery,
        UserSort, Username,
    },
};
use uuid::Uuid;

use super::{
    email_addresses, external_ids, line, person_names, phone_numbers, roles, timestamps, user_ids,
    usernames,
};

/// By what a user may be found.
pub fn user_keys() -> impl Strategy<Value = UserKey> {
    prop_oneof![
        user_ids().prop_map(UserKey::Id),
        usernames().prop_map(UserKey::Username),
        email_addresses().prop_map(UserKey::Email),
    ]
}

/// What a patch may do to a member of such values.
pub fn changes_to<S>(values: S) -> impl Strategy<Value = Change<S::Value>>
where
    S: Strategy,
    S::Value: Clone,
{
    prop_oneof![
        Just(Change::Keep),
        Just(Change::Clear),
        values.prop_map(Change::Set),
    ]
}

/// Patches of metadata of up to ten entries.
pub fn metadata_patches() -> impl Strategy<Value = MetadataPatch> {
    collection::btree_map(line(40), option::of(line(60)), 0..10)
}

/// What people may change on their own account.
pub fn profile_changes() -> impl Strategy<Value = ProfileChanges> {
    (
        changes_to(usernames()),
        changes_to(person_names()),
        changes_to(person_names()),
        changes_to(phone_numbers()),
    )
        .prop_map(
            |(username, first_name, last_name, phone_number)| ProfileChanges {
                username,
                first_name,
                last_name,
                phone_number,
            },
        )
}

/// What administrators may change besides.
pub fn admin_changes() -> impl Strategy<Value = AdminChanges> {
    (
        changes_to(email_addresses()),
        option::of(any::<bool>()),
        option::of(roles()),
        option::of(any::<bool>()),
        changes_to(external_ids()),
        changes_to(metadata_patches()),
    )
        .prop_map(
            |(email, email_verified, role, is_active, external_id, metadata)| AdminChanges {
                email,
                email_verified,
                role,
                is_active,
                external_id,
                metadata,
            },
        )
}

/// Keys of users under an order.
pub fn sort_keys_by(sort: UserSort) -> impl Strategy<Value = SortKey> {
    match sort {
        UserSort::CreatedAt | UserSort::UpdatedAt => {
            timestamps().prop_map(|at| SortKey::Time(Some(at))).boxed()
        }
        UserSort::LastLoginAt => option::of(timestamps()).prop_map(SortKey::Time).boxed(),
        UserSort::Username => option::of(usernames())
            .prop_map(|name| SortKey::Text(name.as_ref().map(Username::canonical)))
            .boxed(),
        UserSort::Email => option::of(email_addresses())
            .prop_map(|email| SortKey::Text(email.as_ref().map(EmailAddress::canonical)))
            .boxed(),
    }
}

/// Places in a list of users, whether somebody is there or not.
pub fn cursors_in(query: &UserQuery) -> impl Strategy<Value = Cursor> + use<> {
    let list = query.fingerprint();
    (sort_keys_by(query.sort), any::<u128>())
        .prop_map(move |(key, id)| Cursor::after(list, key, Uuid::from_u128(id)))
}

/// Where pages of a list of users may start: at offsets and after cursors.
pub fn page_starts_in(query: &UserQuery) -> impl Strategy<Value = PageStart> + use<> {
    prop_oneof![
        any::<u32>().prop_map(PageStart::Offset),
        cursors_in(query).prop_map(PageStart::After),
    ]
}
