//! The data directory: what is where, whose it is, and the first filling of the cluster.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;
use sha2::{Digest, Sha256};
use steward_kernel::text;

use super::account::Account;
use super::process;
use crate::setup::{Context, SetupError};

/// A path of a socket ends here, with the closing zero byte not counted.
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Where the parts of a cluster are, and who runs it.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The data directory.
    pub(crate) data_dir: PathBuf,
    /// PostgreSQL's own directory.
    pub(crate) cluster: PathBuf,
    /// The directory of the socket.
    pub(crate) sockets: PathBuf,
    /// Who runs PostgreSQL.
    pub(crate) account: Account,
}

/// Makes the data directory, open to its owner alone, and answers its absolute path.
pub(crate) fn make(data_dir: &Path) -> Result<PathBuf, SetupError> {
    let context = || format!("Making the data directory {}", data_dir.display());
    if !data_dir.is_dir() {
        if let Some(parent) = data_dir.parent() {
            fs::create_dir_all(parent).context(context())?;
        }
        match fs::DirBuilder::new().mode(0o700).create(data_dir) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(error).context(context());
            }
            _ => {}
        }
    }
    data_dir.canonicalize().context(context())
}

/// Where the socket of a data directory is: in it, or in a short directory of its own when the
/// path would be too long.
pub(crate) fn sockets(data_dir: &Path) -> PathBuf {
    let inside = data_dir.join("run");
    if inside.as_os_str().len() + "/.s.PGSQL.5432".len() <= LONGEST_SOCKET {
        return inside;
    }
    let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    PathBuf::from(format!("/tmp/steward-{}", text::hex(&digest[..8])))
}

impl Layout {
    /// Settles who runs PostgreSQL and makes the directories around the cluster. The caller
    /// holds the lock.
    pub(crate) fn prepare(data_dir: &Path) -> Result<Self, SetupError> {
        let cluster = data_dir.join("postgres");
        let ours = only_ours(data_dir)?;
        let account = Account::choose(data_dir, &cluster, ours)?;
        if ours {
            let context = || format!("Giving {} to PostgreSQL's account", data_dir.display());
            fs::set_permissions(data_dir, fs::Permissions::from_mode(0o700)).context(context())?;
            process::hand_over(data_dir, account).context(context())?;
        }
        let sockets = sockets(data_dir);
        make_private(&sockets, account)?;
        Ok(Self { data_dir: data_dir.to_owned(), cluster, sockets, account })
    }

    /// Makes the cluster when there is none. It is filled under another name, so that a
    /// half-made one is never taken for a whole one.
    pub(crate) fn initialise(&self, binaries: &Path) -> Result<(), SetupError> {
        for entry in fs::read_dir(&self.data_dir).context("Reading the data directory")?.flatten() {
            if process::unfinished(&entry.file_name()) {
                fs::remove_dir_all(entry.path()).context("Removing a half-made cluster")?;
            }
        }
        if self.cluster.is_dir() {
            return Ok(());
        }
        // The order of bytes never changes with the system's libraries, so indexes stay
        // valid; the kinds of letters are Unicode's, so that lower() knows them all.
        let mut refusal = String::new();
        for letters in ["C.UTF-8", "en_US.UTF-8", "C"] {
            match self.run_initdb(binaries, letters)? {
                Ok(()) => return Ok(()),
                Err(output) if output.contains("locale") => refusal = output,
                Err(output) => return Err(SetupError::NotStarted(format!("initdb: {output}"))),
            }
        }
        Err(SetupError::NotStarted(format!("initdb: {refusal}")))
    }

    /// Removes the directory of the socket if it is not inside the data directory. It stays
    /// when PostgreSQL left something in it, for the next start to clear.
    pub(crate) fn tidy(&self) {
        if !self.sockets.starts_with(&self.data_dir) {
            let _ = fs::remove_dir(&self.sockets);
        }
    }

    fn run_initdb(&self, binaries: &Path, letters: &str) -> Result<Result<(), String>, SetupError> {
        let context = || format!("Making a cluster in {}", self.data_dir.display());
        let unfinished = self.data_dir.join(format!("postgres.new-{}", std::process::id()));
        make_private(&unfinished, self.account)?;
        let output = process::command(&binaries.join("initdb"), self.account)
            .arg("--pgdata")
            .arg(&unfinished)
            .args(["--username", super::NAME, "--auth-local", "trust", "--auth-host", "reject"])
            .args(["--encoding", "UTF8", "--locale", "C", "--data-checksums"])
            .arg(format!("--lc-ctype={letters}"))
            .output()
            .context(context())?;
        if !output.status.success() {
            fs::remove_dir_all(&unfinished).context(context())?;
            let said = String::from_utf8_lossy(&output.stderr);
            return Ok(Err(said.trim().replace('\n', "; ")));
        }
        fs::rename(&unfinished, &self.cluster).context(context())?;
        fs::File::open(&self.data_dir).and_then(|file| file.sync_all()).context(context())?;
        Ok(Ok(()))
    }
}

/// Whether nothing but our own files is in a directory, so that its owner may be changed.
fn only_ours(data_dir: &Path) -> Result<bool, SetupError> {
    let entries = fs::read_dir(data_dir).context("Reading the data directory")?;
    let ours = entries.flatten().all(|entry| {
        let name = entry.file_name();
        matches!(name.to_str(), Some("steward.lock" | "postgres" | "run"))
            || process::unfinished(&name)
    });
    let owner = data_dir.metadata().context("Reading the data directory")?.uid();
    let effective = Uid::effective();
    Ok(ours && (effective.is_root() || effective.as_raw() == owner))
}

/// Makes `directory` for `account` alone. One that exists must be its own already: in a shared
/// place somebody else may have put it there.
fn make_private(directory: &Path, account: Account) -> Result<(), SetupError> {
    let context = || format!("Making {}", directory.display());
    match fs::DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => return process::hand_over(directory, account).context(context()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).context(context()),
    }
    let metadata = fs::symlink_metadata(directory).context(context())?;
    let effective = Uid::effective();
    let wanted = match account {
        Account::Other { uid, .. } => uid,
        Account::Own | Account::Namespace { .. } => effective,
    };
    // Left by a start that was killed between making and handing over.
    if metadata.is_dir() && effective.is_root() && metadata.uid() == 0 && !wanted.is_root() {
        return process::hand_over(directory, account).context(context());
    }
    if !metadata.is_dir() || metadata.uid() != wanted.as_raw() || metadata.mode() & 0o077 != 0 {
        return Err(SetupError::NoAccount(format!(
            "{} exists and is not a private directory of PostgreSQL's account; remove it.",
            directory.display()
        )));
    }
    Ok(())
}
