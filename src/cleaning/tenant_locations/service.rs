//! The RPCs of areas and zip codes, as the service of companies hands them on.

use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call::{self, existed};
use tonic::{Request, Response, Status};

use super::zip_codes::BY_ZIP;
use super::{actions, wire};
use crate::pb;
use crate::wire::{paged, whole};

pub(crate) async fn list(
    app: &App,
    request: Request<pb::ListAreasRequest>,
) -> Result<Response<pb::ListAreasResponse>, Status> {
    call::run(request, |context, request| async move {
        let mut violations = Violations::below("");
        let query = whole(&mut violations, request.page_number, request.page_size, &[]);
        let query = violations.finish(query)?;
        actions::list(app, &context, request.tenant_id, &query).await.map(wire::list)
    })
    .await
}

pub(crate) async fn get(
    app: &App,
    request: Request<pb::GetAreaRequest>,
) -> Result<Response<pb::TenantLocation>, Status> {
    call::run(request, |context, request| async move {
        let pb::GetAreaRequest { tenant_id, location_id } = request;
        actions::get(app, &context, tenant_id, location_id).await.map(wire::tenant_location)
    })
    .await
}

pub(crate) async fn add(
    app: &App,
    request: Request<pb::AddAreaRequest>,
) -> Result<Response<pb::TenantLocation>, Status> {
    call::run(request, |context, request| async move {
        let (tenant_id, new) = wire::new(request)?;
        actions::add(app, &context, tenant_id, &new).await.map(wire::tenant_location)
    })
    .await
}

pub(crate) async fn delete(
    app: &App,
    request: Request<pb::DeleteAreaRequest>,
) -> Result<Response<()>, Status> {
    call::run(request, |context, request| async move {
        actions::delete(app, &context, request.tenant_id, request.location_id).await
    })
    .await
}

pub(crate) async fn list_zip_codes(
    app: &App,
    request: Request<pb::ListZipCodesRequest>,
) -> Result<Response<pb::ListZipCodesResponse>, Status> {
    call::run(request, |context, request| async move {
        let pb::ListZipCodesRequest { tenant_id, location_id, search, page_number, page_size } =
            request;
        let mut violations = Violations::below("");
        let query = paged(&mut violations, page_number, page_size, BY_ZIP);
        let query = query.search("search", search, &mut violations);
        let query = violations.finish(query)?;
        let area = (tenant_id, location_id);
        actions::list_zip_codes(app, &context, area, &query).await.map(wire::zip_codes)
    })
    .await
}

pub(crate) async fn get_zip_code(
    app: &App,
    request: Request<pb::GetZipCodeRequest>,
) -> Result<Response<pb::ZipCode>, Status> {
    call::run(request, |context, request| async move {
        let pb::GetZipCodeRequest { tenant_id, location_id, zipcode_id } = request;
        let area = (tenant_id, location_id);
        actions::get_zip_code(app, &context, area, zipcode_id).await.map(wire::zip_code)
    })
    .await
}

pub(crate) async fn add_zip_code(
    app: &App,
    request: Request<pb::AddZipCodeRequest>,
) -> Result<Response<pb::ZipCode>, Status> {
    let mut is_new = true;
    let added = &mut is_new;
    let response = call::run(request, |context, request| async move {
        let pb::AddZipCodeRequest { tenant_id, location_id, zip } = request;
        let code = wire::code(zip)?;
        let area = (tenant_id, location_id);
        let (code, was_added) = actions::add_zip_code(app, &context, area, &code).await?;
        *added = was_added;
        Ok(wire::zip_code(code))
    })
    .await?;
    Ok(if is_new { response } else { existed(response) })
}

pub(crate) async fn find_by_zip(
    app: &App,
    request: Request<pb::FindAreaByZipRequest>,
) -> Result<Response<pb::TenantLocation>, Status> {
    call::run(request, |context, request| async move {
        let code = wire::code(request.zip)?;
        let found = actions::find_by_zip(app, &context, request.tenant_id, &code).await;
        found.map(wire::tenant_location)
    })
    .await
}

pub(crate) async fn remove_zip_code(
    app: &App,
    request: Request<pb::RemoveZipCodeRequest>,
) -> Result<Response<()>, Status> {
    call::run(request, |context, request| async move {
        let pb::RemoveZipCodeRequest { tenant_id, location_id, zipcode_id } = request;
        actions::remove_zip_code(app, &context, (tenant_id, location_id), zipcode_id).await
    })
    .await
}
