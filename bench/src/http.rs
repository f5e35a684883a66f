//! Just enough HTTP/1.1 over one kept connection. It blocks, so that a wait
//! is measured by nobody's event loop but the server's.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::Result;

/// One kept connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

/// Status and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body, if the status is the wanted one.
    pub(crate) fn expect(self, status: u16) -> Result<Vec<u8>> {
        if self.status == status {
            return Ok(self.body);
        }
        let body = String::from_utf8_lossy(&self.body);
        Err(format!("answer {} where {status} was expected: {body}", self.status).into())
    }
}

impl Connection {
    /// Connects to a port of this machine.
    pub(crate) fn open(port: u16) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(15)))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// GET, with a bearer token if there is one.
    pub(crate) fn get(&mut self, path: &str, token: Option<&str>) -> Result<Answer> {
        let authorization = token.map_or_else(String::new, |token| {
            format!("authorization: Bearer {token}\r\n")
        });
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{authorization}\r\n"
        ))
    }

    /// POST of a JSON body.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Result<Answer> {
        let body = body.to_string();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn send(&mut self, request: &str) -> Result<Answer> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .ok_or("the connection was closed, or this is no HTTP")?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            } else if header.starts_with("transfer-encoding:") {
                return Err("an answer in chunks was not expected".into());
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, body })
    }
}

/// The text of a member of a JSON object.
pub(crate) fn text(body: &[u8], member: &str) -> Result<String> {
    let value: Value = serde_json::from_slice(body)?;
    let text = value.get(member).and_then(Value::as_str);
    Ok(text
        .ok_or_else(|| format!("the answer has no text `{member}`"))?
        .to_owned())
}
