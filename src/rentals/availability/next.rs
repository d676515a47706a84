//! When what is wanted fits next.

use std::time::Duration;

use jiff::ToSpan;
use steward_kernel::time::Timestamp;

use super::timeline::union;
use super::{Buffers, Shelf};
use crate::time::{LocalTime, Period, Span, Zone};

/// Between two starts that are tried, in minutes.
const STEP_MINUTES: i64 = 15;
/// How many starts are tried: 90 days of them.
const STEPS: i64 = 90 * 24 * 60 / STEP_MINUTES;

/// The holds that an answer for a period is made from, its next start included: those that meet
/// this span, together with those of pieces that are out, whose end moves with the clock.
#[must_use]
pub fn reach(period: &Period, buffers: Buffers) -> Span {
    let ahead = Duration::from_secs(60 * (STEPS * STEP_MINUTES).unsigned_abs());
    let asked = period.span();
    // The clock may be set back in between, by less than a day.
    let day = Duration::from_secs(24 * 3600);
    buffers.around(Span { from: asked.from, till: asked.till + ahead + day })
}

/// The first later start at which so many pieces fit for a period of the same length by the
/// clock: in steps of 15 minutes from its own start, up to 90 days ahead. Nothing when none does.
///
/// Only starts are tried that can be the answer: after one that does not fit, the next is the
/// first behind the stretch that is in its way.
#[must_use]
pub fn next_start(shelf: &Shelf, quantity: u32, period: &Period, zone: &Zone) -> Option<LocalTime> {
    let blocked = blocked(shelf, quantity, period.span().from);
    let length = period.start().duration_until(period.end());
    let mut step = 1;
    while step <= STEPS {
        let start = period.start().checked_add((step * STEP_MINUTES).minutes()).ok()?;
        if !zone.shows(start) {
            step += 1;
            continue;
        }
        let end = start.checked_add(length).ok()?;
        let rental = Span { from: zone.instant(start), till: zone.instant(end) };
        let ahead = blocked.partition_point(|span| span.till <= rental.from);
        let Some(met) = blocked.get(ahead).filter(|span| span.meets(&rental)) else {
            return Some(start);
        };
        step = if zone.shows(end) {
            // No later start has an earlier end, so all of them up to the end of the stretch
            // meet it as well.
            first_step_at(met.end()?, step, period.start(), zone)
        } else {
            // An end that the clock skips moves forward, past those of the next starts.
            step + 1
        };
    }
    None
}

/// Where from an instant on a rental must not be: the stretches in which too few pieces are
/// free, with the buffers of who asks around them; by rising time and apart from each other.
fn blocked(shelf: &Shelf, quantity: u32, from: Timestamp) -> Vec<Span> {
    let Buffers { before_minutes, after_minutes } = shelf.buffers;
    // The buffer before a rental reaches back before it.
    let short = shelf.short_of(i64::from(quantity), Span::since(from).widened(before_minutes, 0));
    // A rental with its buffers meets a stretch just when without them it meets the stretch with
    // the buffers changed over.
    union(short.iter().map(|span| span.widened(after_minutes, before_minutes)))
}

/// A step after `step` that skips none whose start is at an instant or behind it.
fn first_step_at(at: Timestamp, step: i64, start: LocalTime, zone: &Zone) -> i64 {
    // Rounded down, because of a time that the clock shows twice this may be the second instant,
    // and steps stand for the first.
    let minutes = start.duration_until(zone.local(at)).as_mins();
    minutes.div_euclid(STEP_MINUTES).max(step + 1)
}
