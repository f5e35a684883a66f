//! What holds ports prints its name alone: an adapter may keep secrets, and an
//! embedder derives `Debug` for what holds the services.

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
    ($($(<$($part:ident),+>)? $name:ident $(<$($given:ident),+>)?),+ $(,)?) => {$(
        impl $(<$($part),+>)? std::fmt::Debug for $name $(<$($given),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
opaque!(<H, A, C, E> ServicesBuilder<H, A, C, E>);
