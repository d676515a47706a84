//! Imports between proto and model.

use steward_contracts::steward::platform::v1 as pb;
use steward_kernel::validate::Violations;
use steward_kernel::{Family, Result};

use super::Forms;
use super::model::{Fault, Format, Import, Mode, NewImport, State};
use crate::cursor::{CursorPage, listed};
use crate::files::{Announced, Upload};
use crate::wire::timestamp;

pub(super) fn new_import(
    forms: &Forms,
    family: Family,
    input: Option<pb::ImportInput>,
) -> Result<NewImport> {
    let mut violations = Violations::below("import");
    let pb::ImportInput { resource, file_id, dry_run, mode, all_or_nothing, format } =
        violations.required_message(input);
    let resource = violations.required_text("resource", resource, 100);
    let found = forms.find(family, &resource);
    if found.is_none() && !resource.is_empty() {
        violations.rule("resource", "There is no such resource to import.");
    }
    let file = violations.required_text("file_id", file_id, 200);
    let mode = match mode.map(pb::ImportMode::try_from) {
        None | Some(Ok(pb::ImportMode::Unspecified | pb::ImportMode::Create)) => Mode::Create,
        Some(Ok(pb::ImportMode::Upsert)) => Mode::Upsert,
        Some(Err(_)) => {
            violations.rule("mode", "The mode is Create or Upsert.");
            Mode::Create
        }
    };
    let has_key = found.is_none_or(|found| found.importable.upsert.is_some());
    if mode == Mode::Upsert && !has_key {
        let message = "Records of this resource are known by nothing but their ids.";
        violations.rule("mode", message);
    }
    let format = match format.map(pb::ImportFormat::try_from) {
        None | Some(Ok(pb::ImportFormat::Unspecified)) => None,
        Some(Ok(pb::ImportFormat::Csv)) => Some(Format::Csv),
        Some(Ok(pb::ImportFormat::Ndjson)) => Some(Format::Ndjson),
        Some(Err(_)) => {
            violations.rule("format", "The format is CSV or NDJSON.");
            None
        }
    };
    let resource = found.map_or("", |found| found.importable.resource);
    let dry_run = dry_run.unwrap_or(false);
    let all_or_nothing = all_or_nothing.unwrap_or(false);
    violations.finish(NewImport { resource, file, dry_run, mode, all_or_nothing, format })
}

/// Reads what is said of a file.
pub(super) fn file(message: Option<pb::ImportFile>) -> Announced {
    let pb::ImportFile { filename, content_type, byte_size } = message.unwrap_or_default();
    Announced { filename, content_type, byte_size }
}

pub(super) fn upload(upload: Upload) -> pb::ImportUpload {
    let Upload { signed_id, url, headers, expires_at } = upload;
    let header = |(name, value): (&str, String)| {
        let name = name.to_owned();
        pb::ImportUploadHeader { name, value }
    };
    let headers = headers.into_iter().map(header).collect();
    pb::ImportUpload { signed_id, url, expires: Some(timestamp(expires_at)), headers }
}

/// An import with what was wrong with its first rows.
pub(super) fn whole((import, faults): (Import, Vec<Fault>)) -> pb::Import {
    let errors = faults.into_iter().map(fault).collect();
    pb::Import { errors, ..self::import(import) }
}

pub(super) fn import(import: Import) -> pb::Import {
    let Import {
        id,
        resource,
        dry_run,
        mode,
        all_or_nothing,
        format,
        file_id: _,
        client_id: _,
        scopes: _,
        address: _,
        state,
        failure,
        progress,
        ignored_columns,
        created_at,
        finished_at,
    } = import;
    let state = match state {
        State::Queued => pb::ImportState::Queued,
        State::Running => pb::ImportState::Running,
        State::Done => pb::ImportState::Done,
        State::Failed => pb::ImportState::Failed,
    };
    let mode = match mode {
        Mode::Create => pb::ImportMode::Create,
        Mode::Upsert => pb::ImportMode::Upsert,
    };
    let format = match format {
        Format::Csv => pb::ImportFormat::Csv,
        Format::Ndjson => pb::ImportFormat::Ndjson,
    };
    pb::Import {
        id,
        resource,
        dry_run,
        state: state.into(),
        failure,
        row_count: progress.rows,
        created_count: progress.created(),
        failed_count: progress.failed,
        created: Some(timestamp(created_at)),
        finished: finished_at.map(timestamp),
        etag: String::new(),
        mode: mode.into(),
        all_or_nothing,
        format: format.into(),
        updated_count: progress.updated,
        ignored_columns,
        errors: Vec::new(),
    }
}

pub(super) fn list(page: CursorPage<Import>) -> pb::ListImportsResponse {
    listed!(ListImportsResponse, page, import)
}

pub(super) fn faults(mut faults: Vec<Fault>, limit: i64) -> pb::ListImportErrorsResponse {
    // The faults of one row more than asked for were read.
    let mut rows: Vec<i64> = faults.iter().map(|fault| fault.row).collect();
    rows.dedup();
    let limit = usize::try_from(limit).unwrap_or_default();
    let next_cursor = match rows.get(limit) {
        Some(beyond) => {
            faults.retain(|fault| fault.row < *beyond);
            faults.last().map(|fault| fault.row)
        }
        None => None,
    };
    pb::ListImportErrorsResponse { items: faults.into_iter().map(fault).collect(), next_cursor }
}

fn fault(Fault { row, column, message, code, pointer }: Fault) -> pb::ImportError {
    let detail = message.clone();
    pb::ImportError { row, column, message, code, pointer, detail }
}
