//! How many pieces of an item are held at every instant.

use steward_kernel::time::Timestamp;

use super::Hold;
use crate::time::Span;

/// A stretch of time with one number of pieces held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// When.
    pub span: Span,
    /// How many pieces are held at every instant of it.
    pub held: i64,
}

/// The pieces held as a step function of time: nothing before the first step, and from each
/// step to the next what it says. Making one takes the time of sorting the holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// By rising instant, each with another number than the one before.
    steps: Vec<(Timestamp, i64)>,
}

impl Timeline {
    /// Adds up holds of one item.
    #[must_use]
    pub fn new<'a>(holds: impl IntoIterator<Item = &'a Hold>) -> Self {
        let mut events: Vec<(Timestamp, i64)> = Vec::new();
        for hold in holds {
            if !hold.span.is_empty() {
                events.push((hold.span.from, i64::from(hold.pieces)));
                events.push((hold.span.till, -i64::from(hold.pieces)));
            }
        }
        events.sort_unstable_by_key(|(at, _)| *at);
        let mut steps = Vec::with_capacity(events.len());
        let mut held = 0;
        for together in events.chunk_by(|(one, _), (other, _)| one == other) {
            let change: i64 = together.iter().map(|(_, change)| change).sum();
            held += change;
            if let (Some((at, _)), true) = (together.first(), change != 0) {
                steps.push((*at, held));
            }
        }
        Self { steps }
    }

    /// The stretches of a span by rising time, without gaps: none of an empty span.
    pub fn stretches(&self, span: Span) -> impl Iterator<Item = Stretch> + '_ {
        let after = self.steps.partition_point(|(at, _)| *at <= span.from);
        let before = after.checked_sub(1).and_then(|place| self.steps.get(place));
        let first = (!span.is_empty()).then_some((span.from, before.map_or(0, |(_, held)| *held)));
        let later = self.steps.get(after..).unwrap_or_default();
        let inside = later.iter().copied().take_while(move |(at, _)| *at < span.till);
        let mut steps = first.into_iter().chain(inside).peekable();
        std::iter::from_fn(move || {
            let (from, held) = steps.next()?;
            let till = steps.peek().map_or(span.till, |(at, _)| *at);
            Some(Stretch { span: Span { from, till }, held })
        })
    }

    /// Pieces held at an instant.
    #[must_use]
    pub fn held_at(&self, at: Timestamp) -> i64 {
        let after = self.steps.partition_point(|(step, _)| *step <= at);
        after.checked_sub(1).and_then(|place| self.steps.get(place)).map_or(0, |(_, held)| *held)
    }

    /// The most pieces held at any instant of a span; 0 of an empty one.
    #[must_use]
    pub fn most_held(&self, span: Span) -> i64 {
        self.stretches(span).map(|stretch| stretch.held).max().unwrap_or(0)
    }

    /// The longest stretches of a span in which more than so many pieces are held, by rising
    /// time and apart from each other.
    #[must_use]
    pub fn above(&self, pieces: i64, span: Span) -> Vec<Span> {
        let over = self.stretches(span).filter(|stretch| stretch.held > pieces);
        union(over.map(|stretch| stretch.span))
    }
}

/// Spans by rising start, those that touch or overlap made one.
pub(super) fn union(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from <= last.till => last.till = last.till.max(span.till),
            Some(_) | None => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Source;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::new(second, 0).unwrap()
    }

    fn hold(pieces: u32, from: i64, till: i64) -> Hold {
        let span = Span { from: at(from), till: at(till) };
        Hold { pieces, span, source: Source::Downtime }
    }

    #[test]
    fn an_end_and_a_start_at_the_same_instant_leave_no_trace() {
        let timeline = Timeline::new(&[hold(2, 0, 10), hold(2, 10, 20)]);
        assert_eq!(timeline.steps, [(at(0), 2), (at(20), 0)]);
        assert_eq!(timeline.held_at(at(-1)), 0);
        assert_eq!(timeline.held_at(at(10)), 2);
        assert_eq!(timeline.held_at(at(20)), 0);
    }

    #[test]
    fn holds_without_end_go_on_for_ever() {
        let hold = Hold { span: Span::since(at(5)), ..hold(1, 0, 1) };
        let timeline = Timeline::new(&[hold]);
        assert_eq!(timeline.above(0, Span::since(at(100))), [Span::since(at(100))]);
    }

    proptest! {
        #[test]
        fn is_what_adding_up_at_every_instant_gives(
            holds in prop::collection::vec((1_u32..5, 0_i64..60, 0_i64..60), 0..25),
            (from, length) in (0_i64..60, 0_i64..60),
            limit in 0_i64..12,
        ) {
            let holds: Vec<_> =
                holds.into_iter().map(|(pieces, from, till)| hold(pieces, from, till)).collect();
            let timeline = Timeline::new(&holds);
            let brute = |second: i64| -> i64 {
                let there = holds.iter().filter(|hold| {
                    hold.span.from <= at(second) && at(second) < hold.span.till
                });
                there.map(|hold| i64::from(hold.pieces)).sum()
            };
            for second in -1..61 {
                prop_assert_eq!(timeline.held_at(at(second)), brute(second));
            }
            let span = Span { from: at(from), till: at(from + length) };
            let most = (from..from + length).map(brute).max().unwrap_or(0);
            prop_assert_eq!(timeline.most_held(span), most);

            let above = timeline.above(limit, span);
            for second in from..from + length {
                let inside = above.iter().any(|s| s.from <= at(second) && at(second) < s.till);
                prop_assert_eq!(inside, brute(second) > limit);
            }
            prop_assert!(above.is_sorted_by(|one, other| one.till < other.from));
            prop_assert!(above.iter().all(|part| span.common(part) == Some(*part)));

            let mut next = span.from;
            for stretch in timeline.stretches(span) {
                prop_assert_eq!(stretch.span.from, next);
                next = stretch.span.till;
            }
            prop_assert_eq!(next, span.till);
        }
    }
}
