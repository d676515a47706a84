//! The keys of the other issuer, kept as long as they are good.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use steward_kernel::Result;
use steward_transport::part::Part;
use tokio::sync::Mutex;

use super::fetch::Fetcher;
use super::model::issuer_down;

/// How long keys are taken without asking again.
const FRESH: Duration = Duration::from_secs(3600);

/// How long keys are taken while the issuer does not answer.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// Least time between two questions for an unknown key, and between two after a failure.
const PAUSE: Duration = Duration::from_secs(60);

/// The same while no keys are known at all.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// A key that verifies.
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// The keys as they were published at one moment.
pub(super) struct Keys {
    /// The issuer's name, as it stands in tokens.
    pub(super) issuer: String,
    keys: Vec<Key>,
    read_at: Instant,
}

impl Keys {
    fn new(issuer: String, set: &JwkSet, read_at: Instant) -> Self {
        Self { issuer, keys: set.keys.iter().filter_map(key).collect(), read_at }
    }

    /// The key of a token's header. One without an id is taken by its algorithm, when that leaves
    /// no choice.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self.keys.iter().filter(|key| {
            key.algorithm == algorithm && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
        });
        let first = fitting.next()?;
        (kid.is_some() || fitting.next().is_none()).then_some(first)
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.read_at)
    }
}

/// A published key, if it verifies RS256 or ES256.
fn key(jwk: &Jwk) -> Option<Key> {
    let common = &jwk.common;
    if common.public_key_use.as_ref().is_some_and(|r#use| *r#use != PublicKeyUse::Signature) {
        return None;
    }
    let decoding = DecodingKey::from_jwk(jwk).ok()?;
    // What the key is decides, not what a token says: a token cannot choose how it is verified.
    let algorithm = match (decoding.family(), common.key_algorithm) {
        (jsonwebtoken::AlgorithmFamily::Rsa, None | Some(KeyAlgorithm::RS256)) => Algorithm::RS256,
        (jsonwebtoken::AlgorithmFamily::Ec, None | Some(KeyAlgorithm::ES256)) => Algorithm::ES256,
        _ => return None,
    };
    Some(Key { kid: common.key_id.clone(), algorithm, decoding })
}

/// What is to be done about the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// They are good as they are.
    Take,
    /// The issuer is asked; they are good if it does not answer.
    AskOrTake,
    /// The issuer is asked, because nothing else helps.
    Ask,
    /// Nothing can be verified now.
    Fail,
}

/// When the issuer was asked last.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    /// Without success, since the last success.
    failed_at: Option<Instant>,
    /// For a key that was unknown.
    for_unknown_at: Option<Instant>,
}

/// Decides by the age of the keys, whether the wanted one is among them, and what was asked.
fn step(age: Option<Duration>, is_known: bool, asked: Asked, now: Instant) -> Step {
    let within =
        |at: Option<Instant>, pause| at.is_some_and(|at| now.saturating_duration_since(at) < pause);
    let Some(age) = age.filter(|age| *age < STALE) else {
        return if within(asked.failed_at, FIRST_PAUSE) { Step::Fail } else { Step::Ask };
    };
    let has_failed = within(asked.failed_at, PAUSE);
    if !is_known && !within(asked.for_unknown_at, PAUSE) && !has_failed {
        return Step::AskOrTake;
    }
    if age >= FRESH && !has_failed { Step::AskOrTake } else { Step::Take }
}

/// Keeps the keys at hand.
pub(super) struct KeyCache {
    fetcher: Fetcher,
    current: ArcSwapOption<Keys>,
    /// Held while the issuer is asked, so that many who miss a key ask once.
    asked: Mutex<Asked>,
    pub(super) part: Part,
}

impl KeyCache {
    pub(super) fn new(fetcher: Fetcher) -> Self {
        let part = Part::new("oidc_issuer");
        Self { fetcher, current: ArcSwapOption::empty(), asked: Mutex::default(), part }
    }

    /// The keys, with the wanted one among them if the issuer has it.
    ///
    /// # Errors
    /// UNAVAILABLE when none are known that are young enough, and the issuer does not answer.
    pub(super) async fn with(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Arc<Keys>> {
        let known = self.current.load_full();
        let is_known = |keys: &Option<Arc<Keys>>| {
            keys.as_ref().is_some_and(|keys| keys.find(kid, algorithm).is_some())
        };
        if let Some(keys) = known.as_ref().filter(|keys| keys.age(Instant::now()) < FRESH)
            && is_known(&known)
        {
            return Ok(Arc::clone(keys));
        }
        let mut asked = if is_known(&known) {
            // Somebody else asks, and these are good until then.
            match (self.asked.try_lock(), &known) {
                (Ok(asked), _) => asked,
                (Err(_), Some(keys)) if keys.age(Instant::now()) < STALE => {
                    return Ok(Arc::clone(keys));
                }
                (Err(_), _) => self.asked.lock().await,
            }
        } else {
            self.asked.lock().await
        };
        let now = Instant::now();
        let known = self.current.load_full();
        let age = known.as_ref().map(|keys| keys.age(now));
        let is_known = is_known(&known);
        match (step(age, is_known, *asked, now), known) {
            (Step::Take, Some(keys)) => Ok(keys),
            (Step::AskOrTake, Some(keys)) => {
                if !is_known {
                    asked.for_unknown_at = Some(now);
                }
                Ok(self.ask(&mut asked, now).await.unwrap_or(keys))
            }
            (Step::Ask, _) => self.ask(&mut asked, now).await.ok_or_else(issuer_down),
            (Step::Take | Step::AskOrTake | Step::Fail, _) => Err(issuer_down()),
        }
    }

    /// Asks the issuer; nothing when it does not answer as it should.
    async fn ask(&self, asked: &mut Asked, now: Instant) -> Option<Arc<Keys>> {
        let read = self.fetcher.read().await;
        self.part.note(read.is_ok());
        match read {
            Ok(published) => {
                let keys = Arc::new(Keys::new(published.issuer, &published.keys, now));
                tracing::info!(keys = keys.keys.len(), "keys of the other issuer read");
                asked.failed_at = None;
                self.current.store(Some(Arc::clone(&keys)));
                Some(keys)
            }
            Err(error) => {
                asked.failed_at = Some(Instant::now());
                tracing::warn!(
                    cause = error.source_for_log().map(tracing::field::display),
                    "the other issuer does not answer"
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_when_it_must_and_no_more_often_than_it_may() {
        let start = Instant::now();
        let now = start + Duration::from_secs(100_000);
        let ago = |seconds: u64| Some(now - Duration::from_secs(seconds));
        let age = |seconds: u64| Some(Duration::from_secs(seconds));
        let never = Asked::default();
        let failed = |seconds| Asked { failed_at: ago(seconds), ..never };
        let unknown = |seconds| Asked { for_unknown_at: ago(seconds), ..never };
        for (name, keys, is_known, asked, expected) in [
            ("fresh", age(3599), true, never, Step::Take),
            ("an hour old", age(3600), true, never, Step::AskOrTake),
            ("an hour old, the issuer just down", age(3600), true, failed(59), Step::Take),
            ("an hour old, a minute later", age(3600), true, failed(60), Step::AskOrTake),
            ("nearly a day old, down", age(86_399), true, failed(1), Step::Take),
            ("a day old, down", age(86_400), true, failed(1), Step::Fail),
            ("a day old, down a while", age(86_400), true, failed(5), Step::Ask),
            ("a day old", age(86_400), true, never, Step::Ask),
            ("none", None, false, never, Step::Ask),
            ("none, down", None, false, failed(4), Step::Fail),
            ("unknown key", age(1), false, never, Step::AskOrTake),
            ("another within a minute", age(1), false, unknown(59), Step::Take),
            ("another later", age(1), false, unknown(60), Step::AskOrTake),
            ("unknown key, down", age(1), false, failed(30), Step::Take),
            ("unknown and old", age(3600), false, unknown(1), Step::AskOrTake),
        ] {
            assert_eq!(step(keys, is_known, asked, now), expected, "{name}");
        }
    }
}
