//! Where PostgreSQL's programs are on this machine.

use std::path::{Path, PathBuf};

use crate::setup::SetupError;

/// Debian keeps each major version in a directory of its own.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The directory that holds `initdb` and `postgres`: what `given` names, else the version that
/// made `cluster`, else the first on `PATH`, else the newest of the places where packages put
/// them.
#[expect(clippy::disallowed_methods, reason = "the system's own variable, not a setting")]
pub(crate) fn find(given: Option<&Path>, cluster: &Path) -> Result<PathBuf, SetupError> {
    if let Some(given) = given {
        return complete(given).ok_or(SetupError::NoBinaries);
    }
    // A new major version refuses the files of an old one, which may be installed beside it.
    let same_version = std::fs::read_to_string(cluster.join("PG_VERSION"))
        .ok()
        .and_then(|version| complete(&Path::new(DEBIAN).join(version.trim()).join("bin")));
    if let Some(found) = same_version {
        return Ok(found);
    }
    std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .find_map(|directory| complete(&directory))
        .or_else(|| packaged().into_iter().find_map(|directory| complete(&directory)))
        .ok_or(SetupError::NoBinaries)
}

/// The directory itself when both programs are in it. Links are followed, because PostgreSQL
/// finds its own files beside the real program.
fn complete(directory: &Path) -> Option<PathBuf> {
    let real = directory.join("initdb").canonicalize().ok()?.parent()?.to_path_buf();
    real.join("postgres").is_file().then_some(real)
}

/// Where the packages of Debian, Red Hat, Homebrew and Postgres.app put the programs, newest
/// version first.
fn packaged() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (parent, prefix) in [
        (DEBIAN, ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql"),
        ("/Applications/Postgres.app/Contents/Versions", ""),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else {
                continue;
            };
            // A name without a number is a link to some version.
            let version: u32 = rest.trim_start_matches('@').parse().unwrap_or(0);
            found.push((version, entry.path().join("bin")));
        }
    }
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}
