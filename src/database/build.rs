//! Lists `migrations/` into a Rust table, so that the binary carries its own history.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through variables")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let directory =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../migrations").canonicalize()?;
    println!("cargo:rerun-if-changed={}", directory.display());

    let mut names = Vec::new();
    for entry in fs::read_dir(&directory)? {
        let entry = entry?;
        if entry.path().join("up.sql").is_file() {
            names.push(entry.file_name().into_string().map_err(|name| format!("{name:?}"))?);
        }
    }
    names.sort();

    let mut table = String::from("&[\n");
    for name in names {
        let up = directory.join(&name).join("up.sql");
        let down = directory.join(&name).join("down.sql");
        writeln!(
            table,
            "    Migration {{ name: {name:?}, up: include_str!({up:?}), down: include_str!({down:?}) }},"
        )?;
    }
    table.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("migrations.rs"), table)?;
    Ok(())
}
