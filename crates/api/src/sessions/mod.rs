//! Being signed in.

pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod me;
pub(crate) mod refresh;
pub(crate) mod sign_in;
pub(crate) mod token;
mod turns;

pub(crate) use turns::Turns;
