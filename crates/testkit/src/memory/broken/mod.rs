//! Stores with one defect each, which prove the conformance kit: every one of
//! them fails the check that names its defect, and every check is failed by one.

mod api_keys;
mod attempts;
mod audit;
mod credentials;
mod defects;
mod document;
mod lists;
mod outbox;
mod proof;
mod purge;
mod readers;
mod second_factors;
mod session_writer;
mod store;
mod token_writer;
mod unit_of_work;
mod user_writer;

use self::{
    defects::{DEFECTS, Defect},
    store::{BrokenDatabase, BrokenStore},
    unit_of_work::BrokenUnitOfWork,
};
