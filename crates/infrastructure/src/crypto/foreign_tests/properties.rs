//! Nothing makes the readers panic, and nothing but the hash itself is right.

use proptest::prelude::*;

use super::{cheap, golden, is_of, parse};

/// A text that begins like a known form and goes on in any way.
fn near_a_form() -> impl Strategy<Value = String> {
    let beginnings = prop::sample::select(vec![
        "$2b$04$",
        "$2a$",
        "$2y$14$",
        "$bcrypt-sha256$",
        "$bcrypt-sha256$v=2,t=2b,r=4$",
        "bcrypt_sha256$$2b$",
        "bcrypt$",
        "$scrypt$ln=",
        "$scrypt$",
        "scrypt$",
        "$pbkdf2-sha256$",
        "$pbkdf2$i=",
        "pbkdf2_sha256$",
        "$5$",
        "$6$rounds=",
        "$argon2id$v=19$m=",
        "argon2$argon2",
        "{SSHA}",
        "$",
        "_",
        "*",
    ]);
    let tail = prop::collection::vec(
        prop::sample::select(
            "$,=0123456789abcABC./+rplnimtv é\0"
                .chars()
                .collect::<Vec<_>>(),
        ),
        0..80,
    );
    (beginnings, tail).prop_map(|(beginning, tail)| beginning.chars().chain(tail).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>(), near in near_a_form()) {
        let _ = parse(&text);
        let _ = parse(&near);
    }

    #[test]
    fn a_golden_hash_that_is_cut_or_repeated_makes_no_reader_panic(
        choice in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        again in any::<prop::sample::Index>(),
    ) {
        let all = golden();
        let (_, hash) = choice.get(&all);
        let (first, second) = (cut.index(hash.len() + 1), again.index(hash.len() + 1));
        let _ = parse(&hash[..first]);
        let _ = parse(&hash[first..]);
        let _ = parse(&format!("{}{}", &hash[..first], &hash[second..]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// One character of the hash is another: it is refused, or another hash.
    #[test]
    fn a_golden_hash_that_was_changed_is_never_right(
        choice in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        with in prop::sample::select("$,=0123456789azAZb./+-".chars().collect::<Vec<_>>()),
    ) {
        let all = cheap();
        let (password, hash) = choice.get(&all);
        let at = place.index(hash.len());
        let mut changed: Vec<char> = hash.chars().collect();
        // 2a, 2b and 2y mean the same function.
        let names_bcrypt = at > 0 && changed[at - 1] == '2' && at < 20;
        prop_assume!(changed[at] != with && !names_bcrypt);
        changed[at] = with;
        let changed: String = changed.into_iter().collect();
        // Nothing dear is computed: one digit more of a cost would be.
        let dear = ["$2b$1", "$2a$1", "$2y$1", "r=1", ",1", ",9", "ln=9", "ln=15", "ln=7"];
        prop_assume!(!dear.iter().any(|dear| changed.contains(dear)));
        prop_assert!(!is_of(password, &changed), "{hash} {changed}");
    }
}
