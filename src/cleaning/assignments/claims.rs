//! Claims that somebody of the company approves: the seat and its times are held meanwhile.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use steward_database::{Transaction, find, page};
use steward_kernel::list::{Filter, Operator, Value};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Context, Kind, Result, TenantId};
use steward_platform::App;
use steward_platform::jobs::{self, Failure, Handler, Job, NewJob};

use super::actions::{release, tell};
use super::attendance::{self, Of};
use super::model::{Assignment, status};
use super::repository;
use crate::bookings::company::Company;
use crate::bookings::model::Booking;
use crate::bookings::repository as bookings;
use crate::cleaners::repository as cleaners;
use crate::events::changes;
use crate::events::{repository as events, will_change as visits_change};
use crate::reason::{hold_expired, illegal_transition};
use crate::wire::{all, equal};

/// The kind of the jobs.
const KIND: &str = "cleaning.release_claim";

/// What a job knows.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    assignment: i64,
}

/// Until when a claim is held that is made now.
pub(super) fn end(company: &Company) -> Timestamp {
    let minutes = company.settings.groups.booking.claim_hold_minutes;
    company.now + Duration::from_secs(u64::from(minutes.unsigned_abs()) * 60)
}

/// Has a claim released at an instant, unless it is settled by then.
pub(super) async fn hold(
    tx: &Transaction,
    tenant: TenantId,
    id: i64,
    until: Timestamp,
) -> Result<()> {
    let job = NewJob::new(KIND, &Payload { assignment: id })?.at(until);
    jobs::enqueue(tx, tenant, job).await.map(drop)
}

/// A page of the claims that wait to be approved, in the order that they were made.
pub(crate) async fn list(
    app: &App,
    context: &Context,
    query: &ListQuery,
) -> Result<Page<Assignment>> {
    let tx = app.read(context).await?;
    let now = Value::Time(time::now());
    let scope = all([
        equal(repository::STATUS, Some(Value::Integer(status::HELD.into()))),
        Some(Filter::Compare(repository::HELD_UNTIL, Operator::Greater, now)),
    ]);
    page(&tx, context.tenant()?, Some(&scope), query).await
}

/// A claim and its booking, which is held until the transaction ends.
async fn claim(tx: &Transaction, tenant: TenantId, id: i64) -> Result<(Assignment, Booking)> {
    let claim: Assignment = find(tx, tenant, id).await?;
    bookings::lock(tx, tenant, claim.request_id).await?;
    let booking = find(tx, tenant, claim.request_id).await?;
    Ok((find(tx, tenant, id).await?, booking))
}

fn is_over(claim: &Assignment) -> bool {
    claim.held_until.is_some_and(|until| until <= time::now())
}

/// Approves a claim: its cleaner comes to all visits, also to those that were made meanwhile. One
/// that was approved stays as it is.
pub(crate) async fn approve(app: &App, context: &Context, id: i64) -> Result<Assignment> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let (claim, booking) = claim(&tx, tenant, id).await?;
        match claim.status {
            status::HELD if is_over(&claim) => return Err(hold_expired()),
            status::HELD => {}
            status::ACTIVE => return Ok(claim),
            _ => return Err(illegal_transition("The claim does not wait to be approved.")),
        }
        cleaners::lock(&tx, tenant, claim.cleaner_id).await?;
        let start = (claim.start_time, false);
        changes::fix_start(&tx, context, &booking, claim.from, start).await?;
        repository::put(&tx, tenant, id, (status::ACTIVE, None), None).await?;
        let coming = events::to_come(&tx, tenant, booking.id, (claim.from, claim.until)).await?;
        visits_change(context, &coming).await?;
        let coming: Vec<i64> = coming.iter().map(|visit| visit.id).collect();
        attendance::fill(&tx, tenant, &coming, Some(id)).await?;
        tell(app, &tx, context, id).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Rejects a claim, whose seat is open again. One that was rejected stays as it is.
pub(crate) async fn reject(
    app: &App,
    context: &Context,
    id: i64,
    reason: Option<&str>,
) -> Result<Assignment> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let (claim, _) = claim(&tx, tenant, id).await?;
        match claim.status {
            status::HELD => {
                release(&tx, context, Of::Assignment(id), None).await?;
                mark_rejected(&tx, tenant, id, reason).await?;
            }
            status::REJECTED => {}
            _ => return Err(illegal_transition("The claim does not wait to be approved.")),
        }
        find(&tx, tenant, id).await
    })
    .await
}

async fn mark_rejected(
    tx: &Transaction,
    tenant: TenantId,
    id: i64,
    reason: Option<&str>,
) -> Result<()> {
    repository::put(tx, tenant, id, (status::REJECTED, None), reason).await
}

/// Releases claims that nobody approved in time.
pub struct ReleaseClaim;

impl Handler for ReleaseClaim {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let tenant = job.tenant()?;
            let Payload { assignment: id } = job.payload()?;
            let released = app.database.transaction(tenant, |tx| async move {
                let (claim, _) = claim(&tx, tenant, id).await?;
                if claim.status == status::HELD && is_over(&claim) {
                    let reason = "Nobody approved it in time.";
                    attendance::release(&tx, tenant, Of::Assignment(id), None).await?;
                    mark_rejected(&tx, tenant, id, Some(reason)).await?;
                }
                Ok(())
            });
            match released.await {
                // With its booking the claim is over.
                Err(error) if error.kind() == Kind::NotFound => Ok(()),
                released => Ok(released?),
            }
        }
        .boxed()
    }
}
