//! PostgreSQL's processes: starting them under their account, tying them to this process,
//! and clearing away what a killed one left behind.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

#[cfg(target_os = "linux")]
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::account::Account;

/// A command that runs `program` under `account` with a plain environment.
#[expect(clippy::disallowed_methods, reason = "the system's own variable, not a setting")]
pub(crate) fn command(program: &Path, account: Account) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/")
        .stdin(Stdio::null())
        // Ctrl-C in a terminal reaches all processes of a group; we tell PostgreSQL ourselves,
        // after the last call has been answered.
        .process_group(0);
    if let Some(libraries) = std::env::var_os("LD_LIBRARY_PATH") {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    if let Account::Other { uid, gid } = account {
        command.uid(uid.as_raw()).gid(gid.as_raw());
    }
    tie(&mut command, account);
    command
}

/// Has the child told to stop when the thread that spawned it ends, which happens at the
/// latest when this process dies, however it does.
#[cfg(target_os = "linux")]
fn tie(command: &mut Command, account: Account) {
    let parent = Pid::this();
    let namespace = match account {
        Account::Namespace { uid } => {
            Some((format!("{uid} 0 1"), format!("{uid} {} 1", nix::unistd::Gid::effective())))
        }
        Account::Own | Account::Other { .. } => None,
    };
    let prepare = move || {
        if let Some((users, groups)) = &namespace {
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER)?;
            std::fs::write("/proc/self/setgroups", "deny")?;
            std::fs::write("/proc/self/uid_map", users)?;
            std::fs::write("/proc/self/gid_map", groups)?;
        }
        // After the change of account, which clears it.
        nix::sys::prctl::set_pdeathsig(Signal::SIGINT)?;
        if nix::unistd::getppid() != parent {
            // The parent died in between, so the signal will not come.
            return Err(std::io::Error::other("the parent is gone"));
        }
        Ok(())
    };
    #[expect(unsafe_code, reason = "only code between fork and exec can do this")]
    // SAFETY: the closure makes system calls alone; the strings were made before the fork.
    unsafe {
        command.pre_exec(prepare);
    }
}

/// Elsewhere PostgreSQL outlives a killed server until the next one starts, which stops it.
#[cfg(not(target_os = "linux"))]
fn tie(_command: &mut Command, _account: Account) {}

/// Whether any process works in `directory`, as all of PostgreSQL's do.
#[cfg(target_os = "linux")]
pub(crate) fn occupied(directory: &Path) -> bool {
    let Ok(directory) = directory.canonicalize() else {
        return false;
    };
    std::fs::read_dir("/proc").is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit)
                && std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == directory)
        })
    })
}

/// Whether the postmaster named in `postmaster.pid` lives.
#[cfg(not(target_os = "linux"))]
pub(crate) fn occupied(directory: &Path) -> bool {
    recorded_postmaster(directory).is_some_and(|pid| works_in(pid, directory))
}

/// The process id in `postmaster.pid`.
pub(crate) fn recorded_postmaster(cluster: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid = text.lines().next()?.trim().parse::<i32>().ok()?;
    // PostgreSQL records its id negated when it runs alone.
    (pid.abs() > 1).then(|| Pid::from_raw(pid.abs()))
}

/// Whether process `pid` works in `directory`; a recorded id may belong to a stranger by now.
#[cfg(target_os = "linux")]
pub(crate) fn works_in(pid: Pid, directory: &Path) -> bool {
    directory.canonicalize().is_ok_and(|directory| {
        std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == directory)
    })
}

/// Where processes work cannot be told here, so the command line has to do.
#[cfg(not(target_os = "linux"))]
pub(crate) fn works_in(pid: Pid, directory: &Path) -> bool {
    Command::new("/bin/ps").args(["-o", "command=", "-p", &pid.to_string()]).output().is_ok_and(
        |output| {
            let command = String::from_utf8_lossy(&output.stdout);
            command.contains("postgres") && command.contains(&*directory.to_string_lossy())
        },
    )
}

/// Removes what makes PostgreSQL believe that another one runs: its own record and the lock
/// of its socket. Only for a directory that no process works in.
pub(crate) fn clear_leftovers(cluster: &Path, sockets: &Path) -> std::io::Result<()> {
    for path in [
        cluster.join("postmaster.pid"),
        sockets.join(".s.PGSQL.5432.lock"),
        sockets.join(".s.PGSQL.5432"),
    ] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Lets `account` own `path`.
pub(crate) fn hand_over(path: &Path, account: Account) -> std::io::Result<()> {
    match account {
        Account::Own | Account::Namespace { .. } => Ok(()),
        Account::Other { uid, gid } => {
            std::os::unix::fs::chown(path, Some(uid.as_raw()), Some(gid.as_raw()))
        }
    }
}

/// The name a directory has while `initdb` fills it.
pub(crate) fn unfinished(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"postgres.new-")
}
