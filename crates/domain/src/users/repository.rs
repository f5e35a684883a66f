//! The ports through which users are stored.

use async_trait::async_trait;

use super::{AuthVersion, EmailAddress, PasswordHash, User, UserId, UserQuery, Username, Version};
use crate::{
    clock::Timestamp,
    error::{Identifier, Result},
    page::{Page, PageRequest},
};

/// By what a user is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UserKey {
    /// By id, deleted ones too.
    Id(UserId),
    /// By the canonical username, among the living.
    Username(Username),
    /// By the canonical address, among the living.
    Email(EmailAddress),
}

impl UserKey {
    /// From what somebody types to sign in: with an `@` an address, otherwise
    /// a username; blanks around it are cut. `None` where it can be neither.
    pub fn parse_identifier(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        if text.contains('@') {
            EmailAddress::parse(text).ok().map(Self::Email)
        } else {
            Username::parse(text).ok().map(Self::Username)
        }
    }
}

/// What opens an account, read in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The stored form of the password.
    pub password_hash: PasswordHash,
    /// The `auth_version` that belongs to this hash.
    pub auth_version: AuthVersion,
}

/// Reads users. Every answer is from one moment and holds only what was
/// committed; only the total of a page may be of another moment than the page.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserReader: Send + Sync {
    /// The user of a key. Names and addresses are compared in canonical form
    /// and find only the living; an id finds the deleted too.
    ///
    /// # Obligations
    /// - Every member comes back as it was written:
    ///   `every_field_survives_a_round_trip`.
    /// - Keys are compared in canonical form and otherwise exactly:
    ///   `names_and_addresses_are_found_in_canonical_form`.
    /// - A deleted user is found by id alone: `the_deleted_are_found_by_id_alone`.
    /// - Nobody is `None`, not an error: `nobody_is_found_where_there_is_nobody`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find(&self, key: &UserKey) -> Result<Option<User>>;

    /// The user and what opens the account, from one moment.
    ///
    /// # Obligations
    /// - Hash and number belong together, whoever writes meanwhile:
    ///   `credentials_and_their_number_are_from_one_moment`.
    /// - The hash comes back letter by letter, however long:
    ///   `a_long_hash_survives_a_round_trip`.
    /// - Keys find as in [`find`](Self::find):
    ///   `names_and_addresses_are_found_in_canonical_form`,
    ///   `the_deleted_are_found_by_id_alone`,
    ///   `nobody_is_found_where_there_is_nobody`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find_with_credentials(&self, key: &UserKey) -> Result<Option<(User, Credentials)>>;

    /// A page of the users that match, as [`UserQuery::matches`] has it, in the
    /// order of [`UserQuery::sort_key`]; `id` breaks ties.
    ///
    /// # Obligations
    /// - Filters agree with [`UserQuery::matches`]:
    ///   `every_filter_agrees_with_the_domain`.
    /// - The search agrees with it too: literal, whatever the case and the form
    ///   of Unicode, and up to date: `every_search_agrees_with_the_domain`,
    ///   `a_search_is_literal`, `a_search_ignores_case_and_unicode_form`,
    ///   `a_search_sees_what_an_update_wrote`.
    /// - The order agrees with [`UserQuery::sort_key`]: text by byte, null the
    ///   smallest, ties by id, all of it turned when descending:
    ///   `every_order_agrees_with_the_domain`,
    ///   `nothing_sorts_before_everything`, `equal_keys_are_ordered_by_id`.
    /// - All of that holds in any mixture: `any_list_agrees_with_the_domain`.
    /// - A cursor goes on after its place, whatever came or went; it is always
    ///   one of this query, as [`UserQuery::parse_cursor`] sees to:
    ///   `cursors_hold_while_rows_come_and_go`,
    ///   `a_walk_sees_every_row_that_stays_once`.
    /// - An offset skips that many: `pages_start_at_an_offset`.
    /// - The total counts all that match, where it is asked for:
    ///   `the_total_counts_all_that_match`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn list(&self, query: &UserQuery, page: &PageRequest) -> Result<Page<User>>;

    /// Which identifiers of `user` belong to another living user, in the order
    /// of [`Identifier::ALL`].
    ///
    /// # Obligations
    /// - All of them are named: `an_insert_names_all_taken_identifiers`.
    /// - The user's own do not count: `ones_own_identifiers_are_not_taken`.
    /// - Neither do those of the deleted, nor absent ones:
    ///   `identifiers_of_the_deleted_are_free`,
    ///   `any_number_of_users_lack_an_identifier`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn taken_identifiers(&self, user: &User) -> Result<Vec<Identifier>>;

    /// At most `limit` users that were deleted strictly before a moment, the
    /// longest deleted first.
    ///
    /// # Obligations
    /// - Only those before the moment, in that order, and no more than asked
    ///   for: `the_longest_deleted_are_listed_first`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn list_deleted_before(&self, at: Timestamp, limit: u32) -> Result<Vec<UserId>>;
}

/// What an update does to the sessions and handed-out tokens of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsAfter {
    /// They go on.
    Keep,
    /// They are void: the same UPDATE raises `auth_version`.
    End,
}

/// Writes users, in a unit of work.
///
/// An identifier that another living user has makes every verb that writes
/// identifiers fail with [`Conflict::Taken`](crate::error::Conflict::Taken),
/// naming all that are taken.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserWriter: Send + Sync {
    /// Stores a new user with [`AuthVersion::FIRST`].
    ///
    /// # Obligations
    /// - Every member is stored: `every_field_survives_a_round_trip`; times to
    ///   the microsecond, here and everywhere: `times_keep_their_microseconds`.
    /// - The hash is the given one, the number the first:
    ///   `a_new_user_has_the_given_hash_and_the_first_number`.
    /// - Identifiers are unique among the living: names and addresses in
    ///   canonical form, external ids exactly; any number of users lack one:
    ///   `names_and_addresses_are_unique_in_canonical_form`,
    ///   `external_ids_are_compared_exactly`,
    ///   `identifiers_of_the_deleted_are_free`,
    ///   `any_number_of_users_lack_an_identifier`.
    /// - All that are taken are named: `an_insert_names_all_taken_identifiers`.
    /// - Of many at once one gets an identifier:
    ///   `one_address_is_given_to_one_of_many`,
    ///   `a_name_goes_to_an_insert_or_to_an_update`.
    ///
    /// # Errors
    /// [`Conflict::Taken`](crate::error::Conflict::Taken); `storage_unavailable`.
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<()>;

    /// Writes every member but `last_login_at` and `mfa_enabled`, where the stored
    /// version is still `expected`.
    ///
    /// # Obligations
    /// - Every member is written, the new version too, and neither the last
    ///   sign-in nor the second factor: `an_update_writes_every_field`,
    ///   `an_update_does_not_write_the_last_login`,
    ///   `an_update_does_not_write_the_second_factor`.
    /// - It is compare-and-set on the version, with one winner; whoever lost is
    ///   `Stale`, also where he takes what is taken:
    ///   `an_update_needs_the_current_version`,
    ///   `one_of_many_updates_of_a_version_wins`, `no_update_is_lost`.
    /// - `auth_version` is raised when it is asked for and only then:
    ///   `an_update_ends_sessions_only_when_it_is_told_to`.
    /// - Identifiers stay unique, also when a deleted user comes back, and all
    ///   that are taken are named: `an_update_names_all_taken_identifiers`,
    ///   `a_restored_user_conflicts_with_the_living`,
    ///   `ones_own_identifiers_are_not_taken`.
    ///
    /// # Errors
    /// [`Conflict::Stale`](crate::error::Conflict::Stale) where it is not, or
    /// there is no such user; [`Conflict::Taken`](crate::error::Conflict::Taken);
    /// `storage_unavailable`.
    async fn update(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()>;

    /// As [`update`](Self::update), where the change takes away a working
    /// administrator. Takes turns with every other such change.
    ///
    /// # Obligations
    /// - Somebody who is an administrator, not suspended and not deleted is
    ///   left, or nothing happens: `the_last_administrator_stays`,
    ///   `one_of_two_administrators_can_go`.
    /// - That holds when two go at once, through two stores on one database:
    ///   `two_administrators_cannot_demote_each_other`. A condition in the
    ///   UPDATE is not enough for it; a lock that both take first is.
    /// - The version counts as in [`update`](Self::update), and first: whoever
    ///   lost is `Stale`, also where he takes the last one away:
    ///   `taking_an_administrator_away_needs_the_current_version`. Of `Taken` and
    ///   `LastAdmin` either may be told.
    ///
    /// # Errors
    /// [`Conflict::LastAdmin`](crate::error::Conflict::LastAdmin) where no
    /// other working administrator would be left; those of
    /// [`update`](Self::update).
    async fn update_keeping_an_admin(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()>;

    /// Sets a new password and raises `auth_version`, where it is still
    /// `expected` and the user is not deleted; gives the new number.
    ///
    /// # Obligations
    /// - Hash and number change, and nothing else:
    ///   `a_new_password_raises_the_number_and_nothing_else`.
    /// - It is compare-and-set on the number, with one winner:
    ///   `a_password_is_set_only_under_the_expected_number`,
    ///   `one_of_many_new_passwords_wins`.
    /// - The deleted and the unknown are refused:
    ///   `the_deleted_and_the_unknown_get_no_password`.
    ///
    /// # Errors
    /// [`Conflict::Stale`](crate::error::Conflict::Stale) where it is not;
    /// `storage_unavailable`.
    async fn set_password(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion>;

    /// Notes that an address is the user's, where it still is and the user is
    /// not deleted: `email_verified`, and with it `version` and `updated_at`
    /// move. True also where it was noted before, which moves nothing.
    ///
    /// # Obligations
    /// - Those members alone, of a user with this address in canonical form who
    ///   is not deleted, but may be suspended: `an_address_is_verified_while_it_is_the_users`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn verify_email(&self, id: UserId, email: &EmailAddress, at: Timestamp) -> Result<bool>;

    /// Replaces a hash by one of the same password, where it is still the old
    /// one; otherwise does nothing, which is no error. Ends nothing.
    ///
    /// # Obligations
    /// - It is compare-and-set on the hash, and neither version, number nor any
    ///   member moves: `a_rehash_replaces_only_the_old_hash_and_ends_nothing`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn rehash(&self, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()>;

    /// Raises `auth_version`: every session and handed-out token is void. Nobody
    /// may be an error or be passed over.
    ///
    /// # Obligations
    /// - The number moves and nothing else, of this user alone:
    ///   `ending_all_sessions_raises_the_number_and_nothing_else`.
    /// - No session of before is in force any more:
    ///   `void_sessions_are_known_to_be_void`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn end_all_sessions(&self, id: UserId) -> Result<()>;

    /// Notes a sign-in in `last_login_at`; touches nothing else. False where
    /// there is no such user. Whether a deleted one counts as there, and whether
    /// an earlier moment takes the place of a later one: either.
    ///
    /// # Obligations
    /// - That member moves, not `version`, `updated_at` or any other, and nobody
    ///   is false: `a_sign_in_is_recorded_and_changes_nothing_else`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn record_login(&self, id: UserId, at: Timestamp) -> Result<bool>;

    /// Removes a deleted user with all that hangs on it, and the personal data
    /// (address, user agent) in audit events about or by it; false where there
    /// is no such deleted user.
    ///
    /// # Obligations
    /// - The living stay: `only_the_deleted_are_purged`.
    /// - Sessions, spent refresh tokens and handed-out tokens go too:
    ///   `a_purge_takes_sessions_and_tokens_along`.
    /// - So do second factor, recovery codes, API keys and mails to be sent:
    ///   `a_purge_takes_everything_else_along`.
    /// - Events stay, without what tells where somebody was:
    ///   `events_of_the_purged_stay_without_personal_data`.
    /// - Of many at once one gets true: `one_of_many_purges_counts`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn purge(&self, id: UserId) -> Result<bool>;
}
