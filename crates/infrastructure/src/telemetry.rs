//! Logging and metrics.
//!
//! Two promises are kept here for the whole process. No secret reaches the log at any level: libraries that
//! print statements, headers or mail commands at their finer levels are held at `info` or `warn`, whatever
//! `RUST_LOG` says. And log lines cannot be forged: control characters in logged values are escaped, so that
//! nobody can begin a line of their own or steer a terminal.

use std::borrow::Cow;
use std::fmt;
use std::io::{IsTerminal as _, Write};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Subscriber;
use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::filter::{EnvFilter, Targets};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::{self as lines, FormatFields, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What is logged unless a filter says otherwise.
pub const DEFAULT_FILTER: &str = "info";

/// Upper bounds of the buckets of every metric that is called `…_seconds`.
const SECONDS_BUCKETS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One line of text for a person.
    Pretty,
    /// One JSON object per line.
    Json,
}

impl LogFormat {
    /// Pretty where standard error is a terminal, JSON otherwise.
    #[must_use]
    pub fn for_standard_error() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Pretty
        } else {
            Self::Json
        }
    }
}

/// Why logging or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The levels cannot be understood.
    #[error("RUST_LOG: must be levels such as `info` or `info,userhub_api=debug`")]
    Filter,
    /// Something else logs already.
    #[error("logging is set up already: {0}")]
    AlreadyLogging(#[from] tracing_subscriber::util::TryInitError),
    /// Something else measures already.
    #[error("metrics are set up already: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
}

/// Whether `init` takes this filter.
#[must_use]
pub fn is_valid_filter(filter: &str) -> bool {
    EnvFilter::builder().parse(filter).is_ok()
}

/// Starts logging to standard error, once per process. Standard output stays free for what commands print.
///
/// `filter` has the form of `RUST_LOG`; it can raise the level of UserHub's own modules only, other crates
/// stay at `info` (SQL at `warn`) or above.
///
/// # Errors
/// The filter is nonsense, or something logs already.
pub fn init(format: LogFormat, filter: Option<&str>) -> Result<(), TelemetryError> {
    let filter = EnvFilter::builder()
        .parse(filter.unwrap_or(DEFAULT_FILTER))
        .map_err(|_| TelemetryError::Filter)?;
    let lines = match format {
        LogFormat::Pretty => pretty(std::io::stderr, std::io::stderr().is_terminal()),
        LogFormat::Json => json(std::io::stderr),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(ceilings())
        .try_init()?;
    Ok(())
}

/// Starts measuring, once per process; the handle renders the text for `/metrics`. Whoever holds it calls
/// `run_upkeep` every few seconds, since the recorder has no thread of its own.
///
/// # Errors
/// Something measures already.
pub fn install_metrics() -> Result<PrometheusHandle, TelemetryError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)?;
    Ok(builder.install_recorder()?)
}

/// What libraries may log at most: below these levels they print values of statements, headers and mails.
fn ceilings() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("userhub", LevelFilter::TRACE)
        // Its start and stop are told in UserHub's own words.
        .with_target("actix_server", LevelFilter::WARN)
        .with_target("sqlx", LevelFilter::WARN)
        .with_target("sea_orm", LevelFilter::WARN)
        .with_target("sea_orm_migration", LevelFilter::INFO)
}

fn pretty<S, W>(writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    lines::layer()
        .compact()
        .with_ansi(colours)
        .fmt_fields(escaped_fields())
        .with_writer(writer)
        .boxed()
}

/// Fields stay in an object of their own: beside `level` and `target` a field of that name could pose as one.
fn json<S, W>(writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let layer = lines::layer()
        .json()
        .with_current_span(true)
        .with_span_list(false);
    layer.with_writer(EscapedJson(writer)).boxed()
}

/// Escapes what JSON itself lets through: the control characters above ASCII, and marks of direction.
struct EscapedJson<W>(W);

impl<'writer, W: MakeWriter<'writer>> MakeWriter<'writer> for EscapedJson<W> {
    type Writer = EscapedJson<W::Writer>;

    fn make_writer(&'writer self) -> Self::Writer {
        EscapedJson(self.0.make_writer())
    }
}

impl<W: Write> Write for EscapedJson<W> {
    /// The formatter hands over one whole line at a time.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut escaped = String::with_capacity(bytes.len());
        for character in String::from_utf8_lossy(bytes).chars() {
            if character != '\n' && steers_the_display(character) {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            } else {
                escaped.push(character);
            }
        }
        self.0.write_all(escaped.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn escaped_fields() -> impl for<'writer> FormatFields<'writer> + Send + Sync + 'static {
    debug_fn(
        |writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug| {
            let text = format!("{value:?}");
            let text = escape_control_characters(&text);
            match field.name() {
                "message" => fmt::Write::write_str(writer, &text),
                name => fmt::Write::write_fmt(writer, format_args!("{name}={text}")),
            }
        },
    )
    .delimited(" ")
}

/// The text with control characters, line separators and marks that change the direction of writing in the
/// form `\n` or `\u{1b}`.
pub(crate) fn escape_control_characters(text: &str) -> Cow<'_, str> {
    if !text.contains(steers_the_display) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if steers_the_display(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn steers_the_display(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const HOSTILE: &str =
        "eve\n2026-01-01 INFO all is well\r\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\u{0}\t\"";

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'writer> MakeWriter<'writer> for Captured {
        type Writer = Self;

        fn make_writer(&'writer self) -> Self {
            self.clone()
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("failed for {HOSTILE}")]
    struct HostileError;

    fn captured(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let captured = Captured::default();
        let lines = match format {
            LogFormat::Pretty => pretty(captured.clone(), false),
            LogFormat::Json => json(captured.clone()),
        };
        let filter = EnvFilter::builder().parse(filter).unwrap();
        let subscriber = tracing_subscriber::registry()
            .with(lines.with_filter(filter))
            .with(ceilings());
        tracing::subscriber::with_default(subscriber, log);
        captured.text()
    }

    fn log_hostile_values() {
        let span = tracing::info_span!("request", agent = %HOSTILE, late = tracing::field::Empty);
        span.record("late", tracing::field::display(HOSTILE));
        let _entered = span.enter();
        let error: &dyn std::error::Error = &HostileError;
        tracing::info!(shown = %HOSTILE, debugged = ?HOSTILE, text = HOSTILE, error, "signed in: {HOSTILE}");
    }

    #[test]
    fn no_value_can_forge_a_line_or_steer_a_terminal() {
        for format in [LogFormat::Pretty, LogFormat::Json] {
            let text = captured(format, "info", log_hostile_values);
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(
                text.ends_with('\n') && text.matches('\n').count() == 1,
                "{text:?}"
            );
            assert!(!text.contains(['\r', '\u{1b}', '\0']), "{text:?}");
            assert!(
                text.contains("signed in") && text.contains("late"),
                "{text}"
            );
            assert!(
                !text.trim_end_matches('\n').contains(steers_the_display),
                "{text:?}"
            );
        }
        let json: serde_json::Value =
            serde_json::from_str(&captured(LogFormat::Json, "info", log_hostile_values)).unwrap();
        assert_eq!(json["fields"]["text"], HOSTILE, "nothing is lost");
    }

    #[test]
    fn json_lines_hold_the_fields_of_the_span_and_keep_fields_apart() {
        let text = captured(LogFormat::Json, "info", || {
            let _entered = tracing::info_span!("request", request_id = "r1").entered();
            tracing::warn!(level = "INFO", target = "elsewhere", "hello");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["fields"]["level"], "INFO");
        assert_eq!(line["fields"]["message"], "hello");
        assert_eq!(line["span"]["request_id"], "r1");
        assert!(line.get("spans").is_none());
    }

    #[test]
    fn libraries_never_log_their_finer_levels() {
        let text = captured(
            LogFormat::Pretty,
            "trace,sqlx=trace,sea_orm=trace,actix_http=trace",
            || {
                tracing::debug!(target: "sqlx::query", "one hidden");
                tracing::info!(target: "sqlx::query", "two hidden");
                tracing::info!(target: "sea_orm::driver", "three hidden");
                tracing::debug!(target: "actix_http::h1", "four hidden");
                tracing::trace!(target: "h2::codec", "five hidden");
                tracing::debug!(target: "lettre::transport", "six hidden");
                tracing::info!(target: "sea_orm_migration::migrator", "one shown");
                tracing::warn!(target: "sqlx::query", "two shown");
                tracing::info!(target: "actix_server", "seven hidden");
                tracing::warn!(target: "actix_server", "three shown");
                tracing::trace!(target: "userhub_api::http", "four shown");
                tracing::debug!(target: "userhub", "five shown");
            },
        );
        assert!(!text.contains("hidden"), "{text}");
        assert_eq!(text.matches("shown").count(), 5, "{text}");
    }

    #[test]
    fn the_filter_lowers_every_level() {
        let text = captured(LogFormat::Pretty, "warn,userhub_api=debug", || {
            tracing::info!(target: "actix_server", "hidden");
            tracing::info!(target: "userhub_domain", "hidden");
            tracing::debug!(target: "userhub_api", "shown");
        });
        assert!(text.contains("shown") && !text.contains("hidden"), "{text}");
        assert!(is_valid_filter("info,userhub_api=debug"));
        assert!(!is_valid_filter("info,userhub_api=loud"));
    }

    #[test]
    fn seconds_are_measured_in_buckets() {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
            .unwrap()
            .build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("request_seconds").record(0.003)
        });
        let text = handle.render();
        assert!(
            text.contains("request_seconds_bucket{le=\"0.005\"} 1"),
            "{text}"
        );
        assert!(
            text.contains("request_seconds_bucket{le=\"0.0025\"} 0"),
            "{text}"
        );
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert!(matches!(
            escape_control_characters("Zoë signed in"),
            Cow::Borrowed("Zoë signed in")
        ));
        assert_eq!(escape_control_characters("a\nb\u{1b}"), "a\\nb\\u{1b}");
    }
}
