//! Hashers that take another password, tell too much, or do too much.

use super::{Proof, broken_hasher::BrokenHasher, defects, failed};

defects! {
    EverythingIsRight: "every password is right" => the_password_is_right_and_every_other_is_wrong;
    NothingIsRight: "no password is right" => the_password_is_right_and_every_other_is_wrong;
    CaseIgnored: "upper and lower case are the same" => the_password_is_right_and_every_other_is_wrong;
    BlanksTrimmed: "blanks at the end of a password are cut off" => the_password_is_right_and_every_other_is_wrong;
    FreshIsOutdated: "a hash is outdated when it is made" => the_password_is_right_and_every_other_is_wrong;
    NoSalt: "there is no salt" => two_hashes_of_one_password_differ;
    PasswordKept: "the password stands in its hash" => a_hash_is_a_line_that_does_not_hold_the_password;
    LineBroken: "a hash ends with a line break" => a_hash_is_a_line_that_does_not_hold_the_password;
    NoForm: "a hash does not say how it was made" => a_hash_is_a_line_that_does_not_hold_the_password;
    CutAt72: "72 bytes of a password count" => every_byte_of_a_long_password_counts;
    CutAt255: "255 bytes of a password count" => every_byte_of_a_long_password_counts;
    CutAtZero: "a password ends at a zero byte" => any_character_is_part_of_a_password;
    AsciiAlone: "letters beyond ASCII do not count" => any_character_is_part_of_a_password;
    TypedFormHashed: "a password is compared as it was sent, and not normalised" => a_password_is_the_same_in_either_form_of_unicode;
    JunkIsAnError: "a hash that cannot be read is an error" => what_is_no_hash_is_wrong_and_no_error;
    JunkPanics: "a hash that cannot be read is a panic" => what_is_no_hash_is_wrong_and_no_error;
    NoHashNoPassword: "every password is right where the hash is empty" => what_is_no_hash_is_wrong_and_no_error;
    BeginningCompared: "of a hash that was cut short the rest is not compared" => what_is_no_hash_is_wrong_and_no_error;
    EndIgnored: "what follows a hash is ignored" => what_is_no_hash_is_wrong_and_no_error;
    CostIsPaid: "a hash is computed at any cost" => a_hash_that_costs_too_much_is_not_computed;
    CostIsAnError: "a hash that costs too much is an error" => a_hash_that_costs_too_much_is_not_computed;
    DecoyAtOnce: "a decoy costs nothing" => a_decoy_takes_the_time_of_a_check;
    UnreadableAtOnce: "what cannot be read is wrong at once" => a_hash_that_cannot_be_read_takes_the_time_of_a_check;
    ThreadBlocked: "a check blocks the thread that polls it" => a_check_does_not_block_the_thread_that_polls_it;
    MixedUp: "answers are mixed up where several ask at once" => many_at_once_are_answered_or_refused;
    LoadIsInternal: "who comes when there is no slot gets an internal error" => many_at_once_are_answered_or_refused;
    AllRefused: "where many come at once, all are refused" => many_at_once_are_answered_or_refused;
    SlotsLost: "who was refused keeps a slot" => many_at_once_are_answered_or_refused;
    RecognisesAnything: "everything is recognised" => what_is_recognised_can_be_verified;
    OwnNotRecognised: "its own hashes are not recognised" => what_is_recognised_can_be_verified;
    NewerIsOld: "instead of an outdated hash the same is to be stored" => what_is_recognised_can_be_verified;
    NewerOfAnother: "instead of an outdated hash that of another password is to be stored" => what_is_recognised_can_be_verified;
    CostNotRead: "a foreign hash is recognised at any cost" => a_foreign_hash_that_costs_too_much_is_refused;
    TextRepeated: "what is not recognised stands in the error" => what_is_not_recognised_is_not_repeated;
    CutBetweenBytes: "a text is cut where a letter has several bytes" => what_is_not_recognised_is_not_repeated;
    SentFormForgotten: "a foreign hash is compared with the normalised password alone" => a_foreign_hash_is_compared_with_what_was_sent;
    NewerOfSentForm: "instead of a foreign hash that of the password as sent is to be stored" => a_foreign_hash_is_compared_with_what_was_sent;
}

pub(super) fn proof() -> Proof {
    Proof::of(
        ["password_hasher_conformance", "hashers"],
        &[
            include_str!("../../../src/conformance/password_hasher.rs"),
            include_str!("../../../src/conformance/foreign_hashes.rs"),
        ],
        DEFECTS,
        |wrong| userhub_testkit::password_hasher_conformance!(@list [failed] (BrokenHasher::with(wrong))),
    )
}
