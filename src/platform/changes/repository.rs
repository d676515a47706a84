//! The functions of the database that changes are made with.

use std::net::IpAddr;

use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use steward_database::{Connection, Json, ResultExt};
use steward_kernel::{Error, Kind, Result, error::reason};
use steward_transport::changes::{Event, Recorded};

use super::from_hex;

/// A key and the request it stands for.
pub(super) struct Key {
    pub(super) client_id: String,
    pub(super) rpc: &'static str,
    pub(super) key: String,
    pub(super) request_hash: [u8; 32],
}

/// What is known of a key.
pub(super) enum Found {
    /// It is new, and held by this transaction from now on.
    Nothing,
    /// Another transaction holds it.
    Running,
    /// It was used before.
    Record { request_hash: [u8; 32], answer: Recorded },
}

#[expect(clippy::too_many_arguments, reason = "a column each")]
mod platform {
    use diesel::sql_types::{Bytea, Integer, Jsonb, Text};

    diesel::define_sql_function! {
        #[sql_name = "platform.begin_keyed"]
        fn begin_keyed(client: Text, rpc: Text, key: Text) -> Jsonb;
    }
    diesel::define_sql_function! {
        #[sql_name = "platform.record_key"]
        fn record_key(
            client: Text, rpc: Text, key: Text, hash: Bytea,
            code: Integer, message: Text, details: Text, answer: Bytea,
        ) -> Nullable<Text>;
    }
    diesel::define_sql_function! {
        #[sql_name = "platform.record_events"]
        fn record_events(happened: Jsonb) -> BigInt;
    }
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default)]
    running: bool,
    #[serde(default)]
    request_hash: Option<String>,
    #[serde(default)]
    code: i32,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    response: String,
}

/// Takes a key, or finds what is known of it.
pub(super) async fn begin(mut connection: &Connection, key: &Key) -> Result<Found> {
    let Json(row): Json<Row> =
        diesel::select(platform::begin_keyed(&key.client_id, key.rpc, &key.key))
            .get_result(&mut connection)
            .await
            .or_internal()?;
    let Some(hash) = row.request_hash else {
        return Ok(if row.running { Found::Running } else { Found::Nothing });
    };
    let request_hash = from_hex(&hash)?.as_ref().try_into().map_err(Error::internal)?;
    let answer = Recorded {
        code: row.code,
        message: row.message,
        details: row.details,
        response: from_hex(&row.response)?,
    };
    Ok(Found::Record { request_hash, answer })
}

/// Writes what a key stands for.
pub(super) async fn record(
    mut connection: &Connection,
    key: &Key,
    answer: &Recorded,
) -> Result<()> {
    diesel::select(platform::record_key(
        key.client_id.as_str(),
        key.rpc,
        key.key.as_str(),
        key.request_hash.as_slice(),
        answer.code,
        answer.message.as_str(),
        answer.details.as_str(),
        answer.response.as_ref(),
    ))
    .execute(&mut connection)
    .await
    // In a snapshot taken before the first call committed, its record is not seen; the next
    // attempt sees it.
    .on_constraint("idempotency_keys_pkey", || {
        Error::new(Kind::Aborted, reason::CONFLICT, "The idempotency key was just used.")
    })?;
    Ok(())
}

/// Events written by one statement.
const AT_ONCE: usize = 500;

/// Something that happened, and who asked for it.
#[derive(Debug, Clone)]
pub(super) struct Happened {
    pub(super) event: Event,
    pub(super) client_id: String,
    pub(super) request_id: String,
    pub(super) rpc: &'static str,
    pub(super) address: Option<IpAddr>,
}

/// What the function of the database reads.
#[derive(Debug, Serialize)]
struct Written<'a> {
    r#type: &'static str,
    resource_type: &'static str,
    resource_id: &'a str,
    client_id: &'a str,
    request_id: &'a str,
    rpc: &'static str,
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a RawValue>,
}

impl<'a> Written<'a> {
    fn of(happened: &'a Happened) -> Result<Self> {
        let Happened { event, client_id, request_id, rpc, address } = happened;
        let Event { event_type, resource_type, resource_id, before, after } = event;
        Ok(Self {
            r#type: event_type,
            resource_type,
            resource_id,
            client_id,
            request_id,
            rpc,
            address: *address,
            before: before.as_deref().map(raw).transpose()?,
            after: after.as_deref().map(raw).transpose()?,
        })
    }
}

/// Writes events, as the last of their transaction, and answers the number of the last; nothing
/// without any.
pub(super) async fn append(
    mut connection: &Connection,
    happened: &[Happened],
) -> Result<Option<i64>> {
    let mut last = None;
    for some in happened.chunks(AT_ONCE) {
        let written = some.iter().map(Written::of).collect::<Result<Vec<_>>>()?;
        let sequence: i64 = diesel::select(platform::record_events(Json(written)))
            .get_result(&mut connection)
            .await
            .or_internal()?;
        last = Some(sequence);
    }
    Ok(last)
}

/// JSON text that is written as it is.
fn raw(text: &[u8]) -> Result<&RawValue> {
    serde_json::from_slice(text).map_err(Error::internal)
}
