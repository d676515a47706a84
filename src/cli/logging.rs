//! Log lines: JSON on standard error. Standard output belongs to the answers of commands.

use tracing_subscriber::EnvFilter;

use super::failure::Failure;

/// Begins to write log lines that `filter` lets through.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::during(&format!("Log level {filter:?}"), &error))?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|error| Failure::new(error.to_string()))
}
