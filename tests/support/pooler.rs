//! PgBouncer in transaction mode between the shared server and its database, when the variable
//! `STEWARD_TEST_POOLER` names the program. All tests then run as they are.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::unistd::{User, geteuid};

use super::server::{Server, scratch};

/// Program of the pooler that tests shall run behind, if any.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the server")]
pub fn wanted() -> Option<PathBuf> {
    std::env::var_os("STEWARD_TEST_POOLER").map(PathBuf::from)
}

/// A running PgBouncer.
pub struct Pooler {
    /// Ends PgBouncer when the tests do, however they do.
    _guard: Child,
}

/// Starts a server whose data lies in `database`'s cluster, which it reaches through `program`
/// alone. Files and mail stay where they would be without.
pub fn serve_through(program: &Path, database: &Server, arguments: &[&str]) -> (Server, Pooler) {
    let sockets = database.data_dir.join("run");
    let directory = PathBuf::from(format!("/tmp/steward-pooler-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let at = directory.display();
    // Fewer connections than the server has: transactions of all tests take turns on them.
    let configuration = format!(
        "[databases]\nsteward = host={} port=5432 dbname=steward user=steward_app\n\
         [pgbouncer]\nlisten_addr =\nunix_socket_dir = {at}\nlisten_port = 6432\n\
         auth_type = any\npool_mode = transaction\ndefault_pool_size = 6\n\
         max_client_conn = 100\n",
        sockets.display()
    );
    let file = directory.join("pgbouncer.ini");
    fs::write(&file, configuration).expect("a configuration");
    let mut words = vec![program.display().to_string(), "--quiet".to_owned()];
    if geteuid().is_root() {
        // It refuses root as PostgreSQL does, and has to reach the socket of the latter.
        let owner = fs::metadata(&sockets).expect("the sockets").uid();
        let account = User::from_uid(owner.into()).expect("accounts").expect("an account");
        chown(&directory, Some(owner), None).expect("the directory");
        words.extend(["--user".to_owned(), account.name]);
    }
    words.push(file.display().to_string());
    let guard = Command::new("sh")
        .args(["-c", "\"$@\" & pooler=$!; read _; kill $pooler; rm -r \"$0\""])
        .arg(&directory)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh");

    let socket = at.to_string().replace('/', "%2F");
    let url = format!("postgresql://steward_app@{socket}:6432/steward");
    let folder = |name: &str| database.data_dir.join(name).display().to_string();
    let (mail, files) = (folder("outbox"), folder("files"));
    let mut all = vec!["--database-url", &*url, "--prepared-statements", "false"];
    all.extend(["--mail-folder", &*mail, "--files-folder", &*files]);
    all.extend(arguments);
    (Server::start_on(&scratch("pooled"), &all), Pooler { _guard: guard })
}
