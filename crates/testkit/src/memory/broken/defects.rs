//! What can be wrong with a store, one thing at a time.

macro_rules! defects {
    ($($name:ident: $sentence:literal => $check:ident;)+) => {
        /// What is wrong with a broken store.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Defect { $($name),+ }

        /// Every defect: its sentence, and the check that must find it.
        pub(super) const DEFECTS: &[(Defect, &str, &str)] =
            &[$((Defect::$name, $sentence, stringify!($check))),+];
    };
}

defects! {
    // Users.
    TimesCutToMilliseconds: "times are cut to milliseconds" => times_keep_their_microseconds;
    MetadataLost: "an insert loses the metadata" => every_field_survives_a_round_trip;
    UpdateForgetsPhone: "an update does not write the phone number" => an_update_writes_every_field;
    PurgeAlwaysTrue: "a purge says that it did something when it did not" => nobody_is_found_where_there_is_nobody;
    VersionNotCompared: "an update does not compare the version" => an_update_needs_the_current_version;
    YoungestDeletedFirst: "the deleted are listed youngest first" => the_longest_deleted_are_listed_first;
    // Identifiers.
    LookupByCase: "usernames and addresses are looked up letter by letter" => names_and_addresses_are_found_in_canonical_form;
    UniqueByCase: "usernames and addresses are unique letter by letter" => names_and_addresses_are_unique_in_canonical_form;
    DeletedFoundByName: "the deleted are found by name and address" => the_deleted_are_found_by_id_alone;
    DeletedKeepIdentifiers: "the deleted keep their identifiers" => identifiers_of_the_deleted_are_free;
    ExternalIdsFolded: "external ids are compared without their case" => external_ids_are_compared_exactly;
    MissingCollide: "two users cannot both lack an external id" => any_number_of_users_lack_an_identifier;
    OnlyFirstTakenNamed: "only the first taken identifier is named" => an_insert_names_all_taken_identifiers;
    TakenFoundByReaderAlone: "an update names none of the taken identifiers" => an_update_names_all_taken_identifiers;
    OwnIdentifiersTaken: "a user's own identifiers count as taken" => ones_own_identifiers_are_not_taken;
    UpdateTakesAnything: "an update may take what is taken" => a_restored_user_conflicts_with_the_living;
    UniqueBeforeItsTurn: "what is taken is looked up before the unit of work has its turn" => one_address_is_given_to_one_of_many;
    // Credentials.
    FirstNumberIsZero: "a new user has the number 0" => a_new_user_has_the_given_hash_and_the_first_number;
    HashesCut: "hashes are cut to 255 bytes" => a_long_hash_survives_a_round_trip;
    LoginMovesVersion: "a sign-in moves the version on" => a_sign_in_is_recorded_and_changes_nothing_else;
    UpdateWritesLastLogin: "an update writes the last login" => an_update_does_not_write_the_last_login;
    UpdateAlwaysEnds: "every update ends the sessions" => an_update_ends_sessions_only_when_it_is_told_to;
    PasswordKeepsNumber: "a new password does not raise the number" => a_new_password_raises_the_number_and_nothing_else;
    NumberNotCompared: "a new password does not compare the number" => a_password_is_set_only_under_the_expected_number;
    DeletedGetPasswords: "the deleted get new passwords" => the_deleted_and_the_unknown_get_no_password;
    RehashUnconditional: "a rehash replaces any hash" => a_rehash_replaces_only_the_old_hash_and_ends_nothing;
    EndAllDoesNothing: "ending all sessions does nothing" => ending_all_sessions_raises_the_number_and_nothing_else;
    CredentialsReadTwice: "the hash and its number are read one after the other" => credentials_and_their_number_are_from_one_moment;
    PurgesTheLiving: "a purge removes the living" => only_the_deleted_are_purged;
    PurgeLeavesSessions: "a purge leaves the sessions" => a_purge_takes_sessions_and_tokens_along;
    PurgeLeavesTokens: "a purge leaves the handed-out tokens" => a_purge_takes_sessions_and_tokens_along;
    PurgeLeavesPersonalData: "a purge leaves addresses and user agents in the events" => events_of_the_purged_stay_without_personal_data;
    PurgeForgetsTheActor: "a purge leaves them where the purged was the actor" => events_of_the_purged_stay_without_personal_data;
    PurgeRemovesEvents: "a purge removes the events" => events_of_the_purged_stay_without_personal_data;
    // Lists.
    NullsLargest: "nothing sorts after everything" => nothing_sorts_before_everything;
    OrderByCase: "usernames are sorted with their case" => every_order_agrees_with_the_domain;
    TiesDoNotTurn: "ties are in the order of the id in both directions" => equal_keys_are_ordered_by_id;
    CreatedToInclusive: "the end of a time span belongs to it" => every_filter_agrees_with_the_domain;
    StatusWithoutSuspended: "a list without a status leaves the suspended out" => any_list_agrees_with_the_domain;
    SearchIsPattern: "a search is a LIKE pattern" => a_search_is_literal;
    SearchFoldsAscii: "a search ignores the case of ASCII letters only" => a_search_ignores_case_and_unicode_form;
    SearchTextStale: "an update does not write the searched text" => a_search_sees_what_an_update_wrote;
    SearchWithoutAddress: "a search leaves the addresses out" => every_search_agrees_with_the_domain;
    CursorNeedsItsRow: "a cursor whose row is gone leads to the end" => cursors_hold_while_rows_come_and_go;
    CursorRepeats: "a page repeats the row of its cursor" => a_walk_sees_every_row_that_stays_once;
    CursorIsOffset: "a cursor counts rows" => cursors_hold_while_rows_come_and_go;
    OffsetIgnored: "the offset is ignored" => pages_start_at_an_offset;
    TotalCountsPage: "the total counts the page" => the_total_counts_all_that_match;
    // Sessions.
    SessionForgetsAgent: "a session loses its user agent" => a_session_is_found_with_its_user;
    RotateAlwaysTrue: "every rotation wins" => a_lost_rotation_changes_nothing;
    EndAlwaysTrue: "ending no session counts as ending one" => no_session_is_found_where_there_is_none;
    UnspentReadAsSpent: "an unspent refresh token reads as spent" => an_unspent_refresh_token_leads_to_its_session;
    RotationKeepsExpiry: "a rotation does not move the expiry" => a_rotation_moves_the_session_on;
    OnlyLastSpentKnown: "only the last spent refresh token is remembered" => every_spent_refresh_token_leads_to_its_session;
    EndIgnoresOwner: "anybody's session can be ended" => an_ended_session_is_gone_with_its_tokens;
    CarryOverDoesNothing: "no session is carried over" => a_session_that_is_carried_over_outlives_the_others;
    CarryOverIgnoresOwner: "anybody's session can be carried over" => nobody_carries_over_the_session_of_another;
    LongestUnusedFirst: "sessions are listed last used last" => living_sessions_are_listed_last_used_first;
    ExpiredListed: "expired sessions are listed" => sessions_that_are_over_are_not_listed;
    VoidSessionsPass: "the session check does not see the number" => void_sessions_are_known_to_be_void;
    RemovalWithoutVoid: "only expired sessions are removed" => sessions_that_are_over_are_removed_in_portions;
    RemovalWithoutLimit: "the limit of a removal is ignored" => sessions_that_are_over_are_removed_in_portions;
    // Tokens that are handed out.
    TokenForgetsNumber: "a handed-out token loses its number" => a_handed_out_token_survives_a_round_trip;
    PurposeIgnored: "a token is good for any purpose" => a_token_is_found_for_its_purpose_alone;
    ReplaceKeepsEarlier: "a new token leaves the one before" => a_new_token_voids_the_one_before;
    ConsumeTwice: "a token is consumed twice" => a_consumed_token_is_gone;
    TokensNeverRemoved: "expired tokens are not removed" => expired_tokens_are_found_until_they_are_removed;
    // Events.
    KindsRunTogether: "two kinds of events are stored as one" => every_kind_of_event_survives_a_round_trip;
    EventFieldsLost: "the fields of an event are lost" => every_member_of_an_event_survives_a_round_trip;
    EventsOldestFirst: "events are listed oldest first" => events_are_listed_newest_first;
    EventActorIgnored: "the filter by actor is ignored" => every_filter_of_events_agrees_with_the_domain;
    EventCursorIsOffset: "a cursor counts events" => cursors_of_events_hold_while_events_come;
    EventsLost: "events are not stored" => events_are_stored_with_the_write_and_not_without;
    EventsOfFailedWork: "events are stored although the work failed" => events_of_a_failed_write_are_not_stored;
    // Units of work.
    DropCommits: "a dropped unit of work is committed" => a_dropped_unit_of_work_leaves_no_trace;
    VisibleBeforeCommit: "writes are seen before they are committed" => nothing_is_visible_before_the_commit;
    ReadersWait: "readers wait for writers" => nothing_is_visible_before_the_commit;
    GoesOnAfterTaken: "a unit of work goes on after a taken identifier" => after_a_conflict_a_unit_of_work_is_finished;
    GoesOnAfterStale: "a unit of work goes on after a lost race" => after_a_lost_race_a_unit_of_work_is_finished;
    GoesOnAfterLastAdmin: "a unit of work goes on after the last administrator" => after_the_last_administrator_a_unit_of_work_is_finished;
    VerbsSeeTheCommitted: "an update sees only what was committed" => verbs_of_one_unit_of_work_see_each_other;
    PrincipalsCached: "the session check does not see the store's own commits" => a_store_sees_its_own_commits_in_the_session_check_at_once;
    PrincipalsCachedPerStore: "the session check never sees commits of other stores" => a_store_sees_commits_of_another_in_the_session_check_within_a_second;
    NothingKept: "the content goes with the last store" => what_is_committed_is_there_when_the_store_is_opened_again;
    TurnRefused: "who would wait for a turn is refused" => many_at_once_are_all_served;
    TurnsLeak: "a turn that failed is not given back" => many_failures_leave_the_store_working;
    // Administrators.
    NoAdminGuard: "the last administrator can go" => the_last_administrator_stays;
    GuardCountsTheSuspended: "suspended administrators count as working ones" => the_last_administrator_stays;
    GuardAlwaysRefuses: "no administrator can go" => one_of_two_administrators_can_go;
    GuardIgnoresVersion: "taking an administrator away does not compare the version" => taking_an_administrator_away_needs_the_current_version;
    GuardBeforeItsTurn: "the other administrators are counted before the unit of work has its turn" => two_administrators_cannot_demote_each_other;
    // Races.
    VersionBeforeItsTurn: "the version is compared before the unit of work has its turn" => no_update_is_lost;
    NumberBeforeItsTurn: "the number is compared before the unit of work has its turn" => one_of_many_new_passwords_wins;
    RotationBeforeItsTurn: "the refresh token is compared before the unit of work has its turn" => one_of_many_rotations_wins;
    TokenBeforeItsTurn: "the token is looked up before the unit of work has its turn" => one_of_many_consumes_a_token;
    PurgeBeforeItsTurn: "the deleted are looked up before the unit of work has its turn" => one_of_many_purges_counts;
}
