//! `create-admin`: the way to the first administrator.

use std::io::Read as _;

use secrecy::{ExposeSecret as _, SecretString};
use userhub_domain::{
    Error,
    admin::{CreateUserCommand, CreateUserInput},
    audit::Origin,
    caller::Admin,
    users::{ProfileInput, Role},
};
use userhub_infrastructure::config::Settings;

use super::OPERATOR;
use crate::{cli::CreateAdmin, failure::Failure, terminal::say, wire::Desk};

/// Far more than any password has; the rules say how long one may be.
const LONGEST_LINE: u64 = 16 * 1024;

pub(crate) async fn run(settings: &Settings, wanted: CreateAdmin) -> Result<(), Failure> {
    let password = if wanted.password_stdin {
        from_standard_input()?
    } else {
        from_terminal()?
    };
    let mut settings = settings.clone();
    // Members that people must give when they register are no reason to have no administrator.
    settings.registration.required.clear();
    let desk = Desk::open(&settings).await?;
    let administration = &desk.services.administration;
    let input = CreateUserInput {
        email_verified: wanted.email.as_ref().map(|_| true),
        profile: ProfileInput {
            username: wanted.username,
            email: wanted.email,
            ..ProfileInput::default()
        },
        password: Some(password),
        role: Some(Role::Admin.to_string()),
        ..CreateUserInput::default()
    };
    let command = CreateUserCommand::parse(input, administration.rules()).map_err(Error::from)?;
    let admin = Admin::operator(OPERATOR);
    let user = administration
        .create(&admin, &Origin::default(), command)
        .await?;
    say(user.id);
    desk.close().await;
    Ok(())
}

fn from_terminal() -> Result<SecretString, Failure> {
    let ask = |prompt| {
        rpassword::prompt_password(prompt)
            .map(SecretString::from)
            .map_err(|error| {
                Failure::new(format!(
                    "cannot ask for the password ({error}); give it with --password-stdin"
                ))
            })
    };
    let password = ask("Password: ")?;
    let again = ask("Once more: ")?;
    if password.expose_secret() == again.expose_secret() {
        Ok(password)
    } else {
        Err(Failure::new("password: the two are not the same"))
    }
}

fn from_standard_input() -> Result<SecretString, Failure> {
    read_first_line(std::io::stdin().lock()).map_err(|error| {
        Failure::new(format!(
            "password: cannot be read from standard input: {error}"
        ))
    })
}

/// The first line without its end: files and `echo` add one.
fn read_first_line(input: impl std::io::Read) -> std::io::Result<SecretString> {
    let mut text = String::new();
    input.take(LONGEST_LINE).read_to_string(&mut text)?;
    let text = SecretString::from(text);
    let line = text.expose_secret().split('\n').next().unwrap_or_default();
    Ok(SecretString::from(line.strip_suffix('\r').unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line() {
        for input in [
            "correct horse",
            "correct horse\n",
            "correct horse\r\nmore\n",
        ] {
            let read = read_first_line(input.as_bytes()).unwrap();
            assert_eq!(read.expose_secret(), "correct horse", "{input:?}");
        }
        assert_eq!(read_first_line(&b""[..]).unwrap().expose_secret(), "");
        assert!(read_first_line(&b"\xff"[..]).is_err());
    }
}
