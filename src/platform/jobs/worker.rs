//! The workers of a server: they claim jobs, run them, and say what came of it.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_database::Transaction;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Result};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::model::{Every, Failure, Job, State};
use super::repository::Lanes;
use super::{Handler, repository};
use crate::App;

/// How often waiting workers look for jobs; those of this process wake them at once.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often the jobs are counted for the metrics.
const COUNT_EVERY: Duration = Duration::from_secs(15);

/// How long dead jobs and the slots of recurring ones are kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Most of the letters of an error that are kept.
const MOST_OF_ERROR: usize = 1000;

/// Wakes the workers of this process. Never more than a hint: the next look finds the same.
static WAKE: Notify = Notify::const_new();

/// Has the workers of this process look for jobs now.
pub(super) fn wake() {
    WAKE.notify_one();
}

/// How a server works.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Most jobs that run at once, beside those of kinds with lanes; with 0 the server leaves all
    /// to others.
    pub concurrency: usize,
    /// How long after its last sign of life a worker is taken for dead. It gives one three times
    /// as often.
    pub lease: Duration,
    /// How long running jobs may take to finish when the server stops.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { concurrency: 16, lease: Duration::from_secs(30), grace: Duration::from_secs(25) }
    }
}

/// The handlers of a server, and what runs them.
pub struct Workers {
    app: App,
    options: Options,
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
}

impl Workers {
    /// Workers that know no kind yet but their own housekeeping.
    #[must_use]
    pub fn new(app: App, options: Options) -> Self {
        Self { app, options, handlers: BTreeMap::new() }.with(Sweep)
    }

    /// Adds the handler of a kind.
    #[must_use]
    pub fn with(mut self, handler: impl Handler) -> Self {
        self.handlers.insert(handler.kind(), Arc::new(handler));
        self
    }

    /// Works until `stop`, then lets running jobs finish, and gives back those that do not in
    /// time.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        if self.options.concurrency == 0 {
            stop.await;
            return;
        }
        let (release, released) = watch::channel(false);
        let mut running = JoinSet::new();
        let mut load: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut slots = Slots::of(&self.handlers);
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut counting = interval(COUNT_EVERY);
        counting.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(ended) = running.join_next(), if !running.is_empty() => done(&mut load, ended),
                () = WAKE.notified() => {}
                _ = look.tick() => {
                    if let Err(error) = slots.queue(&self.app).await {
                        warn("recurring jobs cannot be queued", &error);
                    }
                }
                _ = counting.tick() => {
                    if let Err(error) = self.count().await {
                        warn("jobs cannot be counted", &error);
                    }
                    continue;
                }
            }
            while let Some(ended) = running.try_join_next() {
                done(&mut load, ended);
            }
            match self.claim(&load).await {
                Ok(jobs) => {
                    for job in jobs {
                        let Some((kind, handler)) = self.handlers.get_key_value(job.kind.as_str())
                        else {
                            continue;
                        };
                        *load.entry(*kind).or_default() += 1;
                        let run = Run {
                            app: self.app.clone(),
                            handler: Arc::clone(handler),
                            job,
                            lease: self.options.lease,
                        };
                        let released = released.clone();
                        running.spawn(async move {
                            run.run(released).await;
                            run.handler.kind()
                        });
                    }
                }
                Err(error) => warn("jobs cannot be claimed", &error),
            }
        }
        let finish = async { while running.join_next().await.is_some() {} };
        if timeout(self.options.grace, finish).await.is_err() {
            // All tasks hold a receiver, and nobody else cares.
            let _ = release.send(true);
            while running.join_next().await.is_some() {}
        }
    }

    async fn claim(&self, load: &BTreeMap<&str, usize>) -> Result<Vec<Job>> {
        let mut limit = self.options.concurrency;
        let (mut rooms, mut lanes) = (Vec::new(), Vec::new());
        for handler in self.handlers.values() {
            let kind = handler.kind();
            let busy = load.get(kind).copied().unwrap_or_default();
            let room = handler.concurrency().saturating_sub(busy);
            match handler.share() {
                Some(share) if room > 0 => lanes.push(Lanes { kind, room, share }),
                Some(_) => {}
                None => {
                    limit = limit.saturating_sub(busy);
                    rooms.push((kind, room));
                }
            }
        }
        rooms.retain(|(_, room)| limit > 0 && *room > 0);
        if rooms.is_empty() && lanes.is_empty() {
            return Ok(Vec::new());
        }
        let (rooms, lanes, lease) = (&rooms, &lanes, self.options.lease);
        self.app
            .database
            .transaction_worker(|tx| async move {
                let mut jobs = Vec::new();
                if !rooms.is_empty() {
                    jobs = repository::claim(&tx, rooms, limit, lease).await?;
                }
                for lanes in lanes {
                    jobs.extend(repository::claim_in_lanes(&tx, *lanes, lease).await?);
                }
                Ok(jobs)
            })
            .await
    }

    /// Tells the metrics how many jobs there are.
    async fn count(&self) -> Result<()> {
        let counts =
            self.app.database.transaction_worker(async |tx| repository::count(&tx).await).await?;
        for kind in self.handlers.keys() {
            for state in [State::Queued, State::Running, State::Dead] {
                let n = counts.iter().find(|(k, s, _)| k == kind && *s == state);
                let n = n.map_or(0, |(_, _, n)| u32::try_from(*n).unwrap_or(u32::MAX));
                metrics::gauge!("steward_jobs", "kind" => *kind, "state" => state.as_str())
                    .set(f64::from(n));
            }
        }
        Ok(())
    }
}

/// Counts a task that ended. Tasks catch the panics of handlers.
fn done(
    load: &mut BTreeMap<&'static str, usize>,
    ended: Result<&'static str, tokio::task::JoinError>,
) {
    match ended {
        Ok(kind) => {
            if let Some(busy) = load.get_mut(kind) {
                *busy = busy.saturating_sub(1);
            }
        }
        Err(error) => tracing::error!(%error, "a worker failed"),
    }
}

fn warn(what: &'static str, error: &Error) {
    tracing::warn!(
        reason = error.reason(),
        cause = error.source_for_log().map(tracing::field::display),
        "{what}"
    );
}

/// The recurring jobs, and the slots this server has seen to.
struct Slots(Vec<(&'static str, Every, Option<Timestamp>)>);

impl Slots {
    fn of(handlers: &BTreeMap<&'static str, Arc<dyn Handler>>) -> Self {
        let recurring = |handler: &Arc<dyn Handler>| Some((handler.kind(), handler.every()?, None));
        Self(handlers.values().filter_map(recurring).collect())
    }

    /// Queues what became due since the last time, unless another server has.
    async fn queue(&mut self, app: &App) -> Result<()> {
        let now = time::now();
        let mut due = Vec::new();
        for (kind, every, seen) in &self.0 {
            let slot = every.slot(now)?;
            if *seen != Some(slot) {
                due.push((*kind, slot));
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        let slots = &due;
        app.database
            .transaction_worker(|tx| async move { repository::queue_recurring(&tx, slots).await })
            .await?;
        for (kind, slot) in due {
            for entry in self.0.iter_mut().filter(|entry| entry.0 == kind) {
                entry.2 = Some(slot);
            }
        }
        Ok(())
    }
}

/// What ended an attempt.
enum End {
    Done,
    Failed(Failure),
    /// Another worker may have the job by now.
    Lost,
    /// The server stops.
    Released,
}

/// One attempt at a job.
struct Run {
    app: App,
    handler: Arc<dyn Handler>,
    job: Job,
    lease: Duration,
}

impl Run {
    async fn run(&self, mut released: watch::Receiver<bool>) {
        let Self { job, handler, .. } = self;
        let start = Instant::now();
        let end = if job.attempt > 1 && handler.retries().pause(job.attempt - 1).is_none() {
            let error = Error::internal("the server was lost during the last attempt");
            End::Failed(Failure::Final(error))
        } else {
            tokio::select! {
                end = self.attempt() => end,
                () = self.keep() => End::Lost,
                // The sender lives as long as the tasks.
                _ = released.wait_for(|released| *released) => End::Released,
            }
        };
        let (outcome, settled) = self.settle(end).await;
        let kind = handler.kind();
        metrics::counter!("steward_job_attempts_total", "kind" => kind, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("steward_job_duration_seconds", "kind" => kind)
            .record(start.elapsed().as_secs_f64());
        if let Err(error) = settled {
            // The lease ends, and the job runs again.
            warn("the outcome of a job cannot be written", &error);
        }
    }

    /// Lets the handler do its work.
    async fn attempt(&self) -> End {
        let limit = self.handler.time_limit();
        let work = AssertUnwindSafe(self.handler.run(&self.app, &self.job)).catch_unwind();
        match timeout(limit, work).await {
            Ok(Ok(Ok(()))) => End::Done,
            Ok(Ok(Err(failure))) => End::Failed(failure),
            Ok(Err(_)) => End::Failed(Error::internal("the handler panicked").into()),
            Err(_) => {
                let error = format!("the attempt took longer than {} s", limit.as_secs());
                End::Failed(Error::internal(error).into())
            }
        }
    }

    /// Prolongs the lease for as long as it can; ends when it is lost.
    async fn keep(&self) {
        let mut held = Instant::now();
        let mut beat = interval(self.lease / 3);
        beat.tick().await;
        loop {
            beat.tick().await;
            let begun = Instant::now();
            let left = self.lease.saturating_sub(held.elapsed());
            let prolong = self.write(|tx| {
                let Self { job, lease, .. } = self;
                async move { repository::prolong(&tx, job, *lease).await }
            });
            match timeout(left, prolong).await {
                Ok(Ok(true)) => held = begun,
                Ok(Ok(false)) => return,
                // The next beat tries again, while the lease lasts.
                Ok(Err(_)) if held.elapsed() < self.lease => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    async fn write<T, Running: Future<Output = Result<T>>>(
        &self,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        self.app.database.transaction_worker(body).await
    }

    /// Writes down what came of the attempt.
    async fn settle(&self, end: End) -> (&'static str, Result<()>) {
        let job = &self.job;
        let failure = match end {
            End::Done => {
                // False when the handler completed the job by itself.
                let gone = self.write(|tx| async move { repository::finish(&tx, job).await }).await;
                return ("done", gone.map(drop));
            }
            End::Lost => {
                tracing::warn!(kind = job.kind, id = job.id, "the lease of a job was lost");
                return ("lost", Ok(()));
            }
            End::Released => {
                let back = self.write(|tx| async move { repository::release(&tx, job).await });
                return ("released", back.await);
            }
            End::Failed(failure) => failure,
        };
        let error = failure.error();
        let text = &describe(error);
        let next = match &failure {
            Failure::Again(error) => self.handler.retries().next(job.attempt, error.retry_after()),
            Failure::Final(_) => None,
        };
        let cause = error.source_for_log().map(tracing::field::display);
        let (kind, id, attempt, reason) = (&job.kind, job.id, job.attempt, error.reason());
        match next {
            Some(pause) => {
                tracing::warn!(kind, id, attempt, reason, cause, "a job failed and is tried again");
                let write = self
                    .write(|tx| async move { repository::postpone(&tx, job, pause, text).await });
                ("failed", write.await)
            }
            None => {
                tracing::error!(kind, id, attempt, reason, cause, "a job failed for good");
                // When either fails the lease ends, and both are done again.
                let buried = match self.handler.gave_up(&self.app, job).await {
                    Ok(()) => {
                        self.write(|tx| async move { repository::bury(&tx, job, text).await }).await
                    }
                    Err(error) => Err(error),
                };
                ("dead", buried)
            }
        }
    }
}

/// What an operator is told of a failure.
fn describe(error: &Error) -> String {
    let text = match error.source_for_log() {
        Some(cause) => format!("{} ({cause})", error.message()),
        None => error.message().to_owned(),
    };
    text.chars().filter(|letter| *letter != '\0').take(MOST_OF_ERROR).collect()
}

/// Forgets what is kept for no longer.
struct Sweep;

impl Handler for Sweep {
    fn kind(&self) -> &'static str {
        "jobs.sweep"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::from_secs(3600)))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let before = time::now() - KEPT;
            app.database
                .transaction_worker(|tx| async move { repository::sweep(&tx, before).await })
                .await?;
            Ok(())
        }
        .boxed()
    }
}
