//! Sets of stretches of time.

use steward_kernel::local::Span;

/// Stretches of time, rising, of which no two meet or touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans {
    spans: Vec<Span>,
}

impl FromIterator<Span> for Spans {
    fn from_iter<T: IntoIterator<Item = Span>>(spans: T) -> Self {
        let mut sorted: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        sorted.sort_unstable();
        let mut spans: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match spans.last_mut() {
                Some(last) if span.from <= last.till => last.till = last.till.max(span.till),
                Some(_) | None => spans.push(span),
            }
        }
        Self { spans }
    }
}

impl Spans {
    /// The stretches, rising.
    pub fn iter(&self) -> impl Iterator<Item = Span> {
        self.spans.iter().copied()
    }

    /// What lies in either.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// What lies in this and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = Vec::with_capacity(self.spans.len());
        for span in self.iter() {
            // The stretches rise, so nothing before the end of one is looked at again.
            let mut from = span.from;
            for taken in other.iter().filter(|taken| taken.meets(&span)) {
                rest.push(Span { from, till: taken.from });
                from = taken.till;
            }
            rest.push(Span { from, till: span.till });
        }
        rest.into_iter().collect()
    }

    /// What of it lies in a stretch.
    #[must_use]
    pub fn within(&self, span: Span) -> Self {
        self.iter().filter_map(|one| one.common(&span)).collect()
    }

    /// Whether all of a stretch lies in it.
    #[must_use]
    pub fn covers(&self, span: Span) -> bool {
        self.iter().any(|one| one.from <= span.from && span.till <= one.till)
    }
}
