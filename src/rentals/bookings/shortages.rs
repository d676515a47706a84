//! Bookings that hold more pieces of an item than there are.

use std::collections::HashMap;

use steward_database::Connection;
use steward_kernel::{Result, TenantId};

use super::change::Answer;
use super::repository;
use crate::availability::{Buffers, Hold, Shelf};
use crate::items;
use crate::time::Span;

/// Notes of bookings whether they are short of something: whether, from now on, more of one of
/// their items is held than there is while they hold it. However many there are, two statements.
pub(crate) async fn mark(
    connection: &Connection,
    tenant: TenantId,
    answers: &mut [Answer],
) -> Result<()> {
    let windows: Vec<Vec<(i64, Span)>> = answers.iter().map(ahead).collect();
    let mut asked: Vec<(i64, Span)> = windows.iter().flatten().copied().collect();
    let Some(terms) = answers.first().map(|answer| answer.terms.clone()) else { return Ok(()) };
    if asked.is_empty() {
        return Ok(());
    }
    asked.sort_unstable();
    asked.dedup();
    let mut ids: Vec<i64> = asked.iter().map(|(id, _)| *id).collect();
    ids.dedup();
    let stocked = items::facts(connection, tenant, &ids).await?;
    let lines = repository::holding(connection, tenant, &asked, &terms.zone).await?;
    let now = answers.first().map(|answer| answer.now).unwrap_or_default();
    let mut holds: HashMap<i64, Vec<Hold>> = HashMap::new();
    for (item, state) in lines {
        let held = state.holds(now, terms.settings.overdue_hold_hours);
        holds.entry(item).or_default().extend(held);
    }
    let shelf = |item: &items::Stocked| {
        let held = holds.remove(&item.id).unwrap_or_default();
        let shelf = Shelf::new(item.internal_id, true, item.stock, Buffers::default(), held);
        (item.id, shelf)
    };
    let shelves: HashMap<i64, Shelf> = stocked.iter().map(shelf).collect();
    for (answer, windows) in answers.iter_mut().zip(windows) {
        answer.shortage = windows.iter().any(|(item, span)| {
            shelves.get(item).is_some_and(|shelf| !shelf.overbooked(*span).is_empty())
        });
    }
    Ok(())
}

/// When a booking holds pieces from now on, by item.
fn ahead(answer: &Answer) -> Vec<(i64, Span)> {
    let booking = &answer.booking;
    let terms = &answer.terms;
    let Some(period) = booking.period(&terms.zone).filter(|_| booking.holds()) else {
        return Vec::new();
    };
    let ahead = Span::since(answer.now);
    let of_line = |line: &super::line::Line| {
        let state = line.state(booking.internal_id, booking.status, period);
        let held = state.holds(answer.now, terms.settings.overdue_hold_hours);
        let item = line.item_id;
        held.into_iter().filter_map(move |hold| Some((item, hold.span.common(&ahead)?)))
    };
    booking.lines.iter().flat_map(of_line).collect()
}
