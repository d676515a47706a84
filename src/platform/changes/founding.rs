//! The idempotency key with which somebody founds a tenant.
//!
//! Nobody has a tenant then, by which keys are kept. So the record is one of the tenant that is
//! founded, and whoever comes again finds it by the key and by what names them.

use bytes::Bytes;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Text};
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};
use steward_database::{Connection, Key as Known, ResultExt, Transaction};
use steward_kernel::{Error, Result, TenantId, text::hex};
use steward_transport::changes::Recorded;

use super::key_reused;
use super::repository::{self, Key};
use crate::App;

/// A key, and the request it stands for.
#[derive(Debug)]
pub struct Founding {
    rpc: &'static str,
    /// SHA-256 of the key and of who comes with it: two who choose the same key do not meet.
    key: String,
    request_hash: [u8; 32],
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    tenant_id: i64,
    #[diesel(sql_type = Bytea)]
    request_hash: Vec<u8>,
}

impl Founding {
    /// The `key` with which `name` calls `rpc`. A hash is kept of `request`, so it must hold no
    /// secret that could be guessed.
    #[must_use]
    pub fn new(rpc: &'static str, key: &str, name: &str, request: &[u8]) -> Self {
        let digest = Sha256::digest(format!("{key}\n{}", name.trim().to_lowercase()));
        Self { rpc, key: hex(&digest), request_hash: Sha256::digest(request).into() }
    }

    /// The tenant that was founded with the key within 24 hours.
    ///
    /// # Errors
    /// INVALID_ARGUMENT (`IDEMPOTENCY_KEY_REUSED`) when it was with another request.
    pub async fn find(&self, app: &App) -> Result<Option<TenantId>> {
        let tx = app.database.read_by(Known::Founding(&self.key)).await?;
        let connection: &Connection = &tx;
        let row: Option<Row> = diesel::sql_query(
            "SELECT tenant_id, request_hash FROM platform.idempotency_keys
             WHERE client_id = '' AND rpc = $1 AND key = $2
               AND created_at >= now() - interval '24 hours'",
        )
        .bind::<Text, _>(self.rpc)
        .bind::<Text, _>(&self.key)
        .get_result(&mut &*connection)
        .await
        .optional()
        .or_internal()?;
        match row {
            None => Ok(None),
            Some(row) if row.request_hash == self.request_hash => Ok(Some(TenantId(row.tenant_id))),
            Some(_) => Err(self.reused()),
        }
    }

    /// Writes the key down, in the transaction that founds the tenant.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub async fn record(&self, tx: &Transaction) -> Result<()> {
        let key = Key {
            client_id: String::new(),
            rpc: self.rpc,
            key: self.key.clone(),
            request_hash: self.request_hash,
        };
        let nothing = Recorded {
            code: 0,
            message: String::new(),
            details: String::new(),
            response: Bytes::new(),
        };
        repository::record(tx, &key, &nothing).await
    }

    /// What whoever comes with another request is told.
    #[must_use]
    pub fn reused(&self) -> Error {
        key_reused()
    }
}
