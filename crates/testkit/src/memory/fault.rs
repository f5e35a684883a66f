//! Failures on demand.

use std::sync::Mutex;

use userhub_domain::{Error, Result};

use crate::locked;

/// Where a [`MemoryStore`](super::MemoryStore) can be told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// Any method of a reader.
    Read,
    /// The start of a unit of work.
    Begin,
    /// Any verb of a writer.
    Write,
    /// The commit.
    Commit,
}

#[derive(Default)]
pub(super) struct Faults(Mutex<Vec<FaultPoint>>);

impl Faults {
    pub(super) fn arm(&self, point: FaultPoint) {
        locked(&self.0).push(point);
    }

    /// Fails once for each time that the point was armed.
    pub(super) fn strike(&self, point: FaultPoint) -> Result<()> {
        let mut armed = locked(&self.0);
        match armed.iter().position(|one| *one == point) {
            Some(place) => {
                armed.remove(place);
                Err(Error::storage_unavailable("the test ordered this failure"))
            }
            None => Ok(()),
        }
    }
}
