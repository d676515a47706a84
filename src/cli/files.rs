//! How many files the process may have open, of which each connection is one.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files beside the connections of clients: those of the pool, of jobs, uploads and downloads.
const OTHERS: u64 = 1024;

/// Lets the process have as many files open as `connections` of clients take, as far as the
/// system allows it without a privilege. Many systems allow 1024 unless a process asks for more.
pub(super) fn make_room(connections: u32) {
    let wanted = u64::from(connections) + OTHERS;
    let (soft, hard) = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok(limits) => limits,
        Err(error) => return tracing::warn!(%error, "cannot tell how many files may be open"),
    };
    let allowed = wanted.min(hard);
    if soft < allowed
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, allowed, hard)
    {
        return tracing::warn!(%error, soft, "cannot ask for more open files");
    }
    if allowed < wanted {
        tracing::warn!(
            allowed,
            wanted,
            "the system allows fewer open files than connections need: see `ulimit -n`"
        );
    }
}
