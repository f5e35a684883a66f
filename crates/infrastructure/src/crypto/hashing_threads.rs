//! Threads that hash, each with the memory of one hash.
//!
//! They are not the runtime's: these start when there is work, keep their
//! memory from one hash to the next (a fresh buffer costs a fifth of the hash
//! in page faults), end and give it back when there is none for a while, and
//! leave the processor to the threads that answer other requests.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use argon2::Block;

/// What a thread does, with the memory that it keeps for the next job.
pub(super) type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// Starts threads as jobs come, up to a limit. The caller has no more jobs
/// under way than that, so a job waits at most for a thread that is finishing.
pub(super) struct HashingThreads {
    shared: Arc<Shared>,
    limit: usize,
    /// How long a thread waits for the next job before it ends.
    keep: Duration,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    threads: usize,
}

impl HashingThreads {
    pub(super) fn new(limit: usize, keep: Duration) -> Self {
        Self {
            shared: Arc::default(),
            limit,
            keep,
        }
    }

    /// Runs a job, on a thread that is idle or on a new one.
    ///
    /// # Errors
    /// Where the system gives no thread; the job is dropped.
    pub(super) fn run(&self, job: Job) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() {
            self.shared.wake.notify_one();
            return Ok(());
        }
        if state.threads >= self.limit {
            return Ok(());
        }
        let (shared, keep) = (Arc::clone(&self.shared), self.keep);
        let started = thread::Builder::new()
            .name("hashing".to_owned())
            .spawn(move || shared.work(keep));
        match started {
            Ok(_) => state.threads += 1,
            Err(error) => {
                state.jobs.pop_back();
                return Err(error);
            }
        }
        Ok(())
    }

    /// How many threads there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.shared.lock().threads
    }
}

impl Shared {
    /// Nothing that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, keep: Duration) {
        give_way();
        let mut memory = Vec::new();
        while let Some(job) = self.next(keep) {
            // Whoever waits for a job that panics sees its channel closed; the
            // thread goes on, since others may wait for it.
            let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        }
    }

    /// The next job; `None` ends the thread, which is counted out by then.
    fn next(&self, keep: Duration) -> Option<Job> {
        let mut state = self.lock();
        if state.jobs.is_empty() {
            state.idle += 1;
            state = self
                .wake
                .wait_timeout_while(state, keep, |state| state.jobs.is_empty())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.idle -= 1;
        }
        let job = state.jobs.pop_front();
        if job.is_none() {
            state.threads -= 1;
        }
        job
    }
}

/// Makes this thread yield to others of the process where both want the
/// processor. On Linux the value is the thread's own; elsewhere it would be the
/// whole process's, so there nothing is done.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "hashing threads keep the priority of the others");
    }
}

/// About a third of the weight of a thread of ordinary priority.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn answer<T: Send + 'static>(
        threads: &HashingThreads,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = mpsc::channel();
        threads
            .run(Box::new(move |memory| drop(sender.send(work(memory)))))
            .unwrap();
        receiver.recv().ok()
    }

    #[test]
    fn memory_is_kept_for_the_next_job_and_given_back_when_none_comes() {
        let threads = HashingThreads::new(1, Duration::from_millis(200));
        answer(&threads, |memory| memory.resize(64, Block::new()));
        assert_eq!(answer(&threads, |memory| memory.len()), Some(64));
        assert_eq!(threads.count(), 1);
        for _ in 0..500 {
            if threads.count() == 0 {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(threads.count(), 0);
        assert_eq!(answer(&threads, |memory| memory.len()), Some(0));
    }

    #[test]
    fn a_job_that_panics_harms_nobody_else() {
        let threads = HashingThreads::new(1, Duration::from_secs(5));
        assert_eq!(answer::<()>(&threads, |_| panic!("on purpose")), None);
        assert_eq!(answer(&threads, |_| 1), Some(1));
        assert_eq!(threads.count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn threads_give_way() {
        let threads = HashingThreads::new(1, Duration::from_secs(5));
        let stat = answer(&threads, |_| {
            std::fs::read_to_string("/proc/thread-self/stat")
        });
        let stat = stat.unwrap().unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let nice: i32 = fields.split_whitespace().nth(16).unwrap().parse().unwrap();
        assert!(nice >= NICE, "{nice}");
    }
}
