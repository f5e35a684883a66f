//! Sources of randomness that give something else.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread::ThreadId,
};

use userhub_domain::{Error, Result, clock::Entropy};
use userhub_testkit::SeededEntropy;

use super::{Proof, defects, failed};

defects! {
    WholeWordsAlone: "only whole words of eight bytes are filled" => every_byte_is_filled;
    CutAt256: "of a long slice the first 256 bytes are filled" => every_byte_is_filled;
    NothingRefused: "it fails where there is nothing to fill" => every_byte_is_filled;
    BitsOnlySet: "bits are set and never cleared" => every_byte_is_filled;
    SameEveryTime: "every call gives the same" => no_call_repeats_another;
    StartsAgain: "it starts again after 500 calls" => no_call_repeats_another;
    BlockOverAndOver: "a long slice holds one block of 64 KiB over and over" => no_call_repeats_another;
    SevenBits: "the first bit of a byte is never set" => every_byte_is_as_frequent_as_the_others;
    Digits: "it gives hexadecimal digits" => every_byte_is_as_frequent_as_the_others;
    NeverZero: "no byte is zero" => every_byte_is_as_frequent_as_the_others;
    ThreadsSeededAlike: "every thread begins with the same seed" => threads_do_not_share_bytes;
}

struct BrokenEntropy {
    wrong: Option<Wrong>,
    inner: SeededEntropy,
    calls: AtomicU32,
    of_threads: Mutex<HashMap<ThreadId, SeededEntropy>>,
}

impl BrokenEntropy {
    fn with(wrong: Option<Wrong>) -> Self {
        Self {
            wrong,
            inner: SeededEntropy::new(1),
            calls: AtomicU32::new(0),
            of_threads: Mutex::default(),
        }
    }

    /// Where the bytes of this call come from.
    fn source(&self) -> SeededEntropy {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.wrong {
            Some(Wrong::SameEveryTime) => SeededEntropy::new(1),
            Some(Wrong::StartsAgain) => SeededEntropy::new(u64::from(calls % 500)),
            Some(Wrong::ThreadsSeededAlike) => {
                let mut all = self.of_threads.lock().unwrap();
                let source = all.entry(std::thread::current().id());
                source.or_insert_with(|| SeededEntropy::new(1)).clone()
            }
            _ => self.inner.clone(),
        }
    }
}

impl Entropy for BrokenEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        if self.wrong == Some(Wrong::NothingRefused) && bytes.is_empty() {
            return Err(Error::internal("there is nothing to fill"));
        }
        let filled = match self.wrong {
            Some(Wrong::WholeWordsAlone) => bytes.len() / 8 * 8,
            Some(Wrong::CutAt256) => bytes.len().min(256),
            _ => bytes.len(),
        };
        let mut fresh = vec![0; filled];
        self.source().fill(&mut fresh)?;
        if self.wrong == Some(Wrong::BlockOverAndOver) && filled > 1 << 16 {
            fresh.truncate(1 << 16);
        }
        for (to, from) in bytes[..filled].iter_mut().zip(fresh.iter().cycle()) {
            *to = match self.wrong {
                Some(Wrong::BitsOnlySet) => *to | from,
                Some(Wrong::SevenBits) => from & 0x7f,
                Some(Wrong::Digits) => b"0123456789abcdef"[usize::from(from & 15)],
                Some(Wrong::NeverZero) => (*from).max(1),
                _ => *from,
            };
        }
        Ok(())
    }
}

pub(super) fn proof() -> Proof {
    Proof::of(
        ["entropy_conformance", "sources of randomness"],
        &[include_str!("../../../src/conformance/entropy.rs")],
        DEFECTS,
        |wrong| userhub_testkit::entropy_conformance!(@list [failed] (BrokenEntropy::with(wrong))),
    )
}
