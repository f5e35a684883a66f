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
    TakenBeforeStale: "what is taken is told before a lost race" => an_update_needs_the_current_version;
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
    NobodySignsIn: "a sign-in of nobody counts as recorded" => a_sign_in_is_recorded_and_changes_nothing_else;
    UpdateWritesLastLogin: "an update writes the last login" => an_update_does_not_write_the_last_login;
    UpdateAlwaysEnds: "every update ends the sessions" => an_update_ends_sessions_only_when_it_is_told_to;
    PasswordKeepsNumber: "a new password does not raise the number" => a_new_password_raises_the_number_and_nothing_else;
    PasswordTakesSecondFactor: "a new password clears the second factor" => a_new_password_raises_the_number_and_nothing_else;
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
    AnyAddressVerified: "any address counts as the user's when it is verified" => an_address_is_verified_while_it_is_the_users;
    AddressComparedByCase: "an address that is verified is compared letter by letter" => an_address_is_verified_while_it_is_the_users;
    VerifyingRefusesSuspended: "no address of the suspended is verified" => an_address_is_verified_while_it_is_the_users;
    VerifyingKeepsVersion: "verifying an address does not move the version" => an_address_is_verified_while_it_is_the_users;
    VerifyingMovesAlways: "verifying an address again moves the version again" => an_address_is_verified_while_it_is_the_users;
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
    SessionForgetsMethods: "a session forgets how its owner was authenticated" => a_session_is_found_with_its_user;
    RotateAlwaysTrue: "every rotation wins" => a_lost_rotation_changes_nothing;
    EndAlwaysTrue: "ending no session counts as ending one" => no_session_is_found_where_there_is_none;
    UnspentReadAsSpent: "an unspent refresh token reads as spent" => an_unspent_refresh_token_leads_to_its_session;
    RotationKeepsExpiry: "a rotation does not move the expiry" => a_rotation_moves_the_session_on;
    RotationForgetsMethods: "a rotation overwrites how the owner was authenticated" => a_rotation_moves_the_session_on;
    RotationForgetsAgent: "a rotation overwrites the user agent" => a_rotation_moves_the_session_on;
    RotationRevives: "a rotation gives a void session the user's number" => a_rotation_revives_no_void_session;
    OnlyLastSpentKnown: "only the last spent refresh token is remembered" => every_spent_refresh_token_leads_to_its_session;
    EndIgnoresOwner: "anybody's session can be ended" => an_ended_session_is_gone_with_its_tokens;
    CarryOverDoesNothing: "no session is carried over" => a_session_that_is_carried_over_outlives_the_others;
    CarryOverIsAUse: "carrying a session over counts as its last use" => a_session_that_is_carried_over_outlives_the_others;
    CarryOverIgnoresOwner: "anybody's session can be carried over" => nobody_carries_over_the_session_of_another;
    LongestUnusedFirst: "sessions are listed last used last" => living_sessions_are_listed_last_used_first;
    ExpiredListed: "expired sessions are listed" => sessions_that_are_over_are_not_listed;
    VoidSessionsPass: "the session check does not see the number" => void_sessions_are_known_to_be_void;
    RemovalWithoutVoid: "only expired sessions are removed" => sessions_that_are_over_are_removed_in_portions;
    RemovalTakesTheSuspended: "sessions of the suspended are removed" => sessions_that_are_over_are_removed_in_portions;
    RemovalTakesTheLastMoment: "a session that ends at the very moment is removed" => sessions_that_are_over_are_removed_in_portions;
    RemovalWithoutLimit: "the limit of a removal is ignored" => sessions_that_are_over_are_removed_in_portions;
    // Tokens that are handed out.
    TokenForgetsNumber: "a handed-out token loses its number" => a_handed_out_token_survives_a_round_trip;
    TokenForgetsNewAddress: "a handed-out token loses its new address" => a_handed_out_token_survives_a_round_trip;
    ReplaceIgnoresPurpose: "a new token voids those of other purposes" => a_handed_out_token_survives_a_round_trip;
    PurposeIgnored: "a token is good for any purpose" => a_token_is_found_for_its_purpose_alone;
    ReplaceKeepsEarlier: "a new token leaves the one before" => a_new_token_voids_the_one_before;
    LateTokenWins: "a token replaces one that was asked for later" => a_token_that_was_asked_for_later_stays;
    VoidKeepsMailed: "tokens of an address outlive it" => tokens_of_an_address_are_voided_together;
    VoidTakesAll: "every token goes with an address" => tokens_of_an_address_are_voided_together;
    VoidTakesChallenges: "challenges go with an address" => tokens_of_an_address_are_voided_together;
    ConsumeTwice: "a token is consumed twice" => a_consumed_token_is_gone;
    TokensNeverRemoved: "expired tokens are not removed" => expired_tokens_are_found_until_they_are_removed;
    VoidTokensRemoved: "tokens of another number are removed before their time" => expired_tokens_are_found_until_they_are_removed;
    TokensOfTheMomentRemoved: "a token that ends at the very moment is removed" => expired_tokens_are_found_until_they_are_removed;
    ChallengesReplaceEachOther: "a challenge voids the one before" => challenges_stand_side_by_side;
    ChallengesOfAnyPurpose: "a token of any purpose can be added as a challenge" => challenges_stand_side_by_side;
    // Second factors.
    FactorForgetsStep: "an app forgets its last step" => a_factor_survives_a_round_trip;
    SeedsCut: "seeds are cut to 64 bytes" => a_factor_survives_a_round_trip;
    ConfirmedReplaced: "a confirmed app is replaced" => a_confirmed_factor_is_not_replaced;
    EnrolKeepsItsTime: "an app that takes another's place keeps when that was made" => a_confirmed_factor_is_not_replaced;
    EnrolKeepsStep: "an app that takes another's place keeps its last step" => a_confirmed_factor_is_not_replaced;
    FactorMovesVersion: "setting up a second factor moves the version" => confirming_a_factor_is_seen_on_the_user;
    FactorNotOnTheUser: "a second factor is not seen on the user" => confirming_a_factor_is_seen_on_the_user;
    AnySeedConfirmed: "any seed confirms an app" => one_of_many_confirms_a_factor;
    ConfirmingSpendsNoStep: "confirming an app does not spend the step" => confirming_a_factor_is_seen_on_the_user;
    UpdateWritesSecondFactor: "an update writes the second factor" => an_update_does_not_write_the_second_factor;
    StepsSpentAgain: "the last step can be spent again" => a_step_is_spent_once;
    EarlierStepsPass: "a step before the last one can be spent" => a_step_is_spent_once;
    UnconfirmedSpend: "a step of an app that is not confirmed can be spent" => a_step_is_spent_once;
    CodesUsedAgain: "a recovery code can be used again" => a_recovery_code_is_used_once;
    CodesOfAnybody: "a recovery code of somebody else can be used" => a_recovery_code_is_used_once;
    EarlierCodesKept: "new recovery codes leave the others" => new_recovery_codes_void_the_others;
    RemovalLeavesCodes: "the recovery codes stay when the app is removed" => a_removed_factor_is_gone_with_its_codes;
    UnconfirmedLeavesCodes: "the recovery codes stay when an app that is not confirmed is removed" => an_unconfirmed_factor_is_removed_with_all_that_hangs_on_it;
    UnconfirmedLeavesMark: "a user keeps the mark of a second factor when an app that is not confirmed is removed" => an_unconfirmed_factor_is_removed_with_all_that_hangs_on_it;
    UnconfirmedCountAsRemoved: "removing an app that is not confirmed counts as removing one" => a_removed_factor_is_gone_with_its_codes;
    // API keys.
    KeyForgetsScopes: "a key loses a scope" => a_key_is_found_with_its_owner;
    KeyForgetsItsEnd: "a key forgets when it ends" => a_key_is_found_with_its_owner;
    KeysYoungestFirst: "keys are listed youngest first" => keys_are_listed_oldest_first;
    KeysListedById: "keys are listed by id" => keys_are_listed_oldest_first;
    RevokingIgnoresOwner: "anybody's key can be revoked" => a_key_is_revoked_by_its_owner_alone;
    RevokingTakesAll: "revoking a key revokes all of its owner" => a_key_is_revoked_by_its_owner_alone;
    EverybodysKeysRevoked: "revoking all keys of a user revokes everybody's" => all_keys_of_a_user_are_revoked_at_once;
    LastUseGoesBack: "an earlier use takes the place of a later one" => the_last_use_of_a_key_is_noted;
    KeysBeforeTheirTurn: "the keys that are revoked are looked up before the unit of work has its turn" => a_key_that_is_being_stored_is_revoked_with_all;
    KeysCached: "the check of a key does not see the store's own commits" => a_revoked_key_is_refused_within_a_second;
    KeysCachedPerStore: "the check of a key never sees commits of other stores" => a_revoked_key_is_refused_within_a_second;
    MissingKeysCached: "that a key was not there is remembered" => a_revoked_key_is_refused_within_a_second;
    KeyOwnersCached: "the owner of a key is remembered" => a_change_of_a_keys_owner_is_seen_within_a_second;
    // The outbox.
    MailForgetsOrigin: "a mail loses from where it was caused" => a_mail_survives_a_round_trip;
    MailForgetsNumber: "a mail loses its number" => a_mail_survives_a_round_trip;
    ErrorsForgotten: "why a try failed is forgotten" => a_mail_survives_a_round_trip;
    MailsOutsideTheUnit: "a mail is stored before its unit of work is committed" => a_mail_is_stored_with_the_write_that_causes_it;
    MailsYoungestFirst: "mails are listed youngest first" => mails_are_listed_oldest_first;
    MailStateIgnored: "a list of mails ignores the state" => mails_are_listed_oldest_first;
    AbandonedCountAsPending: "abandoned mails count as mails to be sent" => mails_are_counted_by_state;
    ClaimedCountAsDue: "a mail that is claimed counts as due" => a_mail_is_due_when_it_can_be_claimed;
    AbandonedCountAsDue: "an abandoned mail counts as due" => a_mail_is_due_when_it_can_be_claimed;
    AbandonedClaimed: "abandoned mails are claimed" => a_mail_is_due_when_it_can_be_claimed;
    OldestClaimedFirst: "the oldest mails are claimed first, not those that wait longest" => those_that_wait_longest_are_claimed_first;
    ClaimsWithoutLimit: "the limit of a claim is ignored" => those_that_wait_longest_are_claimed_first;
    ClaimsIgnoreTheLease: "what is claimed can be claimed again" => a_claim_holds_until_its_lease_is_over;
    ClaimsHoldForEver: "a claim never ends" => a_claim_holds_until_its_lease_is_over;
    ClaimsNotCounted: "a claim does not count before it is settled" => a_claim_holds_until_its_lease_is_over;
    ClaimForgetsWhy: "a claim forgets why the last try failed" => a_claim_is_settled_as_told;
    EveryClaimRemoves: "a mail that failed is removed" => a_claim_is_settled_as_told;
    ClaimsKnownByTheirNumber: "a claim is known by the number of its tries alone" => a_claim_of_before_a_retry_settles_nothing;
    LostClaimsSettle: "a claim that was lost settles the mail" => a_lost_claim_settles_nothing;
    EverythingTriedAgain: "pending mails are made due as well" => an_abandoned_mail_can_be_tried_again;
    RetryIgnoresId: "all abandoned mails are tried again, not one" => an_abandoned_mail_can_be_tried_again;
    RetryKeepsTries: "a mail that is tried again keeps its tries" => an_abandoned_mail_can_be_tried_again;
    // Attempts.
    DelaysDoNotDouble: "delays do not double" => attempts_are_counted_as_the_rule_says;
    BlockedAttemptsCount: "a blocked attempt is counted" => a_blocked_attempt_is_not_counted;
    AttemptsNeverForgotten: "attempts are never forgotten" => old_attempts_are_forgotten;
    AttemptKeysRunTogether: "all attempts count under one key" => attempts_of_one_key_do_not_count_for_another;
    ForgettingKeepsTheWait: "forgetting attempts keeps the wait" => a_key_can_be_forgotten;
    TakingBackKeepsTheWait: "taking an attempt back keeps the wait" => an_attempt_can_be_taken_back;
    TakingBackForgetsAll: "taking one attempt back forgets all" => an_attempt_can_be_taken_back;
    TakingBackProlongs: "taking an attempt back puts off when it is forgotten" => an_attempt_can_be_taken_back;
    AttemptsOfTheMomentRemoved: "attempts that are forgotten at the very moment are removed" => forgotten_attempts_are_removed_in_portions;
    LivingAttemptsRemoved: "attempts are removed before they are forgotten" => forgotten_attempts_are_removed_in_portions;
    // All of the account flows.
    AttemptsOutsideTheUnit: "attempts are counted before their unit of work is committed" => a_dropped_unit_of_work_leaves_nothing_of_the_account_flows;
    PurgeLeavesFactor: "a purge leaves the app" => a_purge_takes_everything_else_along;
    PurgeLeavesCodes: "a purge leaves the recovery codes" => a_purge_takes_everything_else_along;
    PurgeLeavesKeys: "a purge leaves the API keys" => a_purge_takes_everything_else_along;
    PurgeLeavesMails: "a purge leaves the mails to be sent" => a_purge_takes_everything_else_along;
    PurgeTakesMailsOfNobody: "a purge takes mails along that are nobody's" => a_purge_takes_everything_else_along;
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
    GoesOnAfterRefusedChallenge: "a unit of work goes on after a challenge of another purpose" => after_an_internal_error_a_unit_of_work_is_finished;
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
    LastAdminBeforeStale: "the last administrator is told before a lost race" => taking_an_administrator_away_needs_the_current_version;
    GuardBeforeItsTurn: "the other administrators are counted before the unit of work has its turn" => two_administrators_cannot_demote_each_other;
    // Races.
    VersionBeforeItsTurn: "the version is compared before the unit of work has its turn" => no_update_is_lost;
    NumberBeforeItsTurn: "the number is compared before the unit of work has its turn" => one_of_many_new_passwords_wins;
    RotationBeforeItsTurn: "the refresh token is compared before the unit of work has its turn" => one_of_many_rotations_wins;
    TokenBeforeItsTurn: "the token is looked up before the unit of work has its turn" => one_of_many_consumes_a_token;
    ConfirmedBeforeItsTurn: "an app is looked up before the unit of work has its turn" => one_of_many_confirms_a_factor;
    StepBeforeItsTurn: "the last step is compared before the unit of work has its turn" => a_step_is_spent_once;
    CodeBeforeItsTurn: "a recovery code is looked up before the unit of work has its turn" => a_recovery_code_is_used_once;
    ClaimsBeforeTheirTurn: "what is due is looked up before the unit of work has its turn" => no_two_claims_get_the_same_mail;
    AttemptsBeforeTheirTurn: "attempts are looked up before the unit of work has its turn" => no_more_attempts_at_once_than_are_free;
    PurgeBeforeItsTurn: "the deleted are looked up before the unit of work has its turn" => one_of_many_purges_counts;
    // Calls that are given up or overtaken.
    DroppedCallsStay: "a call that is given up leaves what was written before it" => a_unit_of_work_dropped_in_a_call_leaves_no_trace;
    CommitInTwoSteps: "a commit writes the events after the rest" => a_dropped_commit_is_done_wholly_or_not_at_all;
    OvertakenSessionsCached: "a session that was read before a commit is remembered after it" => a_session_read_before_a_commit_is_not_remembered_after_it;
    OvertakenKeysCached: "a key that was read before a commit is remembered after it" => a_key_read_before_a_commit_is_not_remembered_after_it;
}
