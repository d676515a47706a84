//! A `steward` process, and the certainty that it ends with the tests.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The program under test.
pub const STEWARD: &str = env!("CARGO_BIN_EXE_steward");

/// How long a server may take to say where it listens; the first start makes a database.
const START: Duration = Duration::from_secs(120);

/// A command with an environment in which nothing configures the server by accident.
pub fn steward() -> Command {
    let mut command = Command::new(STEWARD);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("STEWARD_") {
            command.env_remove(name);
        }
    }
    // No configuration file is found here.
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).stdin(Stdio::null());
    command
}

/// What a command said.
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    let output = steward().args(arguments).output().expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A running server process.
pub struct Process {
    child: Child,
    guard: Child,
    /// What it writes to standard output, line by line.
    lines: Mutex<Receiver<String>>,
    /// Where its log goes.
    pub log: PathBuf,
}

impl Process {
    /// Starts `steward serve` with `arguments`; its log goes to the file `log`.
    pub fn serve(arguments: &[&str], log: &Path) -> Self {
        let file = File::create(log).expect("a log file");
        let mut child = steward()
            .arg("serve")
            // Tests call more often than clients may; one about limits says which.
            .env("STEWARD_RATE_LIMITS", "off")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .expect("the program");
        // Ends the server when the pipe closes, that is when the tests end, however they do.
        let guard = Command::new("sh")
            .args(["-c", "read _; kill -TERM \"$0\" 2>/dev/null", &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Nobody listens any more; the pipe is still emptied.
                let _ = sender.send(line);
            }
        });
        Self { child, guard, lines: Mutex::new(lines), log: log.to_owned() }
    }

    /// Where the server listens, `http://127.0.0.1:1234`, or what it wrote before it gave up.
    pub fn listening(&self) -> Result<String, String> {
        let lines = self.lines.lock().expect("the lines");
        while let Ok(line) = lines.recv_timeout(START) {
            if let Some(base) = line.strip_prefix("steward listens on ") {
                return Ok(base.trim().to_owned());
            }
        }
        Err(self.logged())
    }

    /// Everything logged so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"))
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("a process to signal");
    }

    /// Waits until the process ends by itself.
    pub fn ended(mut self) -> ExitStatus {
        let status = self.child.wait().expect("an exit status");
        let _ = self.guard.kill();
        let _ = self.guard.wait();
        status
    }

    /// Stops the server and waits for its end.
    pub fn stop(self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.ended()
    }
}

impl Drop for Process {
    /// A failed test leaves no server behind: dropping the guard's pipe ends it.
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
    }
}
