//! Tests of the REST interface, over a real socket.
#![cfg(test)]

mod contract;
mod test_app;

mod bodies;
mod connections;
mod cors;
mod errors;
mod openapi;
mod system;
