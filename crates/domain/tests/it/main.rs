#![cfg(test)]
//! The use cases, over the in-memory store: one file for each.

mod authenticate;
mod builder;
mod change_email;
mod change_password;
mod change_role;
mod close;
mod create;
mod delete;
mod documentation;
mod fixture;
mod interruption;
mod last_admin;
mod list;
mod login;
mod logout;
mod maintenance;
mod purge;
mod refresh;
mod refresh_reuse;
mod register;
mod reset_password;
mod restore;
mod revision;
mod runtimes;
mod secrets;
mod sessions;
mod show;
mod update;
mod update_profile;
mod values;
