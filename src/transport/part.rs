//! The parts outside of the server, such as its mail server, as their last uses have shown them.
//!
//! Nobody asks a part how it is: whoever uses it notes what came of that. So probes cost nothing,
//! and a part that nobody needs harms nobody. A part that does not work degrades the server and
//! never makes it unready, because everything that does not need the part goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A part outside of the server. Cheap to clone; all clones are the same part.
#[derive(Debug, Clone)]
pub struct Part(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    name: &'static str,
    /// Failures in a row from which on it does not work.
    tolerance: u32,
    failures: AtomicU32,
}

impl Part {
    /// A part that does not work once a use of it has failed, until one succeeds.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self::tolerating(name, 1)
    }

    /// A part that does not work once `tolerance` uses in a row have failed, where a single one
    /// says little of the part.
    #[must_use]
    pub fn tolerating(name: &'static str, tolerance: u32) -> Self {
        Self(Arc::new(Shared { name, tolerance, failures: AtomicU32::new(0) }))
    }

    /// What it is called: `mail`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Notes what came of a use.
    pub fn note(&self, works: bool) {
        let Shared { name, tolerance, failures } = &*self.0;
        let before = if works {
            failures.swap(0, Ordering::Relaxed)
        } else {
            let more = |number: u32| Some(number.saturating_add(1));
            failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).unwrap_or_default()
        };
        if works && before >= *tolerance {
            tracing::info!(part = name, "works again");
        } else if !works && before.saturating_add(1) == *tolerance {
            tracing::warn!(part = name, "does not work");
        }
    }

    /// Whether it works, as far as is known.
    #[must_use]
    pub fn works(&self) -> bool {
        self.0.failures.load(Ordering::Relaxed) < self.0.tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_works_until_its_uses_fail() {
        let part = Part::tolerating("webhooks", 3);
        for (works, expected) in [
            (false, true),
            (false, true),
            (true, true),
            (false, true),
            (false, true),
            (false, false),
        ] {
            part.note(works);
            assert_eq!(part.works(), expected);
        }
        part.note(false);
        assert!(!part.clone().works());
        part.note(true);
        assert!(part.works());
    }
}
