//! What families do with files.

use std::time::Duration;

use bytes::Bytes;
use object_store::ObjectStoreExt;
use steward_database::Transaction;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result, TenantId};

use super::away::unreachable;
use super::model::{Announced, File, LARGEST, Made, ShownFile, Upload};
use super::{Files, content, facts, repository};
use crate::App;
use crate::links::Signer;

/// How long an upload may begin.
pub(super) const UPLOAD_FOR: Duration = Duration::from_secs(15 * 60);
/// How long a file may be bound.
const BIND_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long a download may begin.
pub(crate) const DOWNLOAD_FOR: Duration = Duration::from_secs(3600);

/// What a link allows. A link for one is none for the others.
pub(super) const UPLOAD: &str = "file upload";
pub(super) const DOWNLOAD: &str = "file download";
const ID: &str = "file id";

/// Announces a file of the caller's; answers where to put it.
///
/// # Errors
/// INVALID_ARGUMENT for a file without a name, of a type not among `allowed`, empty or too large;
/// UNAVAILABLE when the store cannot be reached.
pub async fn ask(
    app: &App,
    context: &Context,
    file: Announced,
    allowed: &[&str],
) -> Result<Upload> {
    ask_within(app, context, "", file, allowed).await
}

/// As [`ask`], for a request that describes the file in its field `within`.
///
/// # Errors
/// As [`ask`].
pub(crate) async fn ask_within(
    app: &App,
    context: &Context,
    within: &'static str,
    file: Announced,
    allowed: &[&str],
) -> Result<Upload> {
    let tenant = context.tenant()?;
    let mut violations = Violations::below(within);
    let filename = violations.required_text("filename", file.filename, 255);
    let content_type = file.content_type.to_ascii_lowercase();
    if content_type.trim().is_empty() {
        violations.required("content_type");
    } else if !allowed.contains(&content_type.as_str()) {
        violations.rule("content_type", "Files of this type are not taken.");
    }
    if file.byte_size == 0 {
        violations.required("byte_size");
    } else if !(1..=LARGEST).contains(&file.byte_size) {
        violations.rule("byte_size", "A file has 1 to 10,485,760 bytes.");
    }
    let file = Announced { filename, content_type, byte_size: file.byte_size };
    let file = &violations.finish(file)?;
    let id = app
        .transaction(context, |tx| async move {
            let id = repository::insert(&tx, tenant, file).await?;
            // Nobody is sent to a store that is known to be down.
            let key = app.files.key(tenant, id);
            app.files.away.ask(app.files.store.head(&key)).await?;
            Ok(id)
        })
        .await?;
    let signer = Signer::open(&app.database).await?;
    let (url, headers) = app.files.upload(app, tenant, id, file).await?;
    let signed_id = link(&signer, ID, tenant, id, time::now() + BIND_FOR);
    Ok(Upload { signed_id, url, headers, expires_at: time::now() + UPLOAD_FOR })
}

/// Counts a use of an uploaded file by a record that the transaction writes. `field` is the
/// path of the request's field that named it.
///
/// # Errors
/// INVALID_ARGUMENT when the id is not one of the tenant's, has ended, nothing or something
/// else than announced was uploaded, or the type is not among `allowed`; UNAVAILABLE when the
/// store cannot be reached.
pub async fn bind(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    field: &str,
    signed_id: &str,
    allowed: &[&str],
) -> Result<File> {
    let invalid = || refused(field, "This is not the id of a file that was uploaded.");
    let signer = Signer::open(&app.database).await?;
    let (owner, id) = read(&signer, ID, signed_id, time::now()).ok_or_else(invalid)?;
    if owner != tenant {
        return Err(invalid());
    }
    let mut file = repository::count_use(tx, tenant, id, 1).await?.ok_or_else(invalid)?;
    let key = app.files.key(tenant, id);
    let Files { store, away, .. } = &app.files;
    let meta = away.ask(store.head(&key)).await?.ok_or_else(invalid)?;
    // From its first use on a file stays as it is, so what is in it is found out once.
    let is_new = file.uses == 1;
    let needed = if is_new { facts::needed(&file.content_type) } else { content::HEAD };
    let head = store.get_range(&key, 0..meta.size.min(needed));
    let head = away.ask(head).await?.ok_or_else(invalid)?;
    let is_announced = i64::try_from(meta.size).is_ok_and(|size| size == file.byte_size)
        && allowed.contains(&file.content_type.as_str())
        && content::fits(&head, &file.content_type);
    if !is_announced {
        return Err(refused(field, "The file is not what was announced."));
    }
    if is_new {
        file.facts = facts::of(head, &file.content_type).await?;
        repository::describe(tx, tenant, id, file.facts).await?;
    }
    Ok(file)
}

/// Keeps a file that the server has made itself. Nothing uses it yet: the record it is for counts
/// its use by [`hold`], or it is collected. Not within a transaction, which would wait for the
/// store.
///
/// # Errors
/// UNAVAILABLE when the store or the database cannot be reached.
pub async fn keep(app: &App, tenant: TenantId, made: Made<'_>) -> Result<i64> {
    let Made { filename, content_type, bytes } = made;
    let bytes = Bytes::from(bytes);
    let facts = facts::of(bytes.clone(), content_type).await?;
    let byte_size = i64::try_from(bytes.len()).map_err(Error::internal)?;
    let file = &Announced {
        filename: filename.to_owned(),
        content_type: content_type.to_owned(),
        byte_size,
    };
    let id = app
        .database
        .transaction(tenant, |tx| async move {
            let id = repository::insert(&tx, tenant, file).await?;
            repository::describe(&tx, tenant, id, facts).await?;
            Ok(id)
        })
        .await?;
    let key = app.files.key(tenant, id);
    app.files.away.ask(app.files.store.put(&key, bytes.into())).await?;
    Ok(id)
}

/// Counts a use of a file by a record that the transaction writes.
///
/// # Errors
/// NOT_FOUND when there is no such file.
pub async fn hold(tx: &Transaction, tenant: TenantId, id: i64) -> Result<File> {
    repository::count_use(tx, tenant, id, 1).await?.ok_or_else(|| Error::not_found("File", id))
}

/// A file and its bytes, for the server itself.
///
/// # Errors
/// NOT_FOUND when there is no such file, UNAVAILABLE when the store cannot be reached.
pub async fn contents(app: &App, tenant: TenantId, id: i64) -> Result<(File, Bytes)> {
    let missing = || Error::not_found("File", id);
    let tx = app.database.read(tenant).await?;
    let file = repository::find(&tx, tenant, id).await?.ok_or_else(missing)?;
    drop(tx);
    let key = app.files.key(tenant, id);
    let found = app.files.away.ask(app.files.store.get(&key)).await?.ok_or_else(missing)?;
    Ok((file, found.bytes().await.map_err(unreachable)?))
}

/// A file that cannot be used.
fn refused(field: &str, message: &str) -> Error {
    Error::named(field, "INVALID_ATTACHMENT", message)
}

/// Takes back a use of a file.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn release(tx: &Transaction, tenant: TenantId, id: i64) -> Result<()> {
    repository::count_use(tx, tenant, id, -1).await.map(drop)
}

/// What a record has in the place of the file `had` after a change that may name another one by
/// its signed id, or none at all: what comes is bound, and what goes is let go.
///
/// # Errors
/// Those of [`bind`].
pub async fn exchange(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    (field, named, allowed): (&str, Option<Option<&str>>, &[&str]),
    had: Option<i64>,
) -> Result<Option<i64>> {
    let Some(named) = named else { return Ok(had) };
    let comes = match named {
        Some(signed_id) => Some(bind(app, tx, tenant, field, signed_id, allowed).await?.id),
        None => None,
    };
    if let Some(had) = had {
        release(tx, tenant, had).await?;
    }
    Ok(comes)
}

/// Signs a URL for each of `files`, which shows it to whoever has the URL, for an hour. Costs no
/// statement.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn show(app: &App, tenant: TenantId, files: Vec<&mut ShownFile>) -> Result<()> {
    show_for(app, tenant, DOWNLOAD_FOR, files).await
}

/// As [`show`], for another time.
///
/// # Errors
/// Those of [`show`].
pub async fn show_for(
    app: &App,
    tenant: TenantId,
    lifetime: Duration,
    files: Vec<&mut ShownFile>,
) -> Result<()> {
    app.files.show(app, tenant, lifetime, files).await
}

pub(crate) fn link(
    signer: &Signer,
    purpose: &'static str,
    tenant: TenantId,
    id: i64,
    end: Timestamp,
) -> String {
    let text = format!("{tenant}.{id}.{}", end.as_second());
    let signature = signer.sign(purpose, &text);
    format!("{text}.{signature}")
}

/// The file that a link is about; nothing when it is not ours or has ended.
pub(crate) fn read(
    signer: &Signer,
    purpose: &'static str,
    link: &str,
    now: Timestamp,
) -> Option<(TenantId, i64)> {
    let (text, signature) = link.rsplit_once('.')?;
    if !signer.verify(purpose, text, signature) {
        return None;
    }
    let mut parts = text.split('.').map(str::parse::<i64>);
    let (tenant, id, end) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    (now.as_second() < end).then_some((TenantId(tenant), id))
}
