//! How many calls a caller may make in a minute: a bucket of calls for each, in the memory of this
//! server.
//!
//! Callers with a token are told apart by whom it speaks for, others by their network address.
//! A bucket is one number, the time at which it will be full again (GCRA), in a table of a fixed
//! size without locks, so that counting a call takes the same moment however many callers there
//! are. A caller who has no bucket takes the place of the one whose is fullest, which loses least.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use steward_kernel::{Error, Kind, Principal};

/// How many calls there are in a bucket that is full, and how many it regains within [`WINDOW`].
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How many calls are left, and when the bucket will be full again.
pub(crate) const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// The time that limits are for.
const WINDOW: Duration = Duration::from_secs(60);

/// The kinds of calls that are counted, and how many of each a caller may make in a minute unless
/// the operator says otherwise; 0 for any number. What callers with a token call in a family is
/// counted under its name, what others call under `<family>.public`, and what is refused because of
/// a token that is missing or no good under `<family>.refused`, so that whoever tries tokens leaves
/// public calls to those with the same address. An RPC may name another kind of its family by the
/// option `limit`. Whoever has no account yet and gets one by a call is counted under
/// `<family>.accounts`, by address.
const KINDS: [(&str, u32); 14] = [
    ("facilities", 0),
    ("facilities.public", 0),
    ("facilities.refused", 0),
    ("rentals", 600),
    ("rentals.public", 60),
    ("rentals.refused", 60),
    ("rentals.accounts", 30),
    ("rentals.inquiries", 10),
    ("rentals.ai", 20),
    ("rentals.email_validation", 30),
    ("cleaning", 300),
    ("cleaning.public", 30),
    ("cleaning.refused", 30),
    ("cleaning.auth", 10),
];

/// What the operator says of the limits. Read from and written as `rentals=100,cleaning.auth=0`, or
/// `off`; what is not named has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RateLimits {
    is_off: bool,
    /// By the kind of call.
    chosen: BTreeMap<String, u32>,
}

impl RateLimits {
    /// The limit of a kind.
    fn of(&self, (kind, default): (&str, u32)) -> u32 {
        if self.is_off { 0 } else { self.chosen.get(kind).copied().unwrap_or(default) }
    }
}

impl FromStr for RateLimits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "off" {
            return Ok(Self { is_off: true, ..Self::default() });
        }
        let mut chosen = BTreeMap::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (kind, limit) =
                part.split_once('=').ok_or_else(|| format!("{part:?} is not kind=number"))?;
            if place(kind.trim()).is_none() {
                let known: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
                return Err(format!("{:?} is none of {}", kind.trim(), known.join(", ")));
            }
            let limit =
                limit.trim().parse().map_err(|_| format!("{part:?} does not end with a number"))?;
            chosen.insert(kind.trim().to_owned(), limit);
        }
        Ok(Self { is_off: false, chosen })
    }
}

impl TryFrom<String> for RateLimits {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RateLimits> for String {
    fn from(limits: RateLimits) -> Self {
        limits.to_string()
    }
}

impl fmt::Display for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_off {
            return f.write_str("off");
        }
        for (number, (kind, limit)) in self.chosen.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{kind}={limit}")?;
        }
        Ok(())
    }
}

/// The place of a kind among all.
pub(crate) fn place(kind: &str) -> Option<usize> {
    KINDS.iter().position(|(known, _)| *known == kind)
}

/// The place of the kind under which new accounts of a family are counted.
pub(crate) fn accounts(family: &str) -> Option<usize> {
    KINDS.iter().position(|(kind, _)| kind.strip_suffix(".accounts") == Some(family))
}

/// A call that is to be counted.
pub(crate) struct Asking<'a> {
    /// The kind that its RPC declares.
    pub(crate) limit: Option<usize>,
    /// Whether it is refused for want of a good token.
    pub(crate) is_refused: bool,
    /// The family of its RPC.
    pub(crate) family: &'a str,
    /// Who is calling, when that is known.
    pub(crate) principal: Option<&'a Principal>,
    /// From where.
    pub(crate) address: Option<IpAddr>,
    /// What tells callers at one address apart.
    pub(crate) apart: Option<&'a str>,
}

/// Who is counted.
#[derive(Debug, Clone, Copy, Hash)]
enum Who<'a> {
    Holder(i64, &'a str),
    Address(IpAddr, &'a str),
}

/// Counts the calls of all callers.
pub(crate) struct Limiter {
    limits: [u32; KINDS.len()],
    table: Table,
    /// Keyed at random, so that nobody can choose names that meet in the table.
    hasher: RandomState,
    started: Instant,
}

impl Limiter {
    /// A limiter; none when there is nothing to count.
    pub(crate) fn new(limits: &RateLimits) -> Option<Self> {
        let limits = KINDS.map(|kind| limits.of(kind));
        limits.iter().any(|limit| *limit > 0).then(|| Self {
            limits,
            table: Table::new(),
            hasher: RandomState::new(),
            started: Instant::now(),
        })
    }

    /// Counts a call. Nothing when calls of its kind are not counted, or nobody can be told apart.
    pub(crate) fn count(&self, asking: &Asking<'_>) -> Option<Counted> {
        let of_family = |sort| {
            let is_it = |kind: &str| kind.strip_suffix(sort) == Some(asking.family);
            KINDS.iter().position(|(kind, _)| is_it(kind))
        };
        let usual = || match asking.principal {
            Some(principal) => place(principal.family.name()),
            None => of_family(".public"),
        };
        let kind = match asking.is_refused {
            true => of_family(".refused")?,
            false => asking.limit.or_else(usual)?,
        };
        let limit = self.limits.get(kind).copied().filter(|limit| *limit > 0)?;
        // Letter case and spaces around a name tell nobody apart.
        let apart = asking.apart.map(|text| text.trim().to_lowercase()).unwrap_or_default();
        let who = match asking.principal {
            Some(principal) => Who::Holder(principal.tenant.0, &principal.client_id),
            None => Who::Address(network(asking.address?), &apart),
        };
        let key = self.hasher.hash_one((kind, who)).max(1);
        let now = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Some(self.table.take(key, kind, limit, now))
    }
}

/// Whoever has one address of a network of IPv6 has all of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).into(),
    }
}

/// What came of counting a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    kind: usize,
    limit: u32,
    left: u64,
    /// Until the bucket is full again.
    full_in: Duration,
    /// How long the caller has to wait; nothing when the call may be made.
    wait: Option<Duration>,
}

impl Counted {
    /// # Errors
    /// RESOURCE_EXHAUSTED when there were too many calls.
    pub(crate) fn admit(self) -> steward_kernel::Result<()> {
        let Some(wait) = self.wait else { return Ok(()) };
        let message = format!("There may be {} calls a minute.", self.limit);
        let error = Error::new(Kind::ResourceExhausted, "RATE_LIMITED", message);
        Err(error.with_retry_after(Duration::from_secs(whole_seconds(wait))))
    }

    /// Tells of the limit in the head of an answer.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let kind = KINDS.get(self.kind).map_or("", |(kind, _)| kind);
        let policy = format!("\"{kind}\";q={};w={}", self.limit, WINDOW.as_secs());
        let left = format!("\"{kind}\";r={};t={}", self.left, whole_seconds(self.full_in));
        for (name, value) in [(POLICY, policy), (LEFT, left)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// A time in whole seconds, none of them too few.
fn whole_seconds(time: Duration) -> u64 {
    time.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

/// The buckets. 65,536 of them take a mebibyte.
struct Table {
    sets: Box<[[Bucket; WAYS]]>,
}

const SETS: usize = 8192;
const WAYS: usize = 8;

/// The calls that a caller may still make.
#[derive(Default)]
struct Bucket {
    /// Stands for the caller; 0 for nobody.
    key: AtomicU64,
    /// When it will be full, in nanoseconds since the start.
    full_at: AtomicU64,
}

impl Table {
    fn new() -> Self {
        Self { sets: (0..SETS).map(|_| Default::default()).collect() }
    }

    /// Takes a call out of the bucket of a key, if there is one left.
    fn take(&self, key: u64, kind: usize, limit: u32, now: u64) -> Counted {
        let window = u64::try_from(WINDOW.as_nanos()).unwrap_or(u64::MAX);
        let step = window / u64::from(limit);
        let bucket = self.bucket(key);
        let mut known = bucket.full_at.load(Ordering::Relaxed);
        let (full_at, wait) = loop {
            let full_at = known.max(now) + step;
            let over = full_at.saturating_sub(now + window);
            if over > 0 {
                break (known.max(now), Some(Duration::from_nanos(over)));
            }
            let relaxed = Ordering::Relaxed;
            match bucket.full_at.compare_exchange_weak(known, full_at, relaxed, relaxed) {
                Ok(_) => break (full_at, None),
                Err(other) => known = other,
            }
        };
        let missing = full_at - now;
        let left = window.saturating_sub(missing) / step;
        Counted { kind, limit, left, full_in: Duration::from_nanos(missing), wait }
    }

    /// The bucket of a key; a full one when it had none. When two calls of a new caller come at
    /// once, each may get one for a moment; the first is found from then on.
    fn bucket(&self, key: u64) -> &Bucket {
        let low = usize::try_from(key % SETS as u64).unwrap_or_default();
        let set = &self.sets[low];
        if let Some(own) = set.iter().find(|one| one.key.load(Ordering::Acquire) == key) {
            return own;
        }
        let mut fullest = &set[0];
        for one in &set[1..] {
            if one.full_at.load(Ordering::Relaxed) < fullest.full_at.load(Ordering::Relaxed) {
                fullest = one;
            }
        }
        fullest.full_at.store(0, Ordering::Relaxed);
        fullest.key.store(key, Ordering::Release);
        fullest
    }
}

#[cfg(test)]
mod tests {
    use steward_kernel::{Family, TenantId};

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn asking<'a>(
        family: &'a str,
        principal: Option<&'a Principal>,
        address: &str,
        apart: Option<&'a str>,
    ) -> Asking<'a> {
        let address = address.parse().ok();
        Asking { limit: None, is_refused: false, family, principal, address, apart }
    }

    fn principal(tenant: i64, family: Family) -> Principal {
        let tenant = TenantId(tenant);
        Principal { tenant, family, client_id: "c".into(), scopes: Vec::new(), user: None }
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let table = Table::new();
        let take = |now| {
            let counted = table.take(7, 2, 3, now);
            (counted.left, counted.wait.map(|wait| wait.as_secs()))
        };
        assert_eq!([take(0), take(0), take(0)], [(2, None), (1, None), (0, None)]);
        assert_eq!(take(SECOND), (0, Some(19)), "one comes back every 20 seconds");
        assert_eq!(take(20 * SECOND), (0, None));
        assert_eq!(take(21 * SECOND), (0, Some(19)));
        assert_eq!(take(1000 * SECOND), (2, None), "never more than it holds");
    }

    #[test]
    fn many_at_once_get_no_more_than_there_are() {
        let table = Table::new();
        table.take(7, 0, 100, 0);
        let admitted: usize = std::thread::scope(|scope| {
            let call = || (0..100).filter(|_| table.take(7, 0, 100, 0).wait.is_none()).count();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(call)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread")).sum()
        });
        assert_eq!(admitted, 99);
    }

    #[test]
    fn the_fullest_bucket_gives_way() {
        let table = Table::new();
        let sets = SETS as u64;
        // All of one set: the last is used up.
        for way in 1..=WAYS as u64 {
            for _ in 0..way {
                table.take(way * sets, 0, 10, 0);
            }
        }
        table.take(100 * sets, 0, 10, 0);
        assert_eq!(table.take(8 * sets, 0, 10, 0).left, 1, "the emptiest is still known");
        assert_eq!(table.take(sets, 0, 10, 0).left, 9, "the fullest began anew");
    }

    #[test]
    fn callers_are_told_apart() {
        let limiter =
            Limiter::new(&"rentals=1,rentals.public=1,rentals.refused=1".parse().expect("limits"));
        let limiter = limiter.expect("something to count");
        let (one, two) = (principal(1, Family::Rentals), principal(2, Family::Rentals));
        let count = |asking: Asking<'_>| limiter.count(&asking);
        let admits = |principal, address: &str| {
            let counted = count(asking("rentals", principal, address, None));
            counted.expect("counted").admit().is_ok()
        };
        for (principal, address, expected) in [
            (Some(&one), "192.0.2.1", true),
            (Some(&one), "192.0.2.2", false),
            (Some(&two), "192.0.2.1", true),
            (None, "192.0.2.1", true),
            (None, "192.0.2.1", false),
            (None, "192.0.2.2", true),
            (None, "2001:db8::1", true),
            (None, "2001:db8::2", false),
            (None, "2001:db8:0:1::1", true),
        ] {
            assert_eq!(admits(principal, address), expected, "{address}");
        }
        // Refused calls take nothing from those that are not.
        let refused = |family, address| {
            let asking = Asking { is_refused: true, ..asking(family, None, address, None) };
            count(asking).map(|counted| counted.admit().is_ok())
        };
        for expected in [true, false] {
            assert_eq!(refused("rentals", "192.0.2.7"), Some(expected));
        }
        assert_eq!(refused("rentals", "192.0.2.8"), Some(true));
        assert!(admits(None, "192.0.2.7"));
        assert_eq!(refused("facilities", "192.0.2.7"), None);
        let facilities = principal(3, Family::Facilities);
        assert!(count(asking("facilities", Some(&facilities), "", None)).is_none());
        assert!(count(asking("rentals", None, "", None)).is_none());
        let named = |name| {
            let counted = count(asking("rentals", None, "192.0.2.1", Some(name)));
            counted.expect("counted").admit().is_ok()
        };
        assert!(named("ann") && !named(" Ann ") && named("bob"));
    }

    #[test]
    fn limits_are_read_and_written() {
        for (text, expected) in [("off", "off"), ("", ""), (" rentals = 5 ,", "rentals=5")] {
            let limits: RateLimits = text.parse().expect(text);
            assert_eq!(limits.to_string(), expected);
        }
        assert!(Limiter::new(&"off".parse().expect("off")).is_none());
        assert!(Limiter::new(&RateLimits::default()).is_some());
        for text in ["rentals", "rentals=", "rentals=-1", "rental=1"] {
            assert!(text.parse::<RateLimits>().is_err(), "{text}");
        }
        let mut headers = HeaderMap::new();
        let table = Table::new();
        let kind = place("rentals").expect("a kind");
        table.take(1, kind, 600, 0).tell(&mut headers);
        assert_eq!(headers[POLICY], "\"rentals\";q=600;w=60");
        assert_eq!(headers[LEFT], "\"rentals\";r=599;t=1");
    }
}
