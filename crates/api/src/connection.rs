//! A connection that is closed when its client keeps it waiting.
//!
//! The protocol layer bounds how long the first head of a connection takes,
//! and how long it stays idle after an answer that was read; not a later head,
//! the rest of a body that nobody asked for, or an answer that is not fetched.

use std::{
    cell::Cell,
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// How often a connection without traffic is looked at.
const TICK: Duration = Duration::from_secs(1);

/// How long a connection may keep the server waiting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// From the first byte after an answer to the end of the next head.
    pub(crate) head: Duration,
    /// Without a byte.
    pub(crate) idle: Duration,
    /// For the client to fetch some of an answer.
    pub(crate) fetch: Duration,
}

/// How many requests of a connection have begun and ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests(Rc<(Cell<u64>, Cell<u64>)>);

impl Requests {
    /// One begins; it ends when this is dropped.
    pub(crate) fn begin(&self) -> UnderWay {
        self.0.0.set(self.begun().wrapping_add(1));
        UnderWay(self.clone())
    }

    fn begun(&self) -> u64 {
        self.0.0.get()
    }

    fn is_busy(&self) -> bool {
        self.begun() != self.0.1.get()
    }

    /// Returns as soon as a request is being handled or has been since, and
    /// after `patience` in any case: an idle connection that is closed at once
    /// could meet a request that is on its way.
    pub(crate) async fn next(&self, patience: Duration) {
        let begun = self.begun();
        let mut end = std::pin::pin!(sleep(patience));
        // It is polled whenever something happens on the connection.
        poll_fn(|context| {
            if self.is_busy() || self.begun() != begun {
                return Poll::Ready(());
            }
            end.as_mut().poll(context)
        })
        .await;
    }
}

/// A request that is being handled.
pub(crate) struct UnderWay(Requests);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let ended = &self.0.0.1;
        ended.set(ended.get().wrapping_add(1));
    }
}

/// A TCP stream with bounded patience.
pub(crate) struct Connection {
    stream: TcpStream,
    patience: Patience,
    requests: Requests,
    tick: Pin<Box<Sleep>>,
    /// How many requests had begun when `read_by` was set.
    begun: u64,
    /// When the next request must have begun.
    read_by: Option<Instant>,
    has_bytes: bool,
    /// When some of what is written must have been fetched.
    written_by: Option<Instant>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, patience: Patience) -> Self {
        Self {
            stream,
            patience,
            requests: Requests::default(),
            tick: Box::pin(sleep(TICK)),
            begun: 0,
            read_by: None,
            has_bytes: false,
            written_by: None,
        }
    }

    /// To be told of the requests on it.
    pub(crate) fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// Sets or forgets the time by which a request must begin. While one is
    /// being handled its own limits count.
    fn note_read(&mut self, got_bytes: bool) {
        let begun = self.requests.begun();
        if self.requests.is_busy() || begun != self.begun {
            self.begun = begun;
            self.read_by = None;
            self.has_bytes = false;
        }
        if self.requests.is_busy() {
            return;
        }
        if got_bytes && !self.has_bytes {
            self.has_bytes = true;
            self.read_by = Some(Instant::now() + self.patience.head);
        } else if self.read_by.is_none() {
            self.read_by = Some(Instant::now() + self.patience.idle);
        }
    }

    /// Whether a time is over; wakes the task again before it can be.
    fn is_over(&mut self, by: Option<Instant>, context: &mut Context<'_>) -> bool {
        while self.tick.as_mut().poll(context).is_ready() {
            self.tick.as_mut().reset(Instant::now() + TICK);
        }
        by.is_some_and(|by| by <= Instant::now())
    }

    fn wrote<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.written_by = None;
            return written;
        }
        let limit = Instant::now() + self.patience.fetch;
        let by = *self.written_by.get_or_insert(limit);
        if self.is_over(Some(by), context) {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl AsyncRead for Connection {
    /// The end of the stream where the client took too long.
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        this.note_read(buffer.filled().len() > before);
        if this.is_over(this.read_by, context) {
            buffer.set_filled(before);
            return Poll::Ready(Ok(()));
        }
        ready!(read)?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(written, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
