//! The recurring job that makes the visits which have come within the horizon, and ends the
//! assignments whose last date is past.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::civil::Date;
use steward_database::{Transaction, find_all};
use steward_kernel::local::TimeOfDay;
use steward_kernel::{Family, Result, TenantId};
use steward_platform::changes;
use steward_platform::exports::encoded;
use steward_platform::jobs::{Every, Failure, Handler, Job};
use steward_platform::{App, tenants};
use steward_transport::changes::Event;
use steward_transport::rest::Renderer;

use super::company::Company;
use super::{repository, visits};
use crate::assignments::repository as assignments;
use crate::events::model::Event as Visit;
use crate::events::wire::event;

/// How often it is looked whose night it is.
const PERIOD: Duration = Duration::from_secs(15 * 60);

/// Minutes after midnight by the clock of the company: after clocks are changed.
const NIGHT: u16 = 2 * 60 + 15;

/// Bookings that are looked up at once.
const AT_ONCE: i64 = 100;

/// What visits are in the contract.
const MESSAGE: &str = "steward.cleaning.v1.Event";

/// Makes the visits which have come within the horizon, once a night of each company.
pub struct ExtendSeries {
    renderer: Arc<Renderer>,
}

impl ExtendSeries {
    /// Tells of the visits as `renderer` writes them.
    #[must_use]
    pub const fn new(renderer: Arc<Renderer>) -> Self {
        Self { renderer }
    }

    /// Makes the visits of a booking up to a date, and tells of each.
    async fn generate(&self, tx: &Transaction, tenant: TenantId, made: Made<'_>) -> Result<()> {
        let Made { id, company, through } = made;
        let ids = visits::generate(tx, tenant, id, company, through).await?;
        let visits: Vec<Visit> = find_all(tx, tenant, &ids).await?;
        for visit in visits {
            let id = visit.id.to_string();
            let message = encoded(&event(visit));
            let told = Event {
                event_type: "cleaning.event.created",
                resource_type: "event",
                resource_id: id,
                before: None,
                after: Some(self.renderer.json(MESSAGE, Some(Family::Cleaning), &message)?),
            };
            changes::found_out(tx, told).await?;
        }
        Ok(())
    }
}

/// The visits to be made of a booking.
struct Made<'a> {
    id: i64,
    company: &'a Company,
    through: Date,
}

impl Handler for ExtendSeries {
    fn kind(&self) -> &'static str {
        "cleaning.extend_series"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(PERIOD))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let extend = |tenant| async move { extend(self, app, tenant).await };
            Ok(tenants::for_each(app, Some(Family::Cleaning), extend).await?)
        }
        .boxed()
    }
}

/// Ends what is past, and extends the series of a company when its night is over. Bookings that
/// reach as far as they should are none of those looked for, so whoever comes again finds nothing to
/// do.
async fn extend(series: &ExtendSeries, app: &App, tenant: TenantId) -> Result<()> {
    let tx = app.database.read(tenant).await?;
    let company = &Company::of(&tx, tenant).await?;
    let has_past = assignments::has_past(&tx, tenant, company.today()).await?;
    drop(tx);
    if has_past {
        app.database
            .transaction(tenant, |tx| async move {
                assignments::end_past(&tx, tenant, company.today()).await
            })
            .await?;
    }
    if TimeOfDay::of(company.zone.local(company.now)).minutes() < NIGHT {
        return Ok(());
    }
    let through = company.horizon();
    loop {
        let tx = app.database.read(tenant).await?;
        let ids = repository::ending_before(&tx, tenant, through, AT_ONCE).await?;
        drop(tx);
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            app.database
                .transaction(tenant, |tx| async move {
                    series.generate(&tx, tenant, Made { id, company, through }).await
                })
                .await?;
        }
    }
}
