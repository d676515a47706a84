//! Imports between proto and model.

use steward_contracts::steward::platform::v1 as pb;
use steward_kernel::validate::Violations;
use steward_kernel::{Family, Result};

use super::Forms;
use super::model::{Fault, Import, NewImport, Progress, State};
use crate::wire::{cut, timestamp};

pub(super) fn new_import(
    forms: &Forms,
    family: Family,
    input: Option<pb::ImportInput>,
) -> Result<NewImport> {
    let mut violations = Violations::below("import");
    let pb::ImportInput { resource, file_id, dry_run } = violations.required_message(input);
    let resource = violations.required_text("resource", resource, 100);
    let found = forms.find(family, &resource);
    if found.is_none() && !resource.is_empty() {
        violations.rule("resource", "There is no such resource to import.");
    }
    let file = violations.required_text("file_id", file_id, 200);
    let resource = found.map_or("", |(name, _)| name);
    violations.finish(NewImport { resource, file, dry_run: dry_run.unwrap_or(false) })
}

pub(super) fn import(import: Import) -> pb::Import {
    let Import {
        id,
        resource,
        dry_run,
        file_id: _,
        client_id: _,
        scopes: _,
        state,
        failure,
        progress,
        created_at,
        finished_at,
    } = import;
    let state = match state {
        State::Queued => pb::ImportState::Queued,
        State::Running => pb::ImportState::Running,
        State::Done => pb::ImportState::Done,
        State::Failed => pb::ImportState::Failed,
    };
    let Progress { rows, processed, failed } = progress;
    pb::Import {
        id,
        resource,
        dry_run,
        state: state.into(),
        failure,
        row_count: rows,
        created_count: processed - failed,
        failed_count: failed,
        created: Some(timestamp(created_at)),
        finished: finished_at.map(timestamp),
        etag: String::new(),
    }
}

pub(super) fn list(mut imports: Vec<Import>, limit: i64) -> pb::ListImportsResponse {
    let next_cursor = cut(&mut imports, limit, |import| import.id);
    pb::ListImportsResponse { items: imports.into_iter().map(import).collect(), next_cursor }
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
    let item = |Fault { row, column, message }| pb::ImportError { row, column, message };
    pb::ListImportErrorsResponse { items: faults.into_iter().map(item).collect(), next_cursor }
}
