//! Lists of users: what a search finds.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::users::{SessionsAfter, UserQuery, UserSort};

use super::{
    StoreFactory,
    crowd::{crowd, expected, ids, searching},
    steps::{Bench, changed},
};
use crate::{UserBuilder, a_user};

pub async fn every_search_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let users = crowd(150);
    store.insert(&users).await;
    for text in [
        "",
        " ",
        "a",
        "A",
        "%",
        "_",
        "\\",
        "'",
        "\"",
        "*",
        "?",
        "[a-z]",
        "100%",
        "a_b",
        "a\\b",
        "%%",
        "\\%",
        "_%",
        "''",
        "--",
        "O'B",
        "o\u{301}",
        "ó",
        "Ó",
        "ANN",
        "ÅNG",
        "a\u{30a}ng",
        "straße",
        "STRASSE",
        "ist",
        "İst",
        "δημ",
        "ΔΗΜ",
        "σ",
        "ς",
        "李小",
        "\u{1f980}",
        "example.org",
        "@",
        "r-1",
        "nobody of this name",
        "null",
        ".*",
        "(?i)a",
    ] {
        let query = UserQuery {
            sort: UserSort::Username,
            ..searching(text)
        };
        let wanted = expected(&users, &query);
        assert_eq!(ids(&store, &query).await, wanted, "{text:?}");
    }
}

pub async fn a_search_is_literal(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let named = |name: &str| UserBuilder::new().first_name(name).build();
    let names = [
        "100% Ann",
        "100x Ann",
        "a_b",
        "axb",
        "a\\b",
        "O'Brien",
        "Say \"hi\"",
        "a*?[b]",
    ];
    let users = names.map(named);
    store.insert(&users).await;
    for (text, place) in [
        ("0%", 0),
        ("% a", 0),
        ("0x", 1),
        ("a_b", 2),
        ("axb", 3),
        ("a\\b", 4),
        ("\\", 4),
        ("o'b", 5),
        ("'", 5),
        ("\"hi", 6),
        ("*?[", 7),
    ] {
        assert_eq!(
            ids(&store, &searching(text)).await,
            [users[place].id],
            "{text:?}"
        );
    }
    for text in ["a%b", "a__b", "1_0", "\\%", "a?b", "a.b", "brien'"] {
        assert_eq!(ids(&store, &searching(text)).await, [], "{text:?}");
    }
}

pub async fn a_search_ignores_case_and_unicode_form(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new()
        .username("MixedCase")
        .email("Other.Name@Example.ORG")
        .first_name("\u{c9}douard")
        .last_name("\u{c5}ngstr\u{f6}m")
        .build();
    store.insert([&user, &a_user()]).await;
    for text in [
        "mixedcase",
        "EDCAS",
        "other.NAME@",
        "\u{e9}DOUARD",
        "E\u{301}dou",
        "a\u{30a}NGSTR",
        "str\u{d6}m",
    ] {
        assert_eq!(ids(&store, &searching(text)).await, [user.id], "{text:?}");
    }
    for text in ["edouard", "case@", "casea", "caseother", "douard\u{c5}"] {
        assert_eq!(ids(&store, &searching(text)).await, [], "{text:?}");
    }
}

pub async fn a_search_sees_what_an_update_wrote(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = UserBuilder::new().first_name("Before").build();
    store.insert([&user]).await;
    let other = UserBuilder::new().first_name("After").build();
    let after = changed(&user, |record| {
        record.first_name.clone_from(&other.first_name)
    });
    store
        .update(&after, user.version, SessionsAfter::Keep)
        .await
        .unwrap();
    assert_eq!(ids(&store, &searching("before")).await, []);
    assert_eq!(ids(&store, &searching("after")).await, [user.id]);
}
