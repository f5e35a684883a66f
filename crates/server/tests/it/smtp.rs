//! A mail server of these tests' own, in plain text: it takes mails, counts
//! them, and can be told to fail in between.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How the server behaves towards the next mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Takes,
    /// Asks to come again.
    Busy,
    /// Says nothing after the greeting.
    Hangs,
    /// Takes the whole mail and never answers.
    TakesInSilence,
}

/// Listens until it is dropped.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    manner: Mutex<Manner>,
    mails: Mutex<Vec<Mail>>,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) content: String,
}

impl Mail {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.content.lines();
        lines
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .trim()
    }

    /// What stands in the link.
    pub(crate) fn token(&self) -> &str {
        let after = self.content.split("#token=").nth(1);
        let after = after.unwrap_or_else(|| panic!("no token in {}", self.content));
        after.split_whitespace().next().unwrap()
    }
}

impl SmtpServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            mails: Mutex::default(),
        });
        let clients = Arc::clone(&shared);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let clients = Arc::clone(&clients);
                tokio::spawn(async move {
                    // A client that goes away in between is what some tests are about.
                    let _ = serve(stream, &clients).await;
                });
            }
        });
        Self {
            address,
            shared,
            listening,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub(crate) fn becomes(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// Every mail whose content came whole, answered or not.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().unwrap().clone()
    }

    /// Waits until so many mails have come.
    pub(crate) async fn wait_for(&self, number: usize) -> Vec<Mail> {
        let start = Instant::now();
        loop {
            let mails = self.mails();
            if mails.len() >= number {
                return mails;
            }
            let came = mails.len();
            assert!(
                start.elapsed() < Duration::from_secs(90),
                "{came} of {number}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the first mail with this subject to an address.
    pub(crate) async fn wait_for_subject(&self, to: &str, subject: &str) -> Mail {
        let start = Instant::now();
        loop {
            let mails = self.mails();
            let found = mails
                .iter()
                .find(|mail| mail.to == to && mail.header("Subject:") == subject);
            if let Some(mail) = found {
                return mail.clone();
            }
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "{subject}: {mails:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let manner = *shared.manner.lock().unwrap();
    write.write_all(b"220 ready\r\n").await?;
    if manner == Manner::Hangs {
        std::future::pending::<()>().await;
    }
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match command.as_str() {
            "EHLO" => "250-ready\r\n250 8BITMIME\r\n",
            "MAIL" if manner == Manner::Busy => "451 later\r\n",
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1);
                to = address.unwrap_or_default().to_owned();
                "250 yes\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut content = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    content.push_str(&line);
                    content.push('\n');
                }
                let mail = Mail {
                    to: to.clone(),
                    content,
                };
                shared.mails.lock().unwrap().push(mail);
                if manner == Manner::TakesInSilence {
                    std::future::pending::<()>().await;
                }
                "250 taken\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 yes\r\n",
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
