//! A mail server of the tests' own: takes mails, and fails where it is told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// A moment of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Greeting,
    Hello,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The line that ends the mail was read.
    Body,
}

impl Phase {
    pub(crate) const ALL: [Self; 7] = [
        Self::Greeting,
        Self::Hello,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
    ];
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    Answer(&'static str),
    Hang,
    Drop,
}

/// How the server encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    None,
    Offered,
    /// Whoever is on the way adds an answer before the encryption begins.
    Smuggled,
    Implicit,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) content: String,
    pub(crate) encrypted: bool,
    /// The line with the credentials.
    pub(crate) auth: Option<String>,
}

/// Listens until it is dropped.
pub(crate) struct TestSmtpServer {
    pub(crate) address: SocketAddr,
    /// Of the server itself, PEM.
    pub(crate) certificate: String,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

struct State {
    tls: Tls,
    fault: Option<(Phase, Fault)>,
    acceptor: TlsAcceptor,
    received: Mutex<Vec<Received>>,
    commands: Mutex<Vec<String>>,
}

impl TestSmtpServer {
    pub(crate) async fn start(tls: Tls, fault: Option<(Phase, Fault)>) -> Self {
        let (acceptor, certificate) = acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            tls,
            fault,
            acceptor,
            received: Mutex::default(),
            commands: Mutex::default(),
        });
        let shared = state.clone();
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self {
            address,
            certificate,
            state,
            listening,
        }
    }

    pub(crate) async fn good() -> Self {
        Self::start(Tls::None, None).await
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.received.lock().expect("unpoisoned").clone()
    }

    /// The first word of everything that was said.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.state.commands.lock().expect("unpoisoned").clone()
    }
}

impl Drop for TestSmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn acceptor() -> (TlsAcceptor, String) {
    let names = vec!["127.0.0.1".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("a pair");
    (TlsAcceptor::from(Arc::new(config)), own.cert.pem())
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    if state.tls == Tls::Implicit {
        if let Ok(stream) = state.acceptor.accept(stream).await {
            talk(stream, &state, true, true).await;
        }
        return;
    }
    let Some(stream) = talk(stream, &state, false, true).await else {
        return;
    };
    if let Ok(stream) = state.acceptor.accept(stream).await {
        talk(stream, &state, true, false).await;
    }
}

/// Speaks until somebody hangs up. The stream comes back to be encrypted.
async fn talk<S>(stream: S, state: &State, encrypted: bool, greets: bool) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut talk = Talk {
        stream: BufReader::new(stream),
        state,
        encrypted,
        auth: None,
        from: String::new(),
        recipients: Vec::new(),
    };
    if greets {
        talk.answer(Phase::Greeting, "220 ready").await?;
    }
    loop {
        let line = talk.line().await?;
        let word = line.split(' ').next().unwrap_or_default().to_uppercase();
        state.commands.lock().ok()?.push(word.clone());
        match word.as_str() {
            "EHLO" => talk.hello().await?,
            "STARTTLS" if state.tls == Tls::Smuggled => {
                talk.say("220 go on\r\n250 smuggled").await?;
                return Some(talk.stream.into_inner());
            }
            "STARTTLS" => {
                talk.say("220 go on").await?;
                return Some(talk.stream.into_inner());
            }
            "AUTH" => {
                talk.auth = Some(line);
                talk.answer(Phase::Auth, "235 welcome").await?;
            }
            "MAIL" => {
                talk.from = address(&line);
                talk.answer(Phase::Mail, "250 ok").await?;
            }
            "RCPT" => {
                talk.recipients.push(address(&line));
                talk.answer(Phase::Rcpt, "250 ok").await?;
            }
            "DATA" => {
                talk.answer(Phase::Data, "354 go on").await?;
                talk.take().await?;
            }
            "QUIT" => {
                talk.say("221 bye").await?;
                return None;
            }
            _ => talk.say("502 what?").await?,
        }
    }
}

fn address(line: &str) -> String {
    let start = line.find('<').map_or(0, |at| at + 1);
    let end = line.find('>').unwrap_or(line.len());
    line.get(start..end).unwrap_or_default().to_owned()
}

struct Talk<'a, S> {
    stream: BufReader<S>,
    state: &'a State,
    encrypted: bool,
    auth: Option<String>,
    from: String,
    recipients: Vec<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<'_, S> {
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn say(&mut self, text: &str) -> Option<()> {
        let text = format!("{text}\r\n");
        self.stream.write_all(text.as_bytes()).await.ok()?;
        self.stream.flush().await.ok()
    }

    /// The usual answer, or what goes wrong; nothing where the talk is over.
    async fn answer(&mut self, phase: Phase, usual: &str) -> Option<bool> {
        match self.state.fault {
            Some((at, fault)) if at == phase => match fault {
                Fault::Answer(text) => self.say(text).await.map(|()| false),
                Fault::Drop => None,
                Fault::Hang => std::future::pending().await,
            },
            _ => self.say(usual).await.map(|()| true),
        }
    }

    async fn hello(&mut self) -> Option<()> {
        let offers_tls = matches!(self.state.tls, Tls::Offered | Tls::Smuggled);
        let usual = if offers_tls && !self.encrypted {
            "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"
        } else {
            "250-test\r\n250 AUTH PLAIN LOGIN"
        };
        self.answer(Phase::Hello, usual).await.map(|_| ())
    }

    async fn take(&mut self) -> Option<()> {
        if matches!(self.state.fault, Some((Phase::Data, _))) {
            return Some(());
        }
        let mut content = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                break;
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
            content.push_str("\r\n");
        }
        if matches!(self.state.fault, Some((Phase::Body, Fault::Answer(_)))) {
            return self.answer(Phase::Body, "").await.map(|_| ());
        }
        // Taken before it is answered: who hears nothing cannot know.
        let received = Received {
            from: std::mem::take(&mut self.from),
            recipients: std::mem::take(&mut self.recipients),
            content,
            encrypted: self.encrypted,
            auth: self.auth.clone(),
        };
        self.state.received.lock().ok()?.push(received);
        self.answer(Phase::Body, "250 taken").await.map(|_| ())
    }
}
