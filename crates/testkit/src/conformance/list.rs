//! The list of what is asked of a store: the one place where a check is entered.

use std::{future::Future, pin::Pin};

use super::StoreFactory;

/// A check as a value, for running the kit from a program of one's own;
/// [`store_conformance!`](crate::store_conformance) is the usual way.
#[derive(Debug, Clone, Copy)]
pub struct StoreCheck {
    /// The module that it stands in.
    pub group: &'static str,
    /// Its name, which says what it checks.
    pub name: &'static str,
    /// Runs it; panics where the store does not do what the name says.
    pub run: for<'a> fn(&'a dyn StoreFactory) -> RunningCheck<'a>,
}

/// A check under way.
pub type RunningCheck<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Hands the list of all checks to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! with_store_checks {
    ([$($then:tt)+] $with:tt) => {
        $($then)+! { @groups $with
            users:
                every_field_survives_a_round_trip
                an_update_writes_every_field
                nobody_is_found_where_there_is_nobody
                an_update_needs_the_current_version
                an_address_is_verified_while_it_is_the_users
                the_longest_deleted_are_listed_first
                times_keep_their_microseconds;
            identifiers:
                names_and_addresses_are_found_in_canonical_form
                the_deleted_are_found_by_id_alone
                names_and_addresses_are_unique_in_canonical_form
                external_ids_are_compared_exactly
                any_number_of_users_lack_an_identifier
                an_insert_names_all_taken_identifiers
                an_update_names_all_taken_identifiers
                ones_own_identifiers_are_not_taken
                identifiers_of_the_deleted_are_free
                a_restored_user_conflicts_with_the_living;
            credentials:
                a_new_user_has_the_given_hash_and_the_first_number
                a_long_hash_survives_a_round_trip
                a_sign_in_is_recorded_and_changes_nothing_else
                an_update_does_not_write_the_last_login
                an_update_ends_sessions_only_when_it_is_told_to
                a_new_password_raises_the_number_and_nothing_else
                a_password_is_set_only_under_the_expected_number
                the_deleted_and_the_unknown_get_no_password
                a_rehash_replaces_only_the_old_hash_and_ends_nothing
                ending_all_sessions_raises_the_number_and_nothing_else
                credentials_and_their_number_are_from_one_moment
                only_the_deleted_are_purged
                a_purge_takes_sessions_and_tokens_along
                events_of_the_purged_stay_without_personal_data;
            listing:
                every_order_agrees_with_the_domain
                every_filter_agrees_with_the_domain
                any_list_agrees_with_the_domain
                nothing_sorts_before_everything
                equal_keys_are_ordered_by_id;
            searching:
                every_search_agrees_with_the_domain
                a_search_is_literal
                a_search_ignores_case_and_unicode_form
                a_search_sees_what_an_update_wrote;
            pages:
                cursors_hold_while_rows_come_and_go
                a_walk_sees_every_row_that_stays_once
                pages_start_at_an_offset
                the_total_counts_all_that_match;
            sessions:
                a_session_is_found_with_its_user
                no_session_is_found_where_there_is_none
                an_ended_session_is_gone_with_its_tokens
                a_session_that_is_carried_over_outlives_the_others
                nobody_carries_over_the_session_of_another
                living_sessions_are_listed_last_used_first
                sessions_that_are_over_are_not_listed
                void_sessions_are_known_to_be_void
                sessions_that_are_over_are_removed_in_portions;
            refresh_tokens:
                an_unspent_refresh_token_leads_to_its_session
                a_rotation_moves_the_session_on
                a_rotation_revives_no_void_session
                every_spent_refresh_token_leads_to_its_session
                a_lost_rotation_changes_nothing;
            handed_out:
                a_handed_out_token_survives_a_round_trip
                a_token_is_found_for_its_purpose_alone
                a_new_token_voids_the_one_before
                a_token_that_was_asked_for_later_stays
                tokens_of_an_address_are_voided_together
                a_consumed_token_is_gone
                expired_tokens_are_found_until_they_are_removed
                challenges_stand_side_by_side;
            second_factors:
                a_factor_survives_a_round_trip
                a_confirmed_factor_is_not_replaced
                confirming_a_factor_is_seen_on_the_user
                an_update_does_not_write_the_second_factor
                a_step_is_spent_once
                a_recovery_code_is_used_once
                new_recovery_codes_void_the_others
                a_removed_factor_is_gone_with_its_codes
                an_unconfirmed_factor_is_removed_with_all_that_hangs_on_it
                one_of_many_confirms_a_factor;
            api_keys:
                a_key_is_found_with_its_owner
                keys_are_listed_oldest_first
                a_key_is_revoked_by_its_owner_alone
                all_keys_of_a_user_are_revoked_at_once
                a_key_that_is_being_stored_is_revoked_with_all
                the_last_use_of_a_key_is_noted
                a_revoked_key_is_refused_within_a_second
                a_change_of_a_keys_owner_is_seen_within_a_second;
            outbox:
                a_mail_survives_a_round_trip
                a_mail_is_stored_with_the_write_that_causes_it
                mails_are_listed_oldest_first
                mails_are_counted_by_state
                a_mail_is_due_when_it_can_be_claimed
                those_that_wait_longest_are_claimed_first
                a_claim_holds_until_its_lease_is_over
                a_claim_is_settled_as_told
                a_lost_claim_settles_nothing
                a_claim_of_before_a_retry_settles_nothing
                an_abandoned_mail_can_be_tried_again
                no_two_claims_get_the_same_mail;
            attempts:
                attempts_are_counted_as_the_rule_says
                a_blocked_attempt_is_not_counted
                old_attempts_are_forgotten
                attempts_of_one_key_do_not_count_for_another
                a_key_can_be_forgotten
                an_attempt_can_be_taken_back
                forgotten_attempts_are_removed_in_portions
                no_more_attempts_at_once_than_are_free;
            account_flows:
                a_dropped_unit_of_work_leaves_nothing_of_the_account_flows
                a_purge_takes_everything_else_along;
            audit:
                every_kind_of_event_survives_a_round_trip
                every_member_of_an_event_survives_a_round_trip
                events_are_listed_newest_first
                every_filter_of_events_agrees_with_the_domain
                cursors_of_events_hold_while_events_come;
            units_of_work:
                a_dropped_unit_of_work_leaves_no_trace
                nothing_is_visible_before_the_commit
                events_are_stored_with_the_write_and_not_without
                events_of_a_failed_write_are_not_stored
                after_a_conflict_a_unit_of_work_is_finished
                after_a_lost_race_a_unit_of_work_is_finished
                after_an_internal_error_a_unit_of_work_is_finished
                verbs_of_one_unit_of_work_see_each_other
                a_store_sees_its_own_commits_in_the_session_check_at_once
                a_store_sees_commits_of_another_in_the_session_check_within_a_second
                what_is_committed_is_there_when_the_store_is_opened_again;
            admins:
                the_last_administrator_stays
                one_of_two_administrators_can_go
                taking_an_administrator_away_needs_the_current_version
                after_the_last_administrator_a_unit_of_work_is_finished
                two_administrators_cannot_demote_each_other;
            concurrency:
                one_address_is_given_to_one_of_many
                a_name_goes_to_an_insert_or_to_an_update
                one_of_many_updates_of_a_version_wins
                no_update_is_lost
                one_of_many_new_passwords_wins
                one_of_many_rotations_wins
                one_of_many_consumes_a_token
                one_of_many_purges_counts;
            interruptions:
                a_unit_of_work_dropped_in_a_call_leaves_no_trace
                a_dropped_commit_is_done_wholly_or_not_at_all
                a_session_read_before_a_commit_is_not_remembered_after_it
                a_key_read_before_a_commit_is_not_remembered_after_it;
            load:
                many_at_once_are_all_served
                many_failures_leave_the_store_working;
        }
    };
}

macro_rules! as_values {
    (@groups () $($group:ident: $($check:ident)+;)+) => {
        vec![$($(StoreCheck {
            group: stringify!($group),
            name: stringify!($check),
            run: |factory| Box::pin(super::$group::$check(factory)),
        }),+),+]
    };
}

/// Every check, in the order of the documentation.
pub fn store_checks() -> Vec<StoreCheck> {
    crate::with_store_checks!([as_values]())
}

/// Makes a `#[test]` of each check, in the module where it stands. The
/// expression makes a new [`StoreFactory`](crate::conformance::StoreFactory)
/// for each of them; it may await, inside a tokio runtime.
///
/// ```
/// mod memory {
///     userhub_testkit::store_conformance!(userhub_testkit::MemoryStore::new());
/// }
/// ```
#[macro_export]
macro_rules! store_conformance {
    (@groups ($factory:expr) $($group:ident: $($check:ident)+;)+) => {
        $($crate::store_conformance! { @group ($factory) $group $($check)+ })+
    };
    (@group ($factory:expr) $group:ident $($check:ident)+) => {
        $($crate::conformance_test! { $check ($factory) $crate::conformance::$group::$check })+
    };
    ($factory:expr) => {
        $crate::with_store_checks! { [$crate::store_conformance] ($factory) }
    };
}

/// One named test of each check of a module.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($group:ident ($subject:expr) $($check:ident)+) => {
        $($crate::conformance_test! { $check ($subject) $crate::conformance::$group::$check })+
    };
}

/// One named test of one check.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_test {
    ($name:ident ($subject:expr) $($check:tt)+) => {
        #[test]
        fn $name() {
            $crate::conformance::on_a_runtime(|| async {
                let subject = $subject;
                $($check)+(&subject).await;
            });
        }
    };
}
