//! The server that all tests share, and servers of a test's own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Once};
use std::time::Duration;

use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::pooler::{self, Pooler};
use super::process::Process;
use super::{Answer, eventually, http};

/// A server that is ready.
pub struct Server {
    pub process: Process,
    /// `http://127.0.0.1:1234`
    pub base: String,
    pub data_dir: PathBuf,
    /// Keeps other test runs away from the data directory.
    _lock: Option<File>,
    /// What runs below a server that does not work on its data directory itself.
    _below: Option<(Process, Pooler)>,
}

static SHARED: LazyLock<Server> = LazyLock::new(|| {
    let (data_dir, lock) = shared_directory();
    let arguments = ["--webhook-private"];
    let mut server = match pooler::wanted() {
        None => Server::start_in(&data_dir, &arguments),
        Some(program) => {
            let below = Server::start_in(&data_dir, &["--job-concurrency", "0"]);
            let (mut server, pooler) = pooler::serve_through(&program, &below, &arguments);
            server.data_dir.clone_from(&below.data_dir);
            server._below = Some((below.process, pooler));
            server
        }
    };
    server._lock = Some(lock);
    server
});

impl Server {
    /// The server of this test run, started by whoever asks first.
    pub async fn shared() -> &'static Self {
        // Starting blocks, and others wait for it.
        let server = tokio::task::block_in_place(|| &*SHARED);
        server.ready().await;
        server
    }

    /// A server of the test's own in a new directory.
    pub async fn own(name: &str, arguments: &[&str]) -> Self {
        let data_dir = scratch(name);
        let server = tokio::task::block_in_place(|| Self::start_in(&data_dir, arguments));
        server.ready().await;
        server
    }

    /// Starts a server in `data_dir`. One that another server is just leaving is tried again.
    pub fn start_in(data_dir: &Path, arguments: &[&str]) -> Self {
        let mut all = vec!["--data-dir", data_dir.to_str().expect("a path in UTF-8")];
        all.extend(arguments);
        Self::start_on(data_dir, &all)
    }

    /// Starts a server with these arguments alone; its log lies beside `data_dir`.
    pub fn start_on(data_dir: &Path, arguments: &[&str]) -> Self {
        let log = data_dir.with_extension("log");
        let mut all = vec!["--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut tries = 0;
        loop {
            let process = Process::serve(&all, &log);
            match process.listening() {
                Ok(base) => {
                    return Self {
                        process,
                        base,
                        data_dir: data_dir.to_owned(),
                        _lock: None,
                        _below: None,
                    };
                }
                Err(log) => {
                    tries += 1;
                    assert!(tries < 50, "the server does not start: {log}");
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }

    /// Waits until the server says it is ready.
    pub async fn ready(&self) {
        eventually("ready", Duration::from_secs(30), async || {
            let answer = http::CLIENT.get(format!("{}/readyz", self.base)).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// A token of a new tenant, made by commands.
    pub async fn token(&self) -> String {
        let made = |arguments: &[&str]| -> Value {
            let output = self.command(arguments);
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            serde_json::from_str(&output.stdout).expect("JSON")
        };
        let tenant = made(&["tenant", "create", "--name", "Test"])["id"].to_string();
        let client = made(&["client", "create", "--tenant", &tenant, "--name", "Test"]);
        let text = |name: &str| client[name].as_str().expect("text").to_owned();
        let form = [
            ("client_id", text("client_id")),
            ("client_secret", text("client_secret")),
            ("grant_type", "client_credentials".to_owned()),
            ("scope", "openid api".to_owned()),
        ];
        let request = http::request("POST", &format!("{}/api/connect/token", self.base));
        let answer = http::send(request.form(&form)).await.value();
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// `127.0.0.1:1234`
    pub fn address(&self) -> &str {
        self.base.strip_prefix("http://").expect("plain text")
    }

    /// Runs a command on the data of this server.
    pub fn command(&self, arguments: &[&str]) -> super::process::Output {
        let mut all = arguments.to_vec();
        all.extend(["--data-dir", self.data_dir.to_str().expect("a path in UTF-8")]);
        tokio::task::block_in_place(|| super::process::run(&all))
    }
}

/// A new, empty place for a test's own data. What earlier runs left behind is removed.
pub fn scratch(name: &str) -> PathBuf {
    static SWEPT: Once = Once::new();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scratch");
    SWEPT.call_once(|| {
        fs::create_dir_all(&root).expect("a directory");
        for run in fs::read_dir(&root).expect("a directory").flatten() {
            let pid = run.file_name().to_string_lossy().parse().ok();
            let running = pid.is_some_and(|pid| kill(Pid::from_raw(pid), None).is_ok());
            if !running {
                // Whatever is in the way costs space and nothing else.
                let _ = fs::remove_dir_all(run.path());
            }
        }
    });
    let run = root.join(std::process::id().to_string());
    fs::create_dir_all(&run).expect("a directory");
    run.join(name)
}

/// A data directory that is reused as long as the migrations stay the same, so that a run
/// starts fast, and that no other run uses now.
fn shared_directory() -> (PathBuf, File) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let current = format!("server-{}", migrations_hash());
    remove_outdated(root, &current);
    for number in 0.. {
        let data_dir = root.join(format!("{current}-{number}"));
        let lock = File::create(data_dir.with_extension("lock")).expect("a lock file");
        if lock.try_lock().is_ok() {
            return (data_dir, lock);
        }
    }
    unreachable!("there are more numbers than test runs")
}

fn remove_outdated(root: &Path, current: &str) {
    for entry in fs::read_dir(root).expect("a directory").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let outdated = name.starts_with("server-") && !name.starts_with(current);
        if !outdated || !entry.path().is_dir() {
            continue;
        }
        let Ok(lock) = File::create(entry.path().with_extension("lock")) else { continue };
        if lock.try_lock().is_ok() && !entry.path().join("postgres/postmaster.pid").exists() {
            // Whatever is in the way costs space and nothing else.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn migrations_hash() -> String {
    let mut files: Vec<PathBuf> = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for migration in fs::read_dir(root).expect("migrations").flatten() {
        files.extend(fs::read_dir(migration.path()).expect("SQL").flatten().map(|f| f.path()));
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        // A migration is known by its name.
        hash.update(file.as_os_str().as_encoded_bytes());
        hash.update(fs::read(file).expect("SQL"));
    }
    let digest = hash.finalize();
    digest[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One of several servers on a database that another one has brought up.
pub struct Beside {
    pub process: Process,
    pub base: String,
    pub folder: PathBuf,
}

impl Beside {
    /// Starts it with more arguments.
    pub fn start(name: &str, url: &str, more: &[&str]) -> Self {
        let folder = scratch(name);
        let path = folder.to_str().expect("a path in UTF-8");
        let mut all = vec!["--listen", "127.0.0.1:0", "--database-url", url, "--mail-folder", path];
        all.extend(more);
        let process = Process::serve(&all, &folder.with_extension("log"));
        let base = process.listening().expect("a server");
        Self { process, base, folder }
    }
}

/// A client of a server of the test's own, made by commands as an operator does.
pub struct Operator {
    pub client_id: String,
    pub client_secret: String,
    pub token: String,
    base: String,
}

impl Operator {
    /// Makes a tenant of the first family and a client, and gets a token.
    pub async fn of(server: &Server) -> Self {
        Self::of_family(server, "facilities").await
    }

    /// Makes a tenant of a family and a client, and gets a token.
    pub async fn of_family(server: &Server, family: &str) -> Self {
        let command = |arguments: &[&str]| -> Value {
            let output = server.command(arguments);
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            serde_json::from_str(&output.stdout).expect("JSON")
        };
        let tenant =
            command(&["tenant", "create", "--family", family, "--name", "Own"])["id"].to_string();
        let client = command(&["client", "create", "--tenant", &tenant, "--name", "Own"]);
        let text = |name: &str| client[name].as_str().expect("text").to_owned();
        let mut operator = Self {
            client_id: text("client_id"),
            client_secret: text("client_secret"),
            token: String::new(),
            base: server.base.clone(),
        };
        operator.token = operator.new_token().await;
        operator
    }

    /// Gets another token.
    pub async fn new_token(&self) -> String {
        let form = [
            ("client_id", &*self.client_id),
            ("client_secret", &*self.client_secret),
            ("scope", "api"),
            ("grant_type", "client_credentials"),
        ];
        let request = http::request("POST", &format!("{}/api/connect/token", self.base));
        let body = http::send(request.form(&form)).await.is(200).json();
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// Follows the server to where it listens after a restart.
    pub fn move_to(&mut self, server: &Server) {
        self.base.clone_from(&server.base);
    }

    /// Sends a request with the token.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = http::request(method, &format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token);
        http::send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }
}
