//! Which account PostgreSQL runs under. It refuses to run as root, so root lends it another.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User};

use crate::setup::SetupError;

/// Accounts that machines with PostgreSQL, or nearly all machines, have.
const CANDIDATES: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// How PostgreSQL's processes are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// As whoever runs this process.
    Own,
    /// As another account; this process is root.
    Other {
        /// Its user id.
        uid: Uid,
        /// Its group id.
        gid: Gid,
    },
    /// As root that looks like `uid` in a user namespace of its own: for directories that no
    /// other account reaches.
    Namespace {
        /// The user id it believes to have.
        uid: Uid,
    },
}

impl Account {
    /// Chooses for `directory`, which exists and, with `handed_over`, may be given to the
    /// account. A `cluster` in it that exists decides by its owner, because PostgreSQL runs on
    /// nothing that belongs to another.
    pub(crate) fn choose(
        directory: &Path,
        cluster: &Path,
        handed_over: bool,
    ) -> Result<Self, SetupError> {
        if !Uid::effective().is_root() {
            return Ok(Self::Own);
        }
        if let Ok(metadata) = cluster.metadata() {
            return match metadata.uid() {
                0 => Self::namespace(directory),
                uid => {
                    Ok(Self::Other { uid: Uid::from_raw(uid), gid: Gid::from_raw(metadata.gid()) })
                }
            };
        }
        CANDIDATES
            .iter()
            .filter_map(|name| User::from_name(name).ok().flatten())
            .find(|user| reaches(user, directory, handed_over))
            .map_or_else(
                || Self::namespace(directory),
                |user| Ok(Self::Other { uid: user.uid, gid: user.gid }),
            )
    }

    fn namespace(directory: &Path) -> Result<Self, SetupError> {
        // initdb wants an account with a name.
        let named = CANDIDATES.iter().rev().find_map(|name| User::from_name(name).ok().flatten());
        match named {
            Some(user) if cfg!(target_os = "linux") => Ok(Self::Namespace { uid: user.uid }),
            _ => Err(SetupError::NoAccount(format!(
                "PostgreSQL does not run as root, and no other account reaches {}. Choose a data \
                 directory that all accounts can reach, or start as another user.",
                directory.display()
            ))),
        }
    }
}

/// Whether `user` may pass through all directories above `directory`, and through itself
/// unless it will be handed over.
fn reaches(user: &User, directory: &Path, handed_over: bool) -> bool {
    let Ok(directory) = directory.canonicalize() else {
        return false;
    };
    directory.ancestors().skip(usize::from(handed_over)).all(|ancestor| {
        ancestor.metadata().is_ok_and(|metadata| {
            let mode = metadata.mode();
            if metadata.uid() == user.uid.as_raw() {
                mode & 0o100 != 0
            } else if metadata.gid() == user.gid.as_raw() {
                mode & 0o010 != 0
            } else {
                mode & 0o001 != 0
            }
        })
    })
}
