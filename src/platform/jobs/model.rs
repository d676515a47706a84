//! A job, and when it is tried.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

/// A job to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub(super) kind: &'static str,
    pub(super) payload: Value,
    pub(super) run_at: Option<Timestamp>,
    pub(super) key: Option<String>,
    pub(super) lane: String,
    pub(super) subject: Option<String>,
}

impl NewJob {
    /// A job of `kind` for the handler of that kind, to run as soon as it is committed.
    ///
    /// # Errors
    /// INTERNAL when the payload cannot be written as JSON.
    pub fn new(kind: &'static str, payload: &impl Serialize) -> Result<Self> {
        let payload = serde_json::to_value(payload).map_err(Error::internal)?;
        Ok(Self { kind, payload, run_at: None, key: None, lane: String::new(), subject: None })
    }

    /// Not before `instant`.
    #[must_use]
    pub fn at(mut self, instant: Timestamp) -> Self {
        self.run_at = Some(instant);
        self
    }

    /// Not again while a job of the tenant with the same kind and key waits or runs. As a
    /// running job may have read its data already, let the key name what is to be done (the
    /// delivery, the mail), not what to look after.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Of the tenant's jobs of the kind in this lane, one runs at a time. Those about one
    /// `subject` run in the order in which they were queued: one that is to be tried again holds
    /// up what follows. For kinds whose handler says what a tenant's share is.
    #[must_use]
    pub fn in_lane(mut self, lane: impl Into<String>, subject: Option<String>) -> Self {
        self.lane = lane.into();
        self.subject = subject;
        self
    }
}

/// A job that a handler runs.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id, kept through all attempts.
    pub id: i64,
    /// Which handler runs it.
    pub kind: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    pub(super) tenant_id: i64,
    pub(super) payload: Value,
}

impl Job {
    /// Whose job it is.
    ///
    /// # Errors
    /// INTERNAL for a recurring job, which belongs to the platform.
    pub fn tenant(&self) -> Result<TenantId> {
        match self.tenant_id {
            0 => Err(Error::internal("the job belongs to no tenant")),
            id => Ok(TenantId(id)),
        }
    }

    /// What it was queued with.
    ///
    /// # Errors
    /// INTERNAL when it is something else.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.payload).map_err(Error::internal)
    }
}

/// Why an attempt failed, and what follows.
#[derive(Debug)]
pub enum Failure {
    /// To be tried again, not before the error's `retry_after` if it has one.
    Again(Error),
    /// No further attempt can help.
    Final(Error),
}

/// A failure may pass; that it cannot is for the handler to say.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Again(error)
    }
}

impl Failure {
    /// The cause.
    #[must_use]
    pub fn error(&self) -> &Error {
        let (Self::Again(error) | Self::Final(error)) = self;
        error
    }
}

/// The pauses between attempts. Each is prolonged by up to a fifth at random, so that what
/// failed together does not come back together.
#[derive(Debug, Clone, Copy)]
pub enum Retries {
    /// Doubling pauses: `first`, twice that, and so on up to `longest`; `attempts` in all.
    Doubling {
        /// Before the second attempt.
        first: Duration,
        /// The longest pause.
        longest: Duration,
        /// After this many, the job is dead.
        attempts: u32,
    },
    /// These pauses; one attempt more than there are pauses.
    After(&'static [Duration]),
}

impl Default for Retries {
    /// 5 s, 10 s, 20 s, ... 1 h; about 4 hours in all.
    fn default() -> Self {
        Self::Doubling {
            first: Duration::from_secs(5),
            longest: Duration::from_secs(3600),
            attempts: 12,
        }
    }
}

impl Retries {
    /// The pause after the attempt with this number, without its random part; nothing after the
    /// last.
    pub(crate) fn pause(self, attempt: u32) -> Option<Duration> {
        match self {
            Self::Doubling { first, longest, attempts } => (attempt < attempts).then(|| {
                let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
                first.saturating_mul(factor).min(longest)
            }),
            Self::After(pauses) => {
                let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
                pauses.get(index).copied()
            }
        }
    }

    /// The pause after an attempt, when there is another one.
    pub(super) fn next(self, attempt: u32, retry_after: Option<Duration>) -> Option<Duration> {
        let pause = self.pause(attempt)?.mul_f64(rand::random_range(1.0..1.2));
        Some(retry_after.map_or(pause, |asked| asked.max(pause)))
    }
}

/// When a recurring job runs: every `period`, counted from midnight UTC of the epoch.
#[derive(Debug, Clone, Copy)]
pub struct Every(pub Duration);

impl Every {
    /// The latest time at or before `now` at which the job is due.
    pub(super) fn slot(self, now: Timestamp) -> Result<Timestamp> {
        let period = i64::try_from(self.0.as_micros()).map_err(Error::internal)?.max(1);
        let micros = now.as_microsecond();
        Timestamp::from_microsecond(micros - micros.rem_euclid(period)).map_err(Error::internal)
    }
}

/// How a job stands, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for its time or for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Given up; kept for 30 days.
    Dead,
}

impl State {
    /// Its name in the database and in commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        match text {
            "queued" => Ok(Self::Queued),
            "running" => Ok(Self::Running),
            "dead" => Ok(Self::Dead),
            other => Err(Error::internal(format!("no state of a job: {other}"))),
        }
    }
}

/// A job as an operator sees it. The payload is left out: it may hold personal data.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The id.
    pub id: i64,
    /// The tenant, unless it is the platform's own.
    pub tenant: Option<TenantId>,
    /// Which handler runs it.
    pub kind: String,
    /// How it stands.
    pub state: State,
    /// When it runs next, or when the lease of its worker ends.
    pub due_at: Timestamp,
    /// Attempts begun.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_double_up_to_the_longest_and_end() {
        let retries = Retries::Doubling { first: SECOND, longest: 5 * SECOND, attempts: 5 };
        let pauses: Vec<_> = (1..=5).map(|attempt| retries.pause(attempt)).collect();
        assert_eq!(
            pauses,
            [Some(SECOND), Some(2 * SECOND), Some(4 * SECOND), Some(5 * SECOND), None]
        );
        let listed = Retries::After(&[SECOND]);
        assert_eq!((listed.pause(1), listed.pause(2)), (Some(SECOND), None));
    }

    #[test]
    fn random_pauses_are_never_shorter_than_asked_for() {
        let retries = Retries::After(&[SECOND]);
        for _ in 0..100 {
            let pause = retries.next(1, None).expect("a pause");
            assert!((SECOND..SECOND.mul_f64(1.2)).contains(&pause), "{pause:?}");
        }
        assert_eq!(retries.next(1, Some(60 * SECOND)), Some(60 * SECOND));
        assert_eq!(retries.next(2, Some(SECOND)), None);
    }

    #[test]
    fn slots_are_the_same_on_every_server() {
        let at = |text: &str| steward_kernel::time::parse(text).expect("an instant");
        let hourly = Every(3600 * SECOND);
        let slot = hourly.slot(at("2026-11-22T04:35:12.5Z")).expect("a slot");
        assert_eq!(slot, at("2026-11-22T04:00:00Z"));
        assert_eq!(hourly.slot(slot).expect("a slot"), slot);
    }
}
