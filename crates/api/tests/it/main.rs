//! Tests of the REST interface, over a real socket.
#![cfg(test)]

mod backend;
mod client;
mod contract;
mod flows;
mod mails;
mod operations;
mod test_app;

mod access;
mod account_pages;
mod audit_events;
mod bodies;
mod change_email;
mod change_password;
mod close;
mod confirm_email;
mod connections;
mod cors;
mod create;
mod delete;
mod documentation;
mod errors;
mod examples;
mod forgot_password;
mod inputs;
mod list;
mod login;
mod logout;
mod mount;
mod openapi;
mod races;
mod refresh;
mod register;
mod reset_password;
mod sessions;
mod settings;
mod show;
mod start_password_reset;
mod system;
mod token;
mod update;
mod update_profile;
mod user_sessions;
mod verify_email;
