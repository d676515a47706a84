//! The settings the embedded PostgreSQL runs with. They are given on its command line at
//! every start, so that a new program brings its own and nothing is left to edit.

use std::path::Path;

/// Most connections: the pool, the commands beside it, and room for a person with psql.
const MAX_CONNECTIONS: u32 = 64;

/// `name=value` for each setting.
pub(crate) fn settings(socket_directory: &Path) -> Vec<String> {
    let megabytes = memory_megabytes();
    let shared_buffers = (megabytes / 8).clamp(32, 1024);
    let cache = (megabytes / 2).max(128);
    vec![
        // Reached through one socket that only its owner may open; no TCP.
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={}", quoted(socket_directory)),
        "unix_socket_permissions=0700".to_owned(),
        "port=5432".to_owned(),
        format!("max_connections={MAX_CONNECTIONS}"),
        // What was committed stays committed, whatever happens.
        "fsync=on".to_owned(),
        "full_page_writes=on".to_owned(),
        "synchronous_commit=on".to_owned(),
        format!("shared_buffers={shared_buffers}MB"),
        format!("effective_cache_size={cache}MB"),
        "work_mem=8MB".to_owned(),
        "maintenance_work_mem=64MB".to_owned(),
        "max_wal_size=1GB".to_owned(),
        "wal_compression=on".to_owned(),
        "random_page_cost=1.1".to_owned(),
        "timezone=UTC".to_owned(),
        "lc_messages=C".to_owned(),
        // Its log goes through ours. Statements and the values in them are personal data.
        "logging_collector=off".to_owned(),
        "log_destination=stderr".to_owned(),
        "log_line_prefix=".to_owned(),
        "log_error_verbosity=terse".to_owned(),
        "log_min_error_statement=panic".to_owned(),
        "log_statement=none".to_owned(),
        "log_min_messages=log".to_owned(),
    ]
}

/// A list of directories may quote each.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('"', "\"\""))
}

/// The memory there is: the machine's, or what a container is allowed of it; a gigabyte where
/// it cannot be told.
fn memory_megabytes() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()
    });
    let allowed = std::fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    let machine = machine.map_or(1024, |kilobytes| kilobytes / 1024);
    allowed.map_or(machine, |bytes| machine.min(bytes / 1024 / 1024))
}
