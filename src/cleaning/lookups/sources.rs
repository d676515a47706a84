//! From where clients come, as the service of companies hands it on.

use steward_database::{find, page};
use steward_kernel::Result as Outcome;
use steward_kernel::list::Value;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::model::{Audience, LeadSource};
use super::repository::{self, AUDIENCE};
use super::{actions, wire};
use crate::caller::named;
use crate::pb;
use crate::wire::{all, array, equal};

const CLIENT: Audience = Audience::Client;

/// Reads the name of a lead source.
fn read(name: String) -> Outcome<String> {
    let mut violations = Violations::below("");
    let name = violations.required_tidy("name", Some(name), 80);
    violations.finish(name)
}

fn answer(found: Page<LeadSource>) -> pb::ListClientLeadSourcesResponse {
    let (items, total_count, page_number, page_size) = array(found, wire::lead_source);
    pb::ListClientLeadSourcesResponse { items, total_count, page_number, page_size }
}

pub(crate) async fn list_own(
    app: &App,
    request: Request<pb::ListMyClientLeadSourcesRequest>,
) -> Result<Response<pb::ListClientLeadSourcesResponse>, Status> {
    call::run(request, |context, request| async move {
        let query = wire::query(request.page_number, request.page_size)?;
        let scope = all([equal(AUDIENCE, Some(Value::Text(CLIENT.name().to_owned())))]);
        let tx = app.read(&context).await?;
        page(&tx, context.tenant()?, Some(&scope), &query).await.map(answer)
    })
    .await
}

pub(crate) async fn list_of(
    app: &App,
    request: Request<pb::ListClientLeadSourcesByTenantRequest>,
) -> Result<Response<pb::ListClientLeadSourcesResponse>, Status> {
    call::run(request, |context, request| async move {
        let query = wire::query(request.page_number, request.page_size)?;
        named("tenant_id", request.tenant_id)?;
        let of = Some(request.tenant_id);
        actions::list_of(app, &context, of, CLIENT, &query).await.map(answer)
    })
    .await
}

pub(crate) async fn get(
    app: &App,
    request: Request<pb::GetClientLeadSourceRequest>,
) -> Result<Response<pb::LeadSource>, Status> {
    call::run(request, |context, request| async move {
        let (tx, tenant) = (app.read(&context).await?, context.tenant()?);
        let id = Some(request.lead_source_id);
        actions::check_lead_source(&tx, tenant, CLIENT, id).await?;
        find(&tx, tenant, request.lead_source_id).await.map(wire::lead_source)
    })
    .await
}

pub(crate) async fn add(
    app: &App,
    request: Request<pb::AddClientLeadSourceRequest>,
) -> Result<Response<pb::LeadSource>, Status> {
    call::run(request, |context, request| async move {
        let name = &read(request.name)?;
        let tenant = context.tenant()?;
        app.transaction(&context, |tx| async move {
            let id = repository::insert_lead_source(&tx, tenant, CLIENT, name).await?;
            find::<LeadSource>(&tx, tenant, id).await
        })
        .await
        .map(wire::lead_source)
    })
    .await
}

pub(crate) async fn update(
    app: &App,
    request: Request<pb::UpdateClientLeadSourceRequest>,
) -> Result<Response<pb::LeadSource>, Status> {
    call::run(request, |context, request| async move {
        let pb::UpdateClientLeadSourceRequest { lead_source_id, name, is_active } = request;
        let name = &read(name)?;
        let (tenant, is_active) = (context.tenant()?, is_active.unwrap_or(true));
        app.transaction(&context, |tx| async move {
            let place = (CLIENT, lead_source_id);
            repository::update_lead_source(&tx, tenant, place, name, is_active).await?;
            find::<LeadSource>(&tx, tenant, lead_source_id).await
        })
        .await
        .map(wire::lead_source)
    })
    .await
}

pub(crate) async fn delete(
    app: &App,
    request: Request<pb::DeleteClientLeadSourceRequest>,
) -> Result<Response<()>, Status> {
    call::run(request, |context, request| async move {
        let (tenant, id) = (context.tenant()?, request.lead_source_id);
        app.transaction(&context, |tx| async move {
            actions::check_lead_source(&tx, tenant, CLIENT, Some(id)).await?;
            let is_used = crate::clients::repository::came_from(&tx, tenant, id).await?;
            if is_used {
                repository::deactivate_lead_source(&tx, tenant, id).await
            } else {
                repository::delete_lead_source(&tx, tenant, id).await
            }
        })
        .await
    })
    .await
}
