//! Visits of a company that has another time zone.

use steward_database::Transaction;
use steward_kernel::{Context, Result, TenantId};

use super::changes::minutes_of;
use super::model::Planned;
use super::{repository, will_change};
use crate::bookings::company::Company;
use crate::scheduling::visit_time;

/// Tells of the visits that [`move_to_zone`] moves. Comes before the company has another zone, by
/// which visits are shown.
pub(crate) async fn will_move(tx: &Transaction, context: &Context) -> Result<()> {
    will_change(context, &repository::upcoming(tx, context.tenant()?).await?).await
}

/// Reads the clock of a company that has another zone by now: visits that are to come keep their
/// time on the wall, and so become other instants.
pub(crate) async fn move_to_zone(tx: &Transaction, tenant: TenantId) -> Result<()> {
    let zone = Company::of(tx, tenant).await?.zone;
    let upcoming = repository::upcoming(tx, tenant).await?;
    let visits: Vec<_> = upcoming
        .iter()
        .map(|event| {
            let Planned { date, start_time, span, .. } = event.planned;
            let span = visit_time(date, start_time, minutes_of(span), &zone).span;
            (event.id, Planned { span, ..event.planned }, event.is_modified)
        })
        .collect();
    repository::replan(tx, tenant, &visits).await
}
