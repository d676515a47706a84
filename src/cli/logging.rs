//! Log lines: JSON on standard error. Standard output belongs to the answers of commands.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::failure::Failure;

/// Begins to write log lines that `filter` lets through.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::during(&format!("Log level {filter:?}"), &error))?;
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_filter(filter.and(filter_fn(is_discreet)));
    tracing_subscriber::registry()
        .with(lines)
        .try_init()
        .map_err(|error| Failure::new(error.to_string()))
}

/// Libraries whose finer lines hold what passes through them: parameters of statements, headers,
/// frames. Whatever the operator asks for, these would be secrets and personal data.
const TALKATIVE: &[&str] =
    &["tokio_postgres", "diesel", "hyper", "h2", "tonic", "tower", "reqwest"];

fn is_discreet(line: &Metadata<'_>) -> bool {
    let library = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::INFO || !TALKATIVE.contains(&library)
}
