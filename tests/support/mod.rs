//! What every test stands on: the server, a fresh tenant, and clients for the three protocols.

pub mod database;
pub mod fixtures;
pub mod grpc;
pub mod grpc_web;
pub mod http;
pub mod mail;
pub mod pooler;
pub mod process;
pub mod server;
pub mod tenant;

use std::future::Future;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

pub use self::http::Answer;
pub use self::server::Server;
pub use self::tenant::Tenant;

/// The one runtime: connections that tests share must outlive each of them.
pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Runs a test with a fresh tenant on the shared server.
pub fn with_tenant(test: impl AsyncFnOnce(Tenant)) {
    RUNTIME.block_on(async { test(Tenant::fresh().await).await });
}

/// Runs a test without a tenant.
pub fn run(test: impl Future<Output = ()>) {
    RUNTIME.block_on(test);
}

/// Asks again until `probe` answers, and fails the test after `limit`.
pub async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The date so many days from now by the clock of New York, where companies of tests are.
pub fn in_days(days: i64) -> jiff::civil::Date {
    let new_york = steward_kernel::local::Zone::named("America/New_York").expect("a zone");
    new_york.local(steward_kernel::time::now()).date() + jiff::Span::new().days(days)
}

/// A text that no other test uses.
pub fn unique(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A text that no other test uses, nor did in an earlier run: what the shared server keeps outlives
/// a run.
pub fn unique_for_good(prefix: &str) -> String {
    static RUN: LazyLock<u64> = LazyLock::new(|| {
        let now = steward_kernel::time::now();
        now.as_microsecond().unsigned_abs()
    });
    unique(&format!("{prefix}{:x}-", *RUN))
}
