//! Areas and zip codes between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{NewTenantLocation, TenantLocation, ZipCode};
use crate::pb;
use crate::wire::{array, timestamp, zip};

/// Most zip codes that an area comes with.
const MOST_ZIP_CODES: usize = 1000;

/// Reads an area to add, and the company's id.
pub fn new(request: pb::AddAreaRequest) -> Result<(i64, NewTenantLocation)> {
    let pb::AddAreaRequest { tenant_id, name, description, zip_codes, is_active } = request;
    let mut violations = Violations::below("");
    if zip_codes.len() > MOST_ZIP_CODES {
        violations.rule("zip_codes", format!("There are more than {MOST_ZIP_CODES} zip codes."));
    }
    let mut codes: Vec<String> = zip_codes
        .into_iter()
        .enumerate()
        .map(|(index, code)| zip(&mut violations, &format!("zip_codes[{index}]"), Some(code)))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let new = NewTenantLocation {
        name: violations.required_tidy("name", Some(name), 80),
        description: violations.tidy("description", description, 500),
        is_active: is_active.unwrap_or(true),
        zip_codes: codes,
    };
    violations.finish((tenant_id, new))
}

/// Reads a zip code.
pub fn code(value: String) -> Result<String> {
    let mut violations = Violations::below("");
    let code = zip(&mut violations, "zip", Some(value));
    violations.finish(code)
}

/// Writes an area.
pub fn tenant_location(area: TenantLocation) -> pb::TenantLocation {
    let TenantLocation {
        id,
        name,
        description,
        is_active,
        zip_code_count,
        service_count,
        cleaner_count,
        created_at,
        updated_at,
        version,
    } = area;
    pb::TenantLocation {
        id,
        name,
        description,
        is_active,
        zip_code_count,
        service_count,
        cleaner_count,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes areas.
pub fn list(page: Page<TenantLocation>) -> pb::ListAreasResponse {
    let (items, total_count, page_number, page_size) = array(page, tenant_location);
    pb::ListAreasResponse { items, total_count, page_number, page_size }
}

/// Writes a zip code.
pub fn zip_code(code: ZipCode) -> pb::ZipCode {
    let ZipCode { id, tenant_location_id, zip, created_at, updated_at, version } = code;
    let (created_at, updated_at) = (Some(timestamp(created_at)), Some(timestamp(updated_at)));
    pb::ZipCode { id, tenant_location_id, zip, created_at, updated_at, version }
}

/// Writes a page of zip codes.
pub fn zip_codes(page: Page<ZipCode>) -> pb::ListZipCodesResponse {
    let total_pages = page.pages();
    let (items, total_count, page_number, page_size) = array(page, zip_code);
    pb::ListZipCodesResponse {
        items,
        page_number,
        page_size,
        total_count,
        total_pages,
        has_previous_page: page_number > 1,
        has_next_page: page_number < total_pages,
    }
}
