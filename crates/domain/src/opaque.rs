//! What holds ports prints its name alone: an adapter may keep secrets, and an
//! embedder derives `Debug` for what holds the services.

use std::fmt;

use crate::{
    accounts::Accounts,
    admin::Administration,
    api_keys::ApiKeys,
    mail::Mails,
    ports::{Ports, Services, ServicesBuilder},
    rules::Rules,
    second_factor::SecondFactor,
    sessions::Sessions,
};

macro_rules! opaque {
    ($($name:ident),+ $(,)?) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

opaque!(
    Ports,
    Services,
    Rules,
    Accounts,
    Sessions,
    Administration,
    SecondFactor,
    ApiKeys,
    Mails
);

impl<H, A, C, E> fmt::Debug for ServicesBuilder<H, A, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServicesBuilder").finish_non_exhaustive()
    }
}
