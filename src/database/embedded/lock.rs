//! One process at a time works on a data directory.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::setup::{Context, SetupError};

const NAME: &str = "steward.lock";

/// The lock on a data directory; ends with the value, and with the process however it dies.
pub(crate) struct DirectoryLock(#[expect(dead_code, reason = "held, not read")] Flock<File>);

impl DirectoryLock {
    /// Takes the lock. Waits a little for one that is about to be let go, because a server
    /// that is being replaced needs a moment to stop.
    pub(crate) async fn take(directory: &Path, patience: Duration) -> Result<Self, SetupError> {
        let deadline = Instant::now() + patience;
        loop {
            match try_take(directory)? {
                Ok(mut lock) => {
                    let written = lock
                        .set_len(0)
                        .and_then(|()| lock.write_all(std::process::id().to_string().as_bytes()));
                    written.context(format!("Writing {}", directory.join(NAME).display()))?;
                    return Ok(Self(lock));
                }
                Err(process) if Instant::now() >= deadline => {
                    return Err(SetupError::InUse { directory: directory.to_owned(), process });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// The process that holds the lock, if one does.
pub(crate) fn holder(directory: &Path) -> Result<Option<String>, SetupError> {
    if !directory.join(NAME).exists() {
        return Ok(None);
    }
    Ok(try_take(directory)?.err())
}

/// The lock, or the process that has it.
fn try_take(directory: &Path) -> Result<Result<Flock<File>, String>, SetupError> {
    let path = directory.join(NAME);
    let context = || format!("Locking {}", path.display());
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .context(context())?;
    // The text is read first: what the lock's holder wrote stays while it holds the lock.
    let mut process = String::new();
    file.read_to_string(&mut process).context(context())?;
    std::io::Seek::rewind(&mut file).context(context())?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Ok(lock)),
        Err((_, Errno::EWOULDBLOCK)) => {
            let process = process.trim();
            Ok(Err(if process.is_empty() { "?".to_owned() } else { process.to_owned() }))
        }
        Err((_, errno)) => Err(std::io::Error::from(errno)).context(context()),
    }
}
