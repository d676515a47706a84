//! Reads by id, gathered.
//!
//! A statement costs PostgreSQL and its client about the same whether it finds one row or
//! thirty. Calls that want records of one kind and one tenant at the same time are therefore
//! answered by one statement: while it runs, those who come wait for the next. A call that
//! comes alone goes at once. A statement begins after every call that it answers, so that each
//! sees what was committed before it.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use steward_kernel::{Error, Result, TenantId};
use tokio::sync::oneshot;

use crate::error::unreachable;
use crate::{Connection, Database};

/// Statements that run at a time for one kind and one tenant: while one is in PostgreSQL, the
/// answer of the other is handed out.
const MOST_RUNNING: usize = 2;

/// Most records that one statement asks for.
const MOST_IDS: usize = 100;

/// PostgreSQL guesses that an array it does not know yet holds so many elements. It keeps one
/// plan for all calls only when those made for the calls at hand look no cheaper, so shorter
/// arrays are filled up by repeating an element; planning anew takes longer than the read.
const GUESSED_ELEMENTS: usize = 10;

/// How long a statement may take. It answers many, so it must not wait as long as one may.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is found by its id.
pub trait Record: Clone + Send + Sync + 'static {
    /// Its id.
    fn id(&self) -> i64;

    /// The error for an id that is no such record of the tenant.
    fn not_found(id: i64) -> Error;

    /// The tenant's records with these ids, in any order; an id may come more than once.
    fn many(
        connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> impl Future<Output = Result<Vec<Self>>> + Send;
}

/// The records with these ids, in any order.
pub(crate) async fn many<R: Record>(
    connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<R>> {
    match ids.last() {
        Some(last) if ids.len() < GUESSED_ELEMENTS => {
            let mut filled = [*last; GUESSED_ELEMENTS];
            filled[..ids.len()].copy_from_slice(ids);
            R::many(connection, tenant, &filled).await
        }
        _ => R::many(connection, tenant, ids).await,
    }
}

/// The record with `id`, on a connection that is at hand.
///
/// # Errors
/// [`Record::not_found`], and those of the statement.
pub async fn find<R: Record>(connection: &Connection, tenant: TenantId, id: i64) -> Result<R> {
    let found = many(connection, tenant, &[id]).await?;
    found.into_iter().next().ok_or_else(|| R::not_found(id))
}

/// The records with these ids, in their order; one asked for twice is answered twice.
///
/// # Errors
/// [`Record::not_found`] of the first that is missing, and those of the statement.
pub async fn find_all<R: Record>(
    connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<R>> {
    let found = many::<R>(connection, tenant, ids).await?;
    let by_id: HashMap<i64, R> = found.into_iter().map(|record| (record.id(), record)).collect();
    ids.iter().map(|id| by_id.get(id).cloned().ok_or_else(|| R::not_found(*id))).collect()
}

/// The calls that wait for a statement, by kind of record and tenant.
#[derive(Clone, Default)]
pub(crate) struct Loader {
    // Held to look and to push, never over an await. A queue is there while a statement runs.
    queues: Arc<Mutex<Queues>>,
}

type Queues = HashMap<(TypeId, TenantId), Box<dyn Any + Send>>;

struct Queue<R> {
    running: usize,
    waiting: Vec<Waiting<R>>,
}

struct Waiting<R> {
    id: i64,
    answer: oneshot::Sender<Result<Option<R>>>,
}

impl<R> Waiting<R> {
    fn answer(self, answer: Result<Option<R>>) {
        // Whoever gave up waiting needs no answer.
        let _ = self.answer.send(answer);
    }
}

impl Database {
    /// The record of `tenant` with `id`, found together with those that others ask for at the
    /// same time.
    ///
    /// # Errors
    /// [`Record::not_found`]; UNAVAILABLE as [`Database::read`], and when the database takes too
    /// long.
    pub async fn get<R: Record>(&self, tenant: TenantId, id: i64) -> Result<R> {
        let (answer, answered) = oneshot::channel();
        if let Some(place) = self.loader.wait(tenant, Waiting { id, answer }) {
            tokio::spawn(run(self.clone(), place));
        }
        let found = answered.await.map_err(Error::internal)??;
        found.ok_or_else(|| R::not_found(id))
    }
}

/// Answers those who wait until nobody does.
async fn run<R: Record>(database: Database, mut place: Place<R>) {
    let tenant = place.tenant;
    while place.is_wanted() {
        // Those who come while a connection is waited for are answered with the others, and so
        // are those whose turn it is before it is ours again.
        let connection = database.read(tenant).await;
        tokio::task::yield_now().await;
        let waiting = place.take();
        match connection {
            Ok(connection) => answer(&connection, tenant, waiting).await,
            Err(error) => refuse(waiting, &error),
        }
    }
}

async fn answer<R: Record>(connection: &Connection, tenant: TenantId, waiting: Vec<Waiting<R>>) {
    // Another statement of the queue may have answered them all meanwhile.
    if waiting.is_empty() {
        return;
    }
    let ids: Vec<i64> = waiting.iter().map(|waiting| waiting.id).collect();
    let found = many::<R>(connection, tenant, &ids);
    let found = match tokio::time::timeout(PATIENCE, found).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return refuse(waiting, &error),
        Err(_) => return refuse(waiting, &unreachable("The database does not answer in time.")),
    };
    let mut by_id: HashMap<i64, Vec<Waiting<R>>> = HashMap::with_capacity(waiting.len());
    for waiting in waiting {
        by_id.entry(waiting.id).or_default().push(waiting);
    }
    for record in found {
        let mut waiting = by_id.remove(&record.id()).unwrap_or_default();
        let last = waiting.pop();
        for waiting in waiting {
            waiting.answer(Ok(Some(record.clone())));
        }
        if let Some(last) = last {
            last.answer(Ok(Some(record)));
        }
    }
    for missing in by_id.into_values().flatten() {
        missing.answer(Ok(None));
    }
}

fn refuse<R: Record>(waiting: Vec<Waiting<R>>, error: &Error) {
    for waiting in waiting {
        waiting.answer(Err(error.clone()));
    }
}

impl Loader {
    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call into its queue. Answers a place for a statement when one is free, which the
    /// caller has to fill.
    fn wait<R: Record>(&self, tenant: TenantId, waiting: Waiting<R>) -> Option<Place<R>> {
        let mut queues = self.queues();
        let queue = queues
            .entry((TypeId::of::<R>(), tenant))
            .or_insert_with(|| Box::new(Queue::<R> { running: 0, waiting: Vec::new() }))
            .downcast_mut::<Queue<R>>()?;
        queue.waiting.push(waiting);
        if queue.running >= MOST_RUNNING {
            return None;
        }
        queue.running += 1;
        Some(Place { loader: self.clone(), tenant, held: true, kind: PhantomData })
    }

    /// Gives a place of a queue up. With the last one goes the queue.
    fn give_up<R: Record>(queues: &mut Queues, tenant: TenantId) {
        let key = (TypeId::of::<R>(), tenant);
        let Some(queue) = queue_of::<R>(queues, tenant) else { return };
        queue.running -= 1;
        if queue.running == 0 {
            queues.remove(&key);
        }
    }
}

fn queue_of<R: Record>(queues: &mut Queues, tenant: TenantId) -> Option<&mut Queue<R>> {
    queues.get_mut(&(TypeId::of::<R>(), tenant))?.downcast_mut()
}

/// The right to run one statement at a time for a queue.
struct Place<R: Record> {
    loader: Loader,
    tenant: TenantId,
    held: bool,
    kind: PhantomData<fn() -> R>,
}

impl<R: Record> Place<R> {
    /// Whether somebody waits. When nobody does the place is given up in the same moment, so that
    /// who comes next takes one.
    fn is_wanted(&mut self) -> bool {
        let mut queues = self.loader.queues();
        let wanted = queue_of::<R>(&mut queues, self.tenant).is_some_and(|queue| {
            queue.waiting.retain(|waiting| !waiting.answer.is_closed());
            !queue.waiting.is_empty()
        });
        if !wanted {
            self.held = false;
            Loader::give_up::<R>(&mut queues, self.tenant);
        }
        wanted
    }

    /// The calls that the next statement answers.
    fn take(&self) -> Vec<Waiting<R>> {
        let mut queues = self.loader.queues();
        let Some(queue) = queue_of::<R>(&mut queues, self.tenant) else { return Vec::new() };
        let most = queue.waiting.len().min(MOST_IDS);
        queue.waiting.drain(..most).collect()
    }
}

impl<R: Record> Drop for Place<R> {
    fn drop(&mut self) {
        // Only a panic gets here with the place still held.
        if self.held {
            Loader::give_up::<R>(&mut self.loader.queues(), self.tenant);
        }
    }
}
