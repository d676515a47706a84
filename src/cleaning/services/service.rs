//! The RPCs of services, rates and extras, as the service of companies hands them on.

use steward_kernel::Result as Outcome;
use steward_kernel::page::ListQuery;
use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::repository::BY_PLACE;
use super::{actions, wire};
use crate::pb;
use crate::settings::currency;
use crate::wire::whole;

/// What a list of services is asked for.
fn by_place(number: Option<i32>, size: Option<i32>) -> Outcome<ListQuery> {
    let mut violations = Violations::below("");
    let query = whole(&mut violations, number, size, BY_PLACE);
    violations.finish(query)
}

/// What a list of rates is asked for.
fn by_id(number: Option<i32>, size: Option<i32>) -> Outcome<ListQuery> {
    let mut violations = Violations::below("");
    let query = whole(&mut violations, number, size, &[]);
    violations.finish(query)
}

pub(crate) async fn list_own(
    app: &App,
    request: Request<pb::ListMyServicesRequest>,
) -> Result<Response<pb::ListServicesResponse>, Status> {
    call::run(request, |context, request| async move {
        let query = by_place(request.page_number, request.page_size)?;
        actions::list_own(app, &context, request.location_id, &query).await.map(wire::list)
    })
    .await
}

pub(crate) async fn list_public(
    app: &App,
    request: Request<pb::ListServicesRequest>,
) -> Result<Response<pb::ListServicesResponse>, Status> {
    call::run(request, |context, request| async move {
        let query = by_place(request.page_number, request.page_size)?;
        let area = (request.tenant_id, request.location_id);
        actions::list_public(app, &context, area, &query).await.map(wire::list)
    })
    .await
}

pub(crate) async fn get(
    app: &App,
    request: Request<pb::GetServiceRequest>,
) -> Result<Response<pb::Service>, Status> {
    call::run(request, |context, request| async move {
        actions::get(app, &context, request.service_id).await.map(wire::service)
    })
    .await
}

pub(crate) async fn create(
    app: &App,
    request: Request<pb::CreateServiceRequest>,
) -> Result<Response<pb::Service>, Status> {
    call::run(request, |context, request| async move {
        let input = wire::input(request.service, &currency(app, &context).await?)?;
        actions::create(app, &context, request.location_id, &input).await.map(wire::service)
    })
    .await
}

pub(crate) async fn update(
    app: &App,
    request: Request<pb::UpdateServiceRequest>,
) -> Result<Response<pb::Service>, Status> {
    call::run(request, |context, request| async move {
        let input = wire::input(request.service, &currency(app, &context).await?)?;
        actions::update(app, &context, request.service_id, &input).await.map(wire::service)
    })
    .await
}

pub(crate) async fn list_own_rates(
    app: &App,
    request: Request<pb::ListMyRatesRequest>,
) -> Result<Response<pb::ListRatesResponse>, Status> {
    call::run(request, |context, request| async move {
        let query = by_id(request.page_number, request.page_size)?;
        actions::list_own_rates(app, &context, request.service_id, &query).await.map(wire::rates)
    })
    .await
}

pub(crate) async fn list_public_rates(
    app: &App,
    request: Request<pb::ListRatesRequest>,
) -> Result<Response<pb::ListRatesResponse>, Status> {
    call::run(request, |context, request| async move {
        let query = by_id(request.page_number, request.page_size)?;
        let service = (request.tenant_id, request.service_id);
        actions::list_public_rates(app, &context, service, &query).await.map(wire::rates)
    })
    .await
}

pub(crate) async fn get_rate(
    app: &App,
    request: Request<pb::GetRateRequest>,
) -> Result<Response<pb::Rate>, Status> {
    call::run(request, |context, request| async move {
        actions::get_rate(app, &context, request.rate_id).await.map(wire::rate)
    })
    .await
}

pub(crate) async fn create_rate(
    app: &App,
    request: Request<pb::CreateRateRequest>,
) -> Result<Response<pb::Rate>, Status> {
    call::run(request, |context, request| async move {
        let pb::CreateRateRequest { service_id, frequency, amount, is_active } = request;
        let currency = currency(app, &context).await?;
        let (frequency, input) = wire::new_rate(frequency, amount, is_active, &currency)?;
        let rate = actions::create_rate(app, &context, service_id, frequency, input).await?;
        Ok(wire::rate(rate))
    })
    .await
}

pub(crate) async fn update_rate(
    app: &App,
    request: Request<pb::UpdateRateRequest>,
) -> Result<Response<pb::Rate>, Status> {
    call::run(request, |context, request| async move {
        let pb::UpdateRateRequest { rate_id, amount, is_active } = request;
        let input = wire::rate_input(amount, is_active, &currency(app, &context).await?)?;
        actions::update_rate(app, &context, rate_id, input).await.map(wire::rate)
    })
    .await
}

pub(crate) async fn get_extra_rate(
    app: &App,
    request: Request<pb::GetExtraRateRequest>,
) -> Result<Response<pb::ExtraRate>, Status> {
    call::run(request, |context, request| async move {
        actions::get_extra_rate(app, &context, request.rate_id).await.map(wire::extra_rate)
    })
    .await
}

pub(crate) async fn delete_extra_rate(
    app: &App,
    request: Request<pb::DeleteExtraRateRequest>,
) -> Result<Response<()>, Status> {
    call::run(request, |context, request| async move {
        actions::delete_extra_rate(app, &context, request.rate_id).await
    })
    .await
}
