//! What `docs/testing.md` and `docs/writing-an-adapter.md` say, against what there is.

use std::{fs, path::Path};

use chrono::TimeDelta;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    accounts::MailRequestCommand,
    audit::Origin,
    mail::{Delivery, MailKind},
    users::User,
};
use userhub_testkit::{TestServices, UserBuilder, strategies};

#[rustfmt::skip]
#[tokio::test]
async fn a_token_lasts_for_a_quarter_of_an_hour() -> Result<()> {
    let test = TestServices::new();
    let user = test.add(UserBuilder::new().username("ann").verified().build()).await?;
    let tokens = test.sign_in(&user).await?;
    test.clock.advance(TimeDelta::minutes(15));
    let refused = test.services.sessions.authenticate(tokens.access_token.expose_secret()).await;
    assert_eq!(refused.unwrap_err().code(), "invalid_token");

    let command = MailRequestCommand::parse(user.email.as_ref().map(ToString::to_string))?;
    test.services.accounts.forgot_password(&Origin::default(), command).await?;
    assert_eq!(test.deliver_mails().await?, [Delivery::Sent]);
    let token = test.mailer.last_token(MailKind::ResetPassword).expect("a token");

    assert!(!token.expose_secret().is_empty());
    Ok(())
}

fn render(user: &User) {
    assert!(!user.id.to_string().is_empty());
}

proptest! {
    #[test]
    fn any_user_can_be_shown(user in strategies::users()) {
        render(&user);
    }
}

#[test]
fn every_block_of_the_guide_to_testing_stands_here() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let here = words(include_str!("guides.rs"));
    let guide = include_str!("../../../../docs/testing.md");
    let blocks: Vec<_> = guide.split("```rust\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let (block, _) = block.split_once("```").unwrap();
        assert!(here.contains(&words(block)), "{block}");
    }
}

#[test]
fn the_guide_to_adapters_tells_how_many_traits_and_verbs_there_are() {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/src");
    let verbs = verbs_of_readers_and_writers(&domain);
    // And `Store` with `begin`, `UnitOfWork` with `commit`.
    let traits = verbs.len() + 2;
    let verbs: usize = verbs.iter().sum();
    let said = format!("{traits} traits with {verbs} verbs besides `begin` and `commit`");
    let guide = include_str!("../../../../docs/writing-an-adapter.md");
    assert!(guide.contains(&said), "{said}");
}

/// For each trait how many.
fn verbs_of_readers_and_writers(folder: &Path) -> Vec<usize> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(verbs_of_readers_and_writers(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for declared in text.split("\npub trait ").skip(1) {
            let (name, _) = declared.split_once(':').unwrap();
            let (body, _) = declared.split_once("\n}").unwrap();
            if name.ends_with("Reader") || name.ends_with("Writer") {
                all.push(body.matches("\n    async fn ").count());
            }
        }
    }
    all
}
