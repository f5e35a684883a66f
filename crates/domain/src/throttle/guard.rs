//! Counting an attempt before it is checked, and clearing it once it was right.

use std::{net::IpAddr, time::Duration};

use super::{AttemptKey, AttemptRule, Counted};
use crate::{
    audit::Origin,
    error::{Error, Result},
    ports::Context,
    store::UnitOfWork,
    users::UserId,
};

// Kinds keep keys apart: what somebody types as an identifier may look like
// the id of an account or the address of a client, and must count for neither.

/// Passwords of an account.
const PASSWORD: &str = "password";
/// Passwords of an identifier that nobody has.
const PASSWORD_OF_NOBODY: &str = "password_of_nobody";
/// Passwords, codes and tokens from one client.
const CLIENT: &str = "client";

/// Under what an attempt is counted, and by which rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counter {
    key: AttemptKey,
    rule: AttemptRule,
}

impl Counter {
    /// Attempts on an account.
    pub(crate) fn of_user(kind: &'static str, id: UserId, rule: AttemptRule) -> Self {
        Self::of_text(kind, &id.to_string(), rule)
    }

    /// Attempts on something that has a canonical text.
    pub(crate) fn of_text(kind: &'static str, canonical: &str, rule: AttemptRule) -> Self {
        let key = AttemptKey::new(kind, canonical);
        Self { key, rule }
    }

    /// Attempts from one client; `None` where its address is not known.
    pub(crate) fn of_client(
        kind: &'static str,
        origin: &Origin,
        rule: AttemptRule,
    ) -> Option<Self> {
        let network = client_network(origin.address?);
        Some(Self::of_text(kind, &network, rule))
    }
}

/// The part of an address that one client has: an IPv4 address, or the first
/// 64 bits of an IPv6 one, since a client has all of the rest.
fn client_network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// An attempt that was counted and may be checked now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Guarded {
    client: Option<AttemptKey>,
    account: Option<AttemptKey>,
    /// The attempts in a row on the account before this one.
    pub(crate) earlier: u32,
}

impl Guarded {
    /// Forgets the account's attempts and takes the client's back: this one was
    /// right. The last thing before a commit, since many wait for a client's row.
    pub(crate) async fn clear(&self, unit: &dyn UnitOfWork) -> Result<()> {
        if let Some(client) = self.client {
            unit.attempts().take_back(client).await?;
        }
        if let Some(account) = self.account {
            unit.attempts().forget(account).await?;
        }
        Ok(())
    }
}

impl Context {
    /// Counts an attempt for its client and its account, durably, before
    /// anything of it is checked.
    ///
    /// # Errors
    /// `too_many_requests` where either has to wait; those of the store.
    pub(crate) async fn count_attempt(
        &self,
        client: Option<Counter>,
        account: Option<Counter>,
    ) -> Result<Guarded> {
        if !self.rules.policy().throttle.enabled || (client.is_none() && account.is_none()) {
            return Ok(Guarded::default());
        }
        let now = self.now();
        let unit = self.ports.store.begin().await?;
        let mut earlier = 0;
        for (counter, is_account) in [(client, false), (account, true)] {
            let Some(counter) = counter else { continue };
            let counted = unit.attempts().count(counter.key, &counter.rule, now);
            match counted.await? {
                Counted::Allowed(number) if is_account => earlier = number.saturating_sub(1),
                Counted::Allowed(_) => {}
                Counted::Blocked(until) => {
                    let wait = (until - now).to_std().unwrap_or_default();
                    let retry_after = wait.max(Duration::from_secs(1));
                    return Err(Error::TooMany { retry_after });
                }
            }
        }
        unit.commit(&[]).await?;
        Ok(Guarded {
            client: client.map(|one| one.key),
            account: account.map(|one| one.key),
            earlier,
        })
    }

    /// What came of a step that a counted attempt needs. Where it broke down the
    /// attempt is taken back, as well as can be: nothing was learned by it, and
    /// a fault of ours must not make anybody wait when it is over.
    pub(crate) async fn or_uncount<T>(&self, guarded: &Guarded, step: Result<T>) -> Result<T> {
        if let Err(Error::Unavailable(_) | Error::Internal(_)) = &step {
            drop(self.uncount(guarded).await);
        }
        step
    }

    async fn uncount(&self, guarded: &Guarded) -> Result<()> {
        let keys = [guarded.client, guarded.account];
        if keys.iter().all(Option::is_none) {
            return Ok(());
        }
        let unit = self.ports.store.begin().await?;
        for key in keys.into_iter().flatten() {
            unit.attempts().take_back(key).await?;
        }
        unit.commit(&[]).await
    }

    /// Clears what was counted, in a unit of work of its own.
    pub(crate) async fn clear(&self, guarded: &Guarded) -> Result<()> {
        if guarded.client.is_none() && guarded.account.is_none() {
            return Ok(());
        }
        let unit = self.ports.store.begin().await?;
        guarded.clear(unit.as_ref()).await?;
        unit.commit(&[]).await
    }

    /// Forgets the passwords that were tried on an account: it has a new one.
    pub(crate) async fn forget_passwords(
        &self,
        unit: &dyn UnitOfWork,
        account: UserId,
    ) -> Result<()> {
        let rule = self.rules.policy().throttle.password_of_account;
        let counter = Counter::of_user(PASSWORD, account, rule);
        unit.attempts().forget(counter.key).await
    }

    /// Counts a password, or something else that opens an account.
    pub(crate) async fn count_password(
        &self,
        origin: &Origin,
        account: Option<UserId>,
        identifier: &str,
    ) -> Result<Guarded> {
        let throttle = &self.rules.policy().throttle;
        let rule = throttle.password_of_account;
        let account = match account {
            Some(id) => Counter::of_user(PASSWORD, id, rule),
            None => Counter::of_text(PASSWORD_OF_NOBODY, identifier, rule),
        };
        let client = Counter::of_client(CLIENT, origin, throttle.password_of_client);
        self.count_attempt(client, Some(account)).await
    }

    /// Counts a code of the second factor.
    pub(crate) async fn count_code(&self, origin: &Origin, account: UserId) -> Result<Guarded> {
        let throttle = &self.rules.policy().throttle;
        let account = Counter::of_user("code", account, throttle.code_of_account);
        let client = Counter::of_client(CLIENT, origin, throttle.password_of_client);
        self.count_attempt(client, Some(account)).await
    }

    /// Counts a token that was mailed, for its client alone: no account could
    /// be guessed by it.
    pub(crate) async fn count_token(&self, origin: &Origin) -> Result<Guarded> {
        let throttle = &self.rules.policy().throttle;
        let client = Counter::of_client(CLIENT, origin, throttle.password_of_client);
        self.count_attempt(client, None).await
    }

    /// Counts a registration.
    pub(crate) async fn count_registration(&self, origin: &Origin) -> Result<()> {
        let throttle = &self.rules.policy().throttle;
        let client = Counter::of_client("registration", origin, throttle.registration_of_client);
        self.count_attempt(client, None).await.map(drop)
    }

    /// Counts a request for mail by its client.
    pub(crate) async fn count_mail_request(&self, origin: &Origin) -> Result<()> {
        let throttle = &self.rules.policy().throttle;
        let client = Counter::of_client("mail", origin, throttle.mail_of_client);
        self.count_attempt(client, None).await.map(drop)
    }

    /// Counts a mail to an address; false where it has had enough of this kind.
    pub(crate) async fn may_mail(&self, kind: &'static str, canonical: &str) -> Result<bool> {
        let rule = self.rules.policy().throttle.mail_of_address;
        let address = Counter::of_text(kind, canonical, rule);
        match self.count_attempt(None, Some(address)).await {
            Ok(_) => Ok(true),
            Err(Error::TooMany { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_an_address_or_64_bits_of_one() {
        let network = |text: &str| client_network(text.parse().expect("an address"));
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(
            network("2001:db8:1:2:3::4"),
            network("2001:db8:1:2:ffff::9")
        );
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}
