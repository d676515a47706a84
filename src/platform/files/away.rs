//! Whether the store is away.
//!
//! A call that asks the store holds a transaction. While the store does not answer, calls must
//! not queue up with all the connections to the database: once one has failed, the next ones are
//! answered at once, and one after the other finds out whether the store is back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Result};
use steward_transport::part::Part;

/// How long nobody asks a store that failed; also when clients are told to try again.
const PAUSE: Duration = Duration::from_secs(5);

/// How long nobody else asks while one finds out. Longer than a call to the store takes.
const FINDING_OUT: Duration = Duration::from_secs(15);

/// Until when nobody asks the store; nothing while it answers.
#[derive(Clone)]
pub(super) struct Away {
    until: Arc<Mutex<Option<Timestamp>>>,
    pub(super) part: Part,
}

impl Default for Away {
    fn default() -> Self {
        Self { until: Arc::default(), part: Part::new("files") }
    }
}

impl Away {
    /// What `call` answers; nothing for what is not there.
    ///
    /// # Errors
    /// UNAVAILABLE when the store cannot be reached, or could not a moment ago.
    pub(super) async fn ask<T>(
        &self,
        call: impl Future<Output = object_store::Result<T>>,
    ) -> Result<Option<T>> {
        if !self.admits(time::now()) {
            return Err(unavailable());
        }
        let (answered, result) = match call.await {
            Ok(found) => (true, Ok(Some(found))),
            Err(object_store::Error::NotFound { .. }) => (true, Ok(None)),
            Err(error) => (false, Err(unreachable(error))),
        };
        self.set((!answered).then(|| time::now() + PAUSE));
        self.part.note(answered);
        result
    }

    /// Whether the store may be asked.
    fn admits(&self, now: Timestamp) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        match *until {
            None => true,
            Some(end) if now < end => false,
            Some(_) => {
                *until = Some(now + FINDING_OUT);
                true
            }
        }
    }

    fn set(&self, until: Option<Timestamp>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

fn unavailable() -> Error {
    Error::unavailable("Files cannot be reached at present.", PAUSE)
}

/// The store cannot be reached, or does not let us in.
pub(crate) fn unreachable(error: object_store::Error) -> Error {
    unavailable().with_source(error)
}

#[cfg(test)]
mod tests {
    use steward_kernel::Kind;

    use super::*;

    fn failure() -> object_store::Error {
        object_store::Error::Generic { store: "test", source: "away".into() }
    }

    #[tokio::test]
    async fn a_store_that_failed_is_left_alone_for_a_while() -> Result<()> {
        let away = Away::default();
        let missing = object_store::Error::NotFound { path: "1".to_owned(), source: "gone".into() };
        assert_eq!(away.ask(async { Ok(7) }).await?, Some(7));
        assert_eq!(away.ask::<()>(async { Err(missing) }).await?, None);
        assert!(away.part.works());
        let error = away.ask::<()>(async { Err(failure()) }).await.expect_err("a refusal");
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(!away.part.works());
        // Nobody asks now, not even once.
        let asked = away.ask::<()>(async { panic!("asked") }).await;
        assert_eq!(asked.expect_err("a refusal").kind(), Kind::Unavailable);
        // Later one does, and nobody beside it.
        let later = time::now() + PAUSE + Duration::from_secs(1);
        assert!(away.admits(later));
        assert!(!away.admits(later));
        assert!(away.admits(later + FINDING_OUT));
        away.set(None);
        assert!(away.admits(later) && away.admits(later));
        Ok(())
    }
}
