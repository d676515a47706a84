//! The functions of the database that changes are made with.

use diesel_async::RunQueryDsl;
use serde::Deserialize;
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
    use diesel::sql_types::{Bytea, Integer, Jsonb, Nullable, Text};

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
        #[sql_name = "platform.record_event"]
        fn record_event(
            client: Text, rpc: Text, request: Text, kind: Text, resource_kind: Text,
            resource: Text, before_change: Nullable<Jsonb>, after_change: Nullable<Jsonb>,
        ) -> BigInt;
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

/// Writes an event, as the last of its transaction, and answers its number.
pub(super) async fn append(
    mut connection: &Connection,
    client: &str,
    rpc: &'static str,
    request: &str,
    event: &Event,
) -> Result<i64> {
    let Event { event_type, resource_type, resource_id, before, after } = event;
    diesel::select(platform::record_event(
        client,
        rpc,
        request,
        *event_type,
        *resource_type,
        resource_id.as_str(),
        before.as_deref().map(raw).transpose()?,
        after.as_deref().map(raw).transpose()?,
    ))
    .get_result(&mut connection)
    .await
    .or_internal()
}

/// JSON text that is written as it is.
fn raw(text: &[u8]) -> Result<Json<&RawValue>> {
    serde_json::from_slice(text).map(Json).map_err(Error::internal)
}
