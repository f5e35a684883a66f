//! What only a raw socket can send.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use userhub_api::ApiSettings;
use userhub_domain::policy::Policy;

use crate::test_app::TestApp;

/// Sends bytes and reads what comes back until the connection ends or pauses.
async fn exchange(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    // The server may close before everything is sent.
    let _ = stream.write_all(bytes).await;
    let mut all = Vec::new();
    let mut part = [0; 4096];
    while let Ok(Ok(read @ 1..)) = timeout(Duration::from_secs(3), stream.read(&mut part)).await {
        all.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn ambiguous_framing_is_refused() {
    let app = TestApp::new().await;
    for framing in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "Content-Length: +4\r\n\r\nabcd",
        "Content-Length: 4, 4\r\n\r\nabcd",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ] {
        let head =
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        let answer = exchange(&app, format!("{head}{framing}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{framing:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_slow_head_is_dropped() {
    let app = TestApp::impatient().await;
    let started = Instant::now();
    let answer = exchange(&app, b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_slow_body_is_dropped() {
    let settings = ApiSettings {
        body_timeout: Duration::from_millis(300),
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let started = Instant::now();
    let answer = exchange(
        &app,
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("body_timeout"),
        "{answer}"
    );
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn endless_chunks_are_refused_early() {
    let app = TestApp::new().await;
    let mut request = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..64 {
        request.extend_from_slice(chunk.as_bytes());
    }
    let answer = exchange(&app, &request).await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("body_too_large"),
        "{answer}"
    );
}

/// A client that sends one whole request and keeps the connection after it.
async fn outstays(app: &TestApp, bytes: &[u8], drip: &[u8]) -> bool {
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    stream.write_all(bytes).await.expect("sent");
    let started = Instant::now();
    let mut part = [0; 4096];
    while started.elapsed() < Duration::from_secs(8) {
        if stream.write_all(drip).await.is_err() {
            return false;
        }
        let read = timeout(Duration::from_millis(200), stream.read(&mut part)).await;
        if let Ok(Ok(0) | Err(_)) = read {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn one_good_request_gives_no_right_to_be_slow_after_it() {
    let app = TestApp::impatient().await;
    let live = "GET /health/live HTTP/1.1\r\nHost: x\r\n";
    for (request, drip) in [
        // A head that never ends, and a body that nobody reads.
        (format!("{live}\r\n"), "X"),
        (format!("{live}\r\n"), "\r\n"),
        (
            format!("{live}Transfer-Encoding: chunked\r\n\r\n"),
            "1\r\na\r\n",
        ),
    ] {
        assert!(
            !outstays(&app, request.as_bytes(), drip.as_bytes()).await,
            "{request:?} {drip:?}"
        );
    }
}
