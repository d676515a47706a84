//! Bookings whose end passes while pieces are out: told once, by a job that waits for the end.

use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use prost::Message;
use serde::{Deserialize, Serialize};
use steward_database::{Connection, Json, ResultExt, Transaction};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Family, Kind, Result, TenantId};
use steward_platform::jobs::{self, Failure, Handler, Job, NewJob};
use steward_platform::{App, changes};
use steward_rentals_schema::bookings;
use steward_transport::changes::Event;
use steward_transport::rest::Renderer;

use super::change::Answer;
use super::model::Booking;
use super::write::{self, Included};
use super::{repository, shortages};
use crate::owners;
use crate::status::BookingStatus;
use crate::time::Zone;

const KIND: &str = "rentals.tell_overdue";

/// The type of the events.
pub(super) const OVERDUE: &str = "rentals.booking.overdue";

/// The end of a booking that is waited for.
#[derive(Debug, Serialize, Deserialize)]
struct Awaited {
    /// Number of the booking.
    booking: i64,
    /// Its end in microseconds since 1970.
    end: i64,
}

/// When everything of a booking should be back; nothing while no piece is out.
fn due(booking: &Booking, zone: &Zone) -> Option<Timestamp> {
    let is_out = booking.lines.iter().any(|line| line.picked_up > line.returned());
    if booking.status != BookingStatus::Ongoing || !is_out {
        return None;
    }
    booking.period(zone).map(|period| period.span().till)
}

/// Has somebody look at a booking when it ends, where pieces of it are out that were not before,
/// or for another time.
pub(super) async fn watch(
    tx: &Transaction,
    tenant: TenantId,
    before: Option<&Booking>,
    after: &Booking,
    zone: &Zone,
) -> Result<()> {
    let Some(end) = due(after, zone) else { return Ok(()) };
    if before.and_then(|before| due(before, zone)) == Some(end) {
        return Ok(());
    }
    let awaited = Awaited { booking: after.internal_id, end: end.as_microsecond() };
    let job = NewJob::new(KIND, &awaited)?.at(end);
    let job = job.keyed(format!("{}@{}", awaited.booking, awaited.end));
    jobs::enqueue(tx, tenant, job).await.map(drop)
}

/// Tells of bookings that are overdue.
pub struct TellOverdue {
    renderer: Arc<Renderer>,
}

impl TellOverdue {
    /// Tells with what bookings look like by `renderer`.
    #[must_use]
    pub const fn new(renderer: Arc<Renderer>) -> Self {
        Self { renderer }
    }

    async fn tell(&self, app: &App, job: &Job) -> Result<()> {
        let tenant = job.tenant()?;
        let awaited: &Awaited = &job.payload()?;
        app.database
            .transaction(tenant, |tx| async move {
                let event = self.event(&tx, tenant, awaited).await?;
                jobs::complete(&tx, job).await?;
                match event {
                    Some(event) => changes::found_out(&tx, event).await,
                    None => Ok(()),
                }
            })
            .await
    }

    /// What there is to tell; nothing when everything came back, the end was moved, or this was
    /// told before.
    async fn event(
        &self,
        tx: &Transaction,
        tenant: TenantId,
        awaited: &Awaited,
    ) -> Result<Option<Event>> {
        let mut booking = match repository::lock(tx, tenant, awaited.booking).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(None),
            found => found?,
        };
        let terms = Arc::new(owners::terms(tx, tenant).await?);
        let Some(end) = due(&booking, &terms.zone) else { return Ok(None) };
        let is_told = booking.progress.overdue_since == Some(awaited.end);
        if end.as_microsecond() != awaited.end || is_told {
            return Ok(None);
        }
        booking.progress.overdue_since = Some(awaited.end);
        note(tx, tenant, &booking).await?;
        let mut seen = [Answer::shown(booking.clone(), &terms)?, Answer::shown(booking, &terms)?];
        shortages::mark(tx, tenant, &mut seen).await?;
        let [mut before, mut after] = seen;
        before.now = end;
        // The clock of this server may be behind that of the database, which said that it is time.
        after.now = time::now().max(end + Duration::from_micros(1));
        let render = |answer: Answer| {
            let message = write::booking(answer, &Included::default())?.encode_to_vec();
            self.renderer.json("steward.rentals.v1.Booking", Some(Family::Rentals), &message)
        };
        Ok(Some(Event {
            event_type: OVERDUE,
            resource_type: "booking",
            resource_id: awaited.booking.to_string(),
            before: Some(render(before)?),
            after: Some(render(after)?),
        }))
    }
}

impl Handler for TellOverdue {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move { Ok(self.tell(app, job).await?) }.boxed()
    }
}

/// Keeps what was told of a booking.
async fn note(mut connection: &Connection, tenant: TenantId, booking: &Booking) -> Result<()> {
    diesel::update(bookings::table.find((tenant.0, booking.id)))
        .set(bookings::progress.eq(Json(&booking.progress)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
