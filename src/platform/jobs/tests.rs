//! Jobs over a real database, with several servers' workers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use steward_kernel::{Error, Family, Kind, Result, TenantId};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{
    Every, Failure, Filter, Handler, Job, NewJob, Options, Retries, State, Workers, discard,
    enqueue, list, retry,
};
use crate::{App, tenants, tests};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

type Run = dyn Fn(u32) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync;

/// Reports each attempt, and does what the test says.
struct Probe {
    kind: &'static str,
    runs: mpsc::UnboundedSender<Job>,
    retries: Retries,
    every: Option<Every>,
    share: Option<usize>,
    what: Box<Run>,
}

impl Probe {
    fn new(
        kind: &'static str,
        what: impl Fn(u32) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync + 'static,
    ) -> (Self, mpsc::UnboundedReceiver<Job>) {
        let (runs, seen) = mpsc::unbounded_channel();
        let retries = Retries::After(&[Duration::ZERO]);
        (Self { kind, runs, retries, every: None, share: None, what: Box::new(what) }, seen)
    }
}

impl Handler for Probe {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn retries(&self) -> Retries {
        self.retries
    }

    fn every(&self) -> Option<Every> {
        self.every
    }

    fn share(&self) -> Option<usize> {
        self.share
    }

    fn run<'a>(&'a self, _: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        let _ = self.runs.send(job.clone());
        (self.what)(job.attempt)
    }
}

fn fine(_: u32) -> BoxFuture<'static, Result<(), Failure>> {
    async { Ok(()) }.boxed()
}

fn never(_: u32) -> BoxFuture<'static, Result<(), Failure>> {
    std::future::pending().boxed()
}

fn broken(_: u32) -> BoxFuture<'static, Result<(), Failure>> {
    async { Err(Error::unavailable("The other side is down.", Duration::ZERO).into()) }.boxed()
}

/// The workers of one server.
struct Server {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    fn start(app: &App, probe: Probe, lease: Duration, grace: Duration) -> Self {
        let options = Options { concurrency: 4, lease, grace };
        let workers = Workers::new(app.clone(), options).with(probe);
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(workers.run(stopped.map(drop))) }
    }

    async fn stop(self) {
        self.stop.send(()).expect("workers");
        self.task.await.expect("workers");
    }
}

async fn queue(app: &App, tenant: TenantId, job: NewJob) -> Result<Option<i64>> {
    let job = &job;
    app.database
        .transaction(tenant, |tx| async move { enqueue(&tx, tenant, job.clone()).await })
        .await
}

async fn next(seen: &mut mpsc::UnboundedReceiver<Job>) -> Job {
    tokio::time::timeout(LONG, seen.recv()).await.expect("in time").expect("an attempt")
}

async fn states(app: &App, kind: &str) -> Vec<(State, u32)> {
    let filter = Filter { kind: Some(kind.to_owned()), ..Filter::default() };
    let entries = list(app, &filter, 0, 100).await.expect("jobs");
    entries.iter().map(|entry| (entry.state, entry.attempts)).collect()
}

async fn until(app: &App, kind: &str, expected: &[(State, u32)]) {
    let wait = async {
        while states(app, kind).await != expected {
            tokio::task::yield_now().await;
        }
    };
    let outcome = tokio::time::timeout(LONG, wait).await;
    assert!(outcome.is_ok(), "{kind}: {:?}, not {expected:?}", states(app, kind).await);
}

async fn start(name: &str) -> (App, TenantId) {
    let app = tests::app().await;
    let tenant = tenants::create(&app, Family::Facilities, name).await.expect("a tenant").id;
    (app, tenant)
}

#[tokio::test]
async fn a_job_is_there_exactly_when_its_change_is() -> Result<()> {
    let (app, tenant) = &start("Jobs").await;
    let job = &NewJob::new("test.change", &json!({"of": "a change"}))?;
    let failed: Result<()> = app
        .database
        .transaction(*tenant, |tx| async move {
            enqueue(&tx, *tenant, job.clone()).await?;
            Err(Error::forbidden_action("No."))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(states(app, "test.change").await, []);

    queue(app, *tenant, job.clone()).await?;
    assert_eq!(states(app, "test.change").await, [(State::Queued, 0)]);
    let (probe, mut seen) = Probe::new("test.change", fine);
    let server = Server::start(app, probe, LONG, LONG);
    let job = next(&mut seen).await;
    assert_eq!((job.tenant()?, job.attempt), (*tenant, 1));
    assert_eq!(job.payload::<serde_json::Value>()?, json!({"of": "a change"}));
    until(app, "test.change", &[]).await;
    server.stop().await;
    Ok(())
}

#[tokio::test]
async fn jobs_of_a_tenant_are_hidden_from_others() -> Result<()> {
    let (app, tenant) = &start("Hidden").await;
    let (_, other) = start("Other").await;
    let foreign = queue(app, other, NewJob::new("test.hidden", &())?).await?;
    let held = app
        .database
        .transaction(*tenant, |tx| async move {
            let id = foreign.unwrap_or_default();
            super::repository::discard(&tx, id).await?;
            super::repository::hold(&tx, id).await
        })
        .await?;
    assert!(held.is_none());
    // Nor can a transaction queue for another tenant than its own.
    let job = &NewJob::new("test.hidden", &())?;
    let refused = app
        .database
        .transaction(*tenant, |tx| async move { enqueue(&tx, other, job.clone()).await })
        .await;
    assert!(refused.is_err());
    // It is still there.
    discard(app, foreign.unwrap_or_default(), &[]).await
}

#[tokio::test]
async fn a_key_asks_once_while_its_job_waits() -> Result<()> {
    let (app, tenant) = &start("Keys").await;
    let job = NewJob::new("test.keyed", &())?.keyed("one");
    assert!(queue(app, *tenant, job.clone()).await?.is_some());
    assert!(queue(app, *tenant, job.clone()).await?.is_none());
    assert!(queue(app, *tenant, job.clone().keyed("two")).await?.is_some());
    let (probe, mut seen) = Probe::new("test.keyed", fine);
    let server = Server::start(app, probe, LONG, LONG);
    next(&mut seen).await;
    next(&mut seen).await;
    until(app, "test.keyed", &[]).await;
    assert!(queue(app, *tenant, job).await?.is_some());
    next(&mut seen).await;
    server.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_failing_job_dies_after_its_last_attempt_and_can_be_retried() -> Result<()> {
    let (app, tenant) = &start("Dead").await;
    let id = queue(app, *tenant, NewJob::new("test.dead", &())?).await?.expect("an id");
    let (probe, mut seen) = Probe::new("test.dead", broken);
    let server = Server::start(app, probe, LONG, LONG);
    assert_eq!([next(&mut seen).await.attempt, next(&mut seen).await.attempt], [1, 2]);
    until(app, "test.dead", &[(State::Dead, 2)]).await;
    let entry =
        list(app, &Filter { state: Some(State::Dead), ..Filter::default() }, id - 1, 1).await?;
    assert_eq!(entry[0].last_error.as_deref(), Some("The other side is down."));

    retry(app, id).await?;
    assert_eq!(next(&mut seen).await.attempt, 1);
    until(app, "test.dead", &[(State::Dead, 2)]).await;
    discard(app, id, &[]).await?;
    assert_eq!(states(app, "test.dead").await, []);
    assert_eq!(discard(app, id, &[]).await.expect_err("gone").kind(), Kind::NotFound);
    assert_eq!(retry(app, id).await.expect_err("gone").kind(), Kind::NotFound);
    server.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_panic_and_a_final_failure_are_failures() -> Result<()> {
    let (app, tenant) = &start("Panics").await;
    queue(app, *tenant, NewJob::new("test.panic", &())?).await?;
    let (probe, _seen) = Probe::new("test.panic", |attempt| {
        async move {
            assert!(attempt > 1, "the first attempt panics");
            Err(Failure::Final(Error::forbidden_action("Never.")))
        }
        .boxed()
    });
    let probe = Probe { retries: Retries::After(&[Duration::ZERO; 9]), ..probe };
    let server = Server::start(app, probe, LONG, LONG);
    until(app, "test.panic", &[(State::Dead, 2)]).await;
    server.stop().await;
    Ok(())
}

#[tokio::test]
async fn another_worker_takes_over_when_a_lease_ends() -> Result<()> {
    let (app, tenant) = &start("Leases").await;
    let lease = Duration::from_secs(1);
    queue(app, *tenant, NewJob::new("test.lease", &())?).await?;
    let (probe, mut first) = Probe::new("test.lease", never);
    let dying = Server::start(app, probe, lease, LONG);
    assert_eq!(next(&mut first).await.attempt, 1);
    let (probe, mut second) = Probe::new("test.lease", fine);
    let other = Server::start(app, probe, lease, LONG);
    // Signs of life keep the job where it is.
    let stolen = tokio::time::timeout(lease * 3, second.recv()).await;
    assert!(stolen.is_err(), "{stolen:?}");
    // The whole server is gone at once, without a word.
    dying.task.abort();
    assert_eq!(next(&mut second).await.attempt, 2);
    until(app, "test.lease", &[]).await;
    other.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_stopping_server_finishes_its_jobs_or_gives_them_back() -> Result<()> {
    let (app, tenant) = &start("Stops").await;
    queue(app, *tenant, NewJob::new("test.stop", &())?).await?;
    let (probe, mut seen) = Probe::new("test.stop", never);
    let server = Server::start(app, probe, LONG, Duration::ZERO);
    next(&mut seen).await;
    server.stop().await;
    // Given back at once, and the attempt does not count.
    assert_eq!(states(app, "test.stop").await, [(State::Queued, 0)]);

    let (finish, finished) = oneshot::channel::<()>();
    let finished = Arc::new(Mutex::new(Some(finished)));
    let (probe, mut seen) = Probe::new("test.stop", move |_| {
        let finished = Arc::clone(&finished);
        async move {
            let _ = finished.lock().await.take().expect("one attempt").await;
            Ok(())
        }
        .boxed()
    });
    let server = Server::start(app, probe, LONG, LONG);
    next(&mut seen).await;
    let stopping = tokio::spawn(server.stop());
    finish.send(()).expect("a handler");
    stopping.await.expect("a stop");
    assert_eq!(states(app, "test.stop").await, []);
    Ok(())
}

#[tokio::test]
async fn a_recurring_job_runs_once_per_slot_with_three_servers() -> Result<()> {
    let (app, _) = &start("Recurring").await;
    let runs = Arc::new(AtomicU32::new(0));
    let mut servers = Vec::new();
    let mut reports = Vec::new();
    for _ in 0..3 {
        let runs = Arc::clone(&runs);
        let (probe, seen) = Probe::new("test.recurring", move |_| {
            runs.fetch_add(1, Ordering::Relaxed);
            fine(0)
        });
        let probe = Probe { every: Some(Every(Duration::from_secs(1))), ..probe };
        servers.push(Server::start(app, probe, LONG, LONG));
        reports.push(seen);
    }
    let enough = async {
        while runs.load(Ordering::Relaxed) < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, enough).await.expect("four slots");
    for server in servers {
        server.stop().await;
    }
    let mut slots = Vec::new();
    for seen in &mut reports {
        while let Ok(job) = seen.try_recv() {
            assert!(job.tenant().is_err(), "it belongs to no tenant");
            slots.push(job.payload::<serde_json::Value>()?["slot"].to_string());
        }
    }
    let runs = slots.len();
    slots.sort();
    slots.dedup();
    assert_eq!(slots.len(), runs, "{slots:?}");
    Ok(())
}

/// Ends every attempt by a panic, and counts how often it is told that the job is given up.
struct Panics {
    told: mpsc::UnboundedSender<u32>,
}

impl Handler for Panics {
    fn kind(&self) -> &'static str {
        "test.panics"
    }

    fn retries(&self) -> Retries {
        Retries::After(&[Duration::ZERO])
    }

    fn run<'a>(&'a self, _: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async { panic!("on purpose") }.boxed()
    }

    fn gave_up<'a>(&'a self, _: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        let _ = self.told.send(job.attempt);
        async { Ok(()) }.boxed()
    }
}

#[tokio::test]
async fn a_handler_is_told_that_its_job_is_given_up() -> Result<()> {
    let app = &tests::app().await;
    let tenant = tenants::create(app, Family::Facilities, "Panics").await?.id;
    let (told, mut seen) = mpsc::unbounded_channel();
    let options = Options { concurrency: 1, lease: LONG, grace: LONG };
    let workers = Workers::new(app.clone(), options).with(Panics { told });
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(workers.run(stopped.map(drop)));
    queue(app, tenant, NewJob::new("test.panics", &json!({}))?).await?;
    let attempt = tokio::time::timeout(LONG, seen.recv()).await.expect("in time");
    assert_eq!(attempt, Some(2), "after the last attempt, and not before");
    stop.send(()).expect("workers");
    task.await.expect("workers");
    assert_eq!(states(app, "test.panics").await, [(State::Dead, 2)]);
    Ok(())
}

#[tokio::test]
async fn lanes_run_one_job_at_a_time_and_subjects_keep_their_order() -> Result<()> {
    let (app, tenant) = &start("Lanes").await;
    let (_, other) = start("Other lanes").await;
    let add = async |tenant, lane: &str, subject: &str| {
        let job = NewJob::new("test.lanes", &json!([lane, subject]))?;
        let id = queue(app, tenant, job.in_lane(lane, Some(subject.to_owned()))).await?;
        Ok::<_, Error>(id.expect("no key"))
    };
    let mut ids = Vec::new();
    for (lane, subject) in [("1", "a"), ("1", "a"), ("1", "b"), ("2", "a"), ("3", "a")] {
        ids.push(add(*tenant, lane, subject).await?);
    }
    let foreign = add(other, "1", "a").await?;
    let (probe, mut seen) = Probe::new("test.lanes", never);
    let probe = Probe { share: Some(2), ..probe };
    let (beside, mut seen_beside) = Probe::new("test.lanes", never);
    let beside = Probe { share: Some(2), ..beside };
    let servers = [probe, beside].map(|probe| Server::start(app, probe, LONG, Duration::ZERO));
    let mut running = Vec::new();
    for _ in 0..3 {
        let job = tokio::select! {
            job = next(&mut seen) => job,
            job = next(&mut seen_beside) => job,
        };
        running.push(job.id);
    }
    // Two lanes of the one, which is its share, and the lane of the other; nothing more starts.
    let lane_of =
        |id: &i64| ids.iter().position(|one| one == id).map(|place| [1, 1, 1, 2, 3][place]);
    let lanes: std::collections::BTreeSet<_> = running.iter().map(lane_of).collect();
    assert!(running.contains(&foreign) && lanes.len() == 3, "{running:?} of {ids:?}");
    assert!(!running.contains(&ids[1]) && !running.contains(&ids[2]), "behind the first");
    let more = tokio::time::timeout(Duration::from_secs(2), seen.recv()).await;
    assert!(more.is_err() && seen_beside.try_recv().is_err(), "{more:?}");
    for server in servers {
        server.stop().await;
    }

    // The first fails: what is about something else goes on, its own follower waits for it.
    let (failing, mut seen) =
        Probe::new(
            "test.lanes",
            |attempt| {
                if attempt == 1 { broken(attempt) } else { fine(attempt) }
            },
        );
    const PAUSES: [Duration; 1] = [Duration::from_secs(2)];
    let retries = Retries::After(&PAUSES);
    let server = Server::start(app, Probe { share: Some(2), retries, ..failing }, LONG, LONG);
    let mut order = Vec::new();
    while order.len() < 12 {
        order.push(next(&mut seen).await.id);
    }
    until(app, "test.lanes", &[]).await;
    let place = |id: i64, attempt: usize| {
        order.iter().enumerate().filter(|(_, one)| **one == id).nth(attempt - 1).expect("it").0
    };
    assert!(place(ids[0], 2) < place(ids[1], 1), "{order:?} of {ids:?}");
    assert!(place(ids[2], 1) < place(ids[0], 2), "{order:?} of {ids:?}");
    server.stop().await;
    Ok(())
}
