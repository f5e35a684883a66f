//! Tests of the REST interface, over a real socket.
#![cfg(test)]

mod backend;
mod client;
mod contract;
mod test_app;

mod access;
mod bodies;
mod connections;
mod cors;
mod errors;
mod documentation;
mod openapi;
mod register;
mod system;
mod token_endpoint;
