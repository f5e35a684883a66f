use super::*;

struct Always(u8);
impl PasswordStrength for Always {
    fn estimate(&self, _: &str, _: &[&str]) -> Strength {
        Strength {
            score: self.0,
            hints: vec!["Add a word.".to_owned()],
        }
    }
}

fn parse(text: &str, score: u8, words: &[&str]) -> Result<NewPassword, ViolationCode> {
    NewPassword::parse(
        &text.into(),
        &PasswordRules::default(),
        &Always(score),
        words,
    )
    .map_err(|broken| broken.code)
}

#[test]
fn length_counts_code_points_up_to_a_maximum_of_bytes() {
    assert_eq!(
        parse("1234567", 4, &[]).err(),
        Some(ViolationCode::TooShort)
    );
    assert!(parse("äöüäöüäö", 4, &[]).is_ok());
    assert!(parse(&"x".repeat(1024), 4, &[]).is_ok());
    let long = "x".repeat(1025);
    assert_eq!(parse(&long, 4, &[]).err(), Some(ViolationCode::TooLong));
    assert!(PasswordAttempt::parse(&long.as_str().into()).is_err());
    // A decomposed letter is one code point once it is normalised.
    assert_eq!(
        parse("a\u{308}o\u{308}u\u{308}1234", 4, &[]).err(),
        Some(ViolationCode::TooShort)
    );
    // Some characters grow threefold under NFC.
    assert!(PasswordAttempt::parse(&"\u{1d160}".repeat(250).as_str().into()).is_err());
}

#[test]
fn weak_ones_are_refused_with_hints() {
    assert_eq!(
        parse("long enough", 2, &[]).err(),
        Some(ViolationCode::WeakPassword)
    );
    assert!(parse("long enough", 3, &[]).is_ok());
    for own in ["MargaretSmith", "margaret1", "smith.margaret"] {
        assert_eq!(
            parse(own, 4, &["margaret", "Smith"]).err(),
            Some(ViolationCode::WeakPassword),
            "{own}"
        );
    }
    assert!(parse("margaret eats plums", 4, &["margaret"]).is_ok());
}

#[test]
fn both_forms_of_a_letter_and_every_blank_are_the_same() {
    let composed = PasswordAttempt::parse(&"caf\u{e9} noir".into()).expect("valid");
    let decomposed = PasswordAttempt::parse(&"cafe\u{301}\u{3000}noir".into()).expect("valid");
    assert_eq!(composed.expose(), decomposed.expose());
    let upper = PasswordAttempt::parse(&"CAF\u{c9} noir".into()).expect("valid");
    assert_ne!(composed.expose(), upper.expose());
    let padded = PasswordAttempt::parse(&" caf\u{e9} noir".into()).expect("valid");
    assert_ne!(composed.expose(), padded.expose());
}

#[test]
fn four_characters_besides_the_own_words_are_enough() {
    for (text, words, is_fine) in [
        ("margaretabcd", ["margaret"], true),
        ("margaretabc", ["margaret"], false),
        ("annannann", ["ann"], false),
        ("anananan", ["an"], true),
    ] {
        assert_eq!(parse(text, 4, &words).is_ok(), is_fine, "{text}");
    }
}

#[test]
fn the_rules_count_but_never_below_eight() {
    let parse = |text: &str, min_length, min_score| {
        let rules = PasswordRules {
            min_length,
            min_score,
        };
        NewPassword::parse(&text.into(), &rules, &Always(0), &[])
    };
    assert!(parse("12345678", 0, 0).is_ok());
    assert!(parse("1234567", 0, 0).is_err());
    let short = parse("12345678901", 12, 0).expect_err("too short");
    assert_eq!(short.detail, "must be at least 12 characters long");
    let weak = parse("12345678", 8, 1).expect_err("too weak");
    assert_eq!(weak.detail, "is too easy to guess: Add a word.");
    assert_eq!(
        format!("{:?}", parse("12345678", 8, 0)),
        "Ok(NewPassword(..))"
    );
}

#[test]
fn every_blank_is_one() {
    for c in "\u{a0}\u{1680}\u{2000}\u{200a}\u{202f}\u{205f}\u{3000}".chars() {
        let text = format!("a{c}b");
        let attempt = PasswordAttempt::parse(&text.into()).expect("valid");
        assert_eq!(attempt.expose(), "a b", "{c:?}");
    }
}

#[test]
fn debug_forms_show_nothing() {
    let attempt = PasswordAttempt::parse(&"hunter2".into()).expect("valid");
    assert_eq!(format!("{attempt:?}"), "PasswordAttempt(..)");
    assert_eq!(format!("{:?}", PasswordHash::new("$x")), "PasswordHash(..)");
}

#[test]
fn what_was_sent_is_kept_where_it_is_another_text() {
    for text in ["cafe\u{301}", "a\u{a0}b"] {
        let attempt = PasswordAttempt::parse(&text.into()).expect("valid");
        assert_eq!(attempt.expose_as_sent(), Some(text));
        assert_ne!(attempt.expose(), text);
    }
    let attempt = PasswordAttempt::parse(&"caf\u{e9}".into()).expect("valid");
    assert_eq!(attempt.expose_as_sent(), None);
}
