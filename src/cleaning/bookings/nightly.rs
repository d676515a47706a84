//! The recurring job that makes the visits which have come within the horizon, and ends the
//! assignments whose last date is past.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_kernel::local::TimeOfDay;
use steward_kernel::{Family, Result, TenantId};
use steward_platform::jobs::{Every, Failure, Handler, Job};
use steward_platform::{App, tenants};

use super::company::Company;
use super::{repository, visits};
use crate::assignments::repository as assignments;

/// How often it is looked whose night it is.
const PERIOD: Duration = Duration::from_secs(15 * 60);

/// Minutes after midnight by the clock of the company: after clocks are changed.
const NIGHT: u16 = 2 * 60 + 15;

/// Bookings that are looked up at once.
const AT_ONCE: i64 = 100;

/// Makes the visits which have come within the horizon, once a night of each company.
pub struct ExtendSeries;

impl Handler for ExtendSeries {
    fn kind(&self) -> &'static str {
        "cleaning.extend_series"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(PERIOD))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let extend = |tenant| async move { extend(app, tenant).await };
            Ok(tenants::for_each(app, Some(Family::Cleaning), extend).await?)
        }
        .boxed()
    }
}

/// Ends what is past, and extends the series of a company when its night is over. Bookings that
/// reach as far as they should are none of those looked for, so whoever comes again finds nothing to
/// do.
async fn extend(app: &App, tenant: TenantId) -> Result<()> {
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
                    visits::generate(&tx, tenant, id, company, through).await.map(drop)
                })
                .await?;
        }
    }
}
