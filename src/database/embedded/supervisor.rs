//! Keeps PostgreSQL running while the server runs, from a thread of its own.
//!
//! The thread both starts PostgreSQL and outlives it, because the tie between the two
//! processes is broken when the thread that started the other one ends.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::directory::Layout;
use super::{process, settings};
use crate::setup::{Context, SetupError};

/// A start that fails this often in a row fails for good.
const MOST_FAILURES: u32 = 3;

/// How long PostgreSQL gets to stop in good order before it is stopped at once.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// What to run.
pub(crate) struct Plan {
    /// The directory of PostgreSQL's programs.
    pub(crate) binaries: PathBuf,
    /// Where, and under which account.
    pub(crate) layout: Layout,
}

/// A handle on the thread.
pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    process: Option<u32>,
    failure: Option<SetupError>,
    /// The last lines PostgreSQL wrote, for the error when it does not start.
    lines: VecDeque<String>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, at most for `time`, for somebody to say that something changed.
    fn wait(&self, time: Duration) -> bool {
        let state = self.lock();
        if state.stopping {
            drop(state);
            std::thread::sleep(time.min(Duration::from_millis(20)));
            return true;
        }
        let (state, _) =
            self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
        state.stopping
    }
}

impl Supervisor {
    /// Starts the thread, which starts PostgreSQL.
    pub(crate) fn start(plan: Plan) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = std::thread::Builder::new().name("postgres-supervisor".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                supervise(&plan, &shared);
                plan.layout.tidy();
            }
        });
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(source) => {
                shared.lock().failure =
                    Some(SetupError::Io { context: "Starting a thread".to_owned(), source });
                None
            }
        };
        Self { shared, thread }
    }

    /// Why PostgreSQL cannot be started, once that is certain. Answered once.
    pub(crate) fn failure(&self) -> Option<SetupError> {
        self.shared.lock().failure.take()
    }

    /// Process id of the postmaster, while it runs.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.shared.lock().process
    }

    /// Stops PostgreSQL and waits until it has stopped.
    pub(crate) async fn stop(&mut self) {
        self.request_stop();
        let Some(thread) = self.thread.take() else { return };
        if tokio::task::spawn_blocking(move || thread.join()).await.is_err() {
            tracing::error!("the thread that runs PostgreSQL could not be awaited");
        }
    }

    fn request_stop(&self) {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.request_stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that runs PostgreSQL panicked");
        }
    }
}

/// Starts PostgreSQL, and starts it again whenever it ends, until told to stop.
fn supervise(plan: &Plan, shared: &Arc<Shared>) {
    let mut failures: u32 = 0;
    loop {
        let began = Instant::now();
        match run(plan, shared) {
            Ok(()) if shared.lock().stopping => return,
            Ok(()) => {
                let last = shared.lock().lines.iter().cloned().collect::<Vec<_>>().join("; ");
                tracing::warn!(last, "PostgreSQL ended; starting it again");
                failures = if began.elapsed() > Duration::from_secs(10) { 1 } else { failures + 1 };
                if failures >= MOST_FAILURES {
                    shared.lock().failure = Some(SetupError::NotStarted(last));
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "PostgreSQL could not be started");
                failures += 1;
                shared.lock().failure = Some(error);
            }
        }
        let pause = Duration::from_millis(50 << failures.min(7));
        let until = Instant::now() + pause;
        while Instant::now() < until {
            if shared.wait(until.saturating_duration_since(Instant::now())) {
                return;
            }
        }
    }
}

/// Runs PostgreSQL once, until it ends or has been told to.
fn run(plan: &Plan, shared: &Arc<Shared>) -> Result<(), SetupError> {
    let Plan { binaries, layout } = plan;
    layout.initialise(binaries)?;
    evict(layout, shared)?;

    let mut command = process::command(&binaries.join("postgres"), layout.account);
    command.arg("-D").arg(&layout.cluster);
    for setting in settings::settings(&layout.sockets) {
        command.arg("-c").arg(setting);
    }
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("Starting PostgreSQL")?;
    let log = child.stderr.take();
    {
        let mut state = shared.lock();
        state.process = Some(child.id());
        state.lines.clear();
    }
    let reader = log.map(|log| {
        let shared = Arc::clone(shared);
        std::thread::spawn(move || forward_log(log, &shared))
    });
    let ended = await_end(&mut child, shared);
    shared.lock().process = None;
    // The pipe closes when the last of PostgreSQL's processes has ended.
    if let Some(reader) = reader
        && reader.join().is_err()
    {
        tracing::error!("the thread that reads PostgreSQL's log panicked");
    }
    ended.context("Waiting for PostgreSQL")
}

/// Waits for the end, and brings it about when told to stop.
fn await_end(child: &mut Child, shared: &Shared) -> std::io::Result<()> {
    let mut asked: Option<Instant> = None;
    let mut pressed = false;
    loop {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        if shared.wait(Duration::from_millis(100)) {
            match asked {
                // Fast shutdown: rolls back what is open, then writes a checkpoint.
                None => {
                    signal(child, Signal::SIGINT);
                    asked = Some(Instant::now());
                }
                Some(since) if !pressed && since.elapsed() > STOP_PATIENCE => {
                    tracing::warn!("PostgreSQL does not stop; stopping it at once");
                    signal(child, Signal::SIGQUIT);
                    pressed = true;
                }
                Some(_) => {}
            }
        }
    }
}

/// The child has not been waited for, so its id is still its own.
fn signal(child: &Child, signal: Signal) {
    if let Ok(pid) = i32::try_from(child.id())
        && let Err(error) = kill(Pid::from_raw(pid), signal)
    {
        tracing::warn!(error = %error, "PostgreSQL could not be told to stop");
    }
}

/// Makes sure that no process of an earlier server works in the cluster, and removes what
/// it left. We hold the lock of the data directory, so whoever works there has lost its server.
fn evict(layout: &Layout, shared: &Shared) -> Result<(), SetupError> {
    let began = Instant::now();
    let mut sent = None;
    while process::occupied(&layout.cluster) {
        let due = match began.elapsed() {
            elapsed if elapsed < Duration::from_secs(1) => None,
            elapsed if elapsed < Duration::from_secs(15) => Some(Signal::SIGINT),
            elapsed if elapsed < Duration::from_secs(30) => Some(Signal::SIGQUIT),
            _ => {
                return Err(SetupError::NotStarted(format!(
                    "other processes work in {}",
                    layout.cluster.display()
                )));
            }
        };
        if due != sent
            && let Some(signal) = due
            && let Some(postmaster) = process::recorded_postmaster(&layout.cluster)
            && process::works_in(postmaster, &layout.cluster)
        {
            // It may end by itself at this very moment.
            let _ = kill(postmaster, signal);
        }
        sent = due;
        if shared.wait(Duration::from_millis(10)) {
            return Ok(());
        }
    }
    process::clear_leftovers(&layout.cluster, &layout.sockets)
        .context("Removing what a killed PostgreSQL left behind")
}

/// Hands PostgreSQL's log lines to ours, and keeps the last of them.
fn forward_log(log: ChildStderr, shared: &Shared) {
    const LONGEST_LINE: u64 = 4096;
    let mut log = BufReader::new(log);
    let mut line = Vec::new();
    loop {
        line.clear();
        match log.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        // What our own asking whether it is ready yet brings about.
        let ours = text.contains("the database system is starting up")
            || text.contains("database \"steward\" does not exist");
        if text.is_empty() || ours {
            continue;
        }
        let mut state = shared.lock();
        // Connections that are cut while stopping are meant to be.
        let severe = text.starts_with("PANIC") || text.starts_with("FATAL");
        if severe && !state.stopping {
            tracing::warn!(target: "postgres", "{text}");
        } else {
            tracing::debug!(target: "postgres", "{text}");
        }
        if state.lines.len() == 5 {
            state.lines.pop_front();
        }
        state.lines.push_back(text.to_owned());
    }
}
