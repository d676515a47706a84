//! Exports between proto and model.

use steward_contracts::steward::platform::v1 as pb;
use steward_kernel::Result;
use steward_kernel::page::ListQuery;
use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;

use super::model::{Export, Format, NewExport, State};
use super::resource::{Resource, WallClock};
use crate::cursor::{CursorPage, listed};
use crate::wire::timestamp;

/// Reads what is asked for of the resource that it names, where there is one; its filter tells the
/// time by the clock.
pub(super) fn new_export(
    exported: Option<(Resource, WallClock)>,
    input: Option<pb::ExportInput>,
) -> Result<NewExport> {
    let mut violations = Violations::below("export");
    let pb::ExportInput { resource, format, filter } = violations.required_message(input);
    let resource = violations.required_text("resource", resource, 100);
    if exported.is_none() && !resource.is_empty() {
        violations.rule("resource", "There is no such resource to export.");
    }
    let format = match format.map(pb::ExportFormat::try_from) {
        None | Some(Ok(pb::ExportFormat::Csv | pb::ExportFormat::Unspecified)) => Format::Csv,
        Some(Ok(pb::ExportFormat::Ndjson)) => Format::Ndjson,
        Some(Err(_)) => {
            violations.rule("format", "The format is CSV or NDJSON.");
            Format::Csv
        }
    };
    let filter = violations.text("filter", filter, ListQuery::MAX_FILTER).unwrap_or_default();
    if let Some((resource, clock)) = &exported
        && let Err(message) = resource.filter(&filter, clock)
    {
        violations.rule("filter", message);
    }
    let resource = exported.map_or("", |(resource, _)| resource.name);
    violations.finish(NewExport { resource, format, filter })
}

pub(super) fn export(export: Export) -> pb::Export {
    let expires = export.expires_at();
    let Export {
        id,
        resource,
        format,
        filter,
        state,
        row_count,
        byte_size,
        created_at,
        finished_at,
    } = export;
    let format = match format {
        Format::Csv => pb::ExportFormat::Csv,
        Format::Ndjson => pb::ExportFormat::Ndjson,
    };
    let state = match state {
        State::Queued => pb::ExportState::Queued,
        State::Running => pb::ExportState::Running,
        State::Done => pb::ExportState::Done,
        State::Failed => pb::ExportState::Failed,
        State::Expired => pb::ExportState::Expired,
    };
    pb::Export {
        id,
        resource,
        format: format.into(),
        filter,
        state: state.into(),
        row_count,
        byte_size,
        created: Some(timestamp(created_at)),
        finished: finished_at.map(timestamp),
        expires: expires.map(timestamp),
        etag: String::new(),
        file_url: None,
    }
}

/// Writes a part of the list, each export with where its file can be downloaded.
pub(super) fn list(page: CursorPage<Export>, urls: Vec<Option<String>>) -> pb::ListExportsResponse {
    let mut urls = urls.into_iter();
    let with_url = |item| pb::Export { file_url: urls.next().flatten(), ..export(item) };
    listed!(ListExportsResponse, page, with_url)
}

pub(super) fn download(id: i64, (url, ends): (String, Timestamp)) -> pb::GetExportDownloadResponse {
    pb::GetExportDownloadResponse { url, expires: Some(timestamp(ends)), id }
}
