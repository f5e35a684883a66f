//! Tests of the REST interface, over a real socket.
#![cfg(test)]

mod backend;
mod client;
mod contract;
mod operations;
mod test_app;

mod access;
mod bodies;
mod connections;
mod cors;
mod documentation;
mod errors;
mod openapi;
mod register;
mod examples;
mod inputs;
mod races;
mod audit_events;
mod list;
mod user_sessions;
mod delete;
mod create;
mod update;
mod update_profile;
mod close;
mod show;
mod reset_password;
mod start_password_reset;
mod change_email;
mod change_password;
mod settings;
mod sessions;
mod logout;
mod refresh;
mod token;
mod login;
mod system;
mod token_endpoint;
