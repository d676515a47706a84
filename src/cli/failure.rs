//! What an operator is told when a command fails: one line.

use std::error::Error;
use std::fmt;

use steward_kernel::Kind;

/// Why a command failed, in one line.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure with a sentence for the operator.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failure while `doing` something, with everything its cause knows.
    pub fn during(doing: &str, cause: &dyn Error) -> Self {
        Self(format!("{doing}: {}", chain(cause)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever a library puts into its messages, the operator gets one line.
        let words: Vec<_> = self.0.split_whitespace().collect();
        f.write_str(&words.join(" "))
    }
}

/// An error with its causes, without saying anything twice.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

/// An operator may know the cause that a client may not, where the sentence alone is of no help.
impl From<steward_kernel::Error> for Failure {
    fn from(error: steward_kernel::Error) -> Self {
        let is_fault = matches!(error.kind(), Kind::Internal | Kind::Unavailable);
        let cause = error.source_for_log().filter(|_| is_fault);
        Self(match cause {
            Some(cause) => format!("{} ({})", error.message(), chain(cause)),
            None => error.message().to_owned(),
        })
    }
}

impl From<steward_database::SetupError> for Failure {
    fn from(error: steward_database::SetupError) -> Self {
        // Its messages already hold their causes.
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}
