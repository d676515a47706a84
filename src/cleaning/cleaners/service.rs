//! The RPCs of cleaners.

use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result as Outcome};
use steward_platform::App;
use steward_transport::call::{self, existed};
use tonic::{Request, Response, Status, async_trait};

use super::{actions, contract, exceptions, hours, labels, show, wire};
use crate::caller::{Reach, named, own, own_only, reach_of, required_of_admins};
use crate::pb;
use crate::pb::cleaner_service_server::{CleanerService, CleanerServiceServer};
use crate::settings::currency;
use crate::tenant_locations::wire as tenant_locations;
use crate::wire::whole;

pub(crate) fn service(app: &App) -> CleanerServiceServer<Service> {
    CleanerServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// Adds a cleaner to the caller's company, or to the one that somebody without a token names.
async fn add(
    app: &App,
    context: &Context,
    request: pb::AddCleanerDetailedRequest,
) -> Outcome<pb::Cleaner> {
    if context.principal().is_none() || request.tenant_id != 0 {
        own(context, request.tenant_id)?;
    }
    let new = wire::new(request, context, &currency(app, context).await?)?;
    let reach = if context.is_anybody() { Reach::Public } else { Reach::Own };
    Ok(show::cleaner(actions::add(app, context, new).await?, reach))
}

/// As [`add`], for whoever says all that applicants say.
async fn add_detailed(
    app: &App,
    context: &Context,
    request: pb::AddCleanerDetailedRequest,
) -> Outcome<pb::Cleaner> {
    if request.applicant.is_none() {
        return Err(Error::required("applicant"));
    }
    add(app, context, request).await
}

#[async_trait]
impl CleanerService for Service {
    async fn get_cleaner(
        &self,
        request: Request<pb::GetCleanerRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let mut violations = Violations::below("");
            required_of_admins(&mut violations, &context, "id", request.id);
            let id = violations.finish(request.id)?;
            let cleaner = actions::get(app, &context, id).await?;
            Ok(show::cleaner(cleaner, reach_of(&context)))
        })
        .await
    }

    async fn add_cleaner(
        &self,
        request: Request<pb::AddCleanerRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            add(app, &context, wire::detailed(request)).await
        })
        .await
    }

    async fn add_cleaner_detailed(
        &self,
        request: Request<pb::AddCleanerDetailedRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(
            request,
            |context, request| async move { add_detailed(app, &context, request).await },
        )
        .await
    }

    async fn get_cleaner_by_user_id(
        &self,
        request: Request<pb::GetCleanerByUserIdRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = actions::id_of_user(app, &context, request.user_id).await?;
            let cleaner = actions::get(app, &context, id).await?;
            Ok(show::cleaner(cleaner, reach_of(&context)))
        })
        .await
    }

    async fn get_cleaner_brief(
        &self,
        request: Request<pb::GetCleanerBriefRequest>,
    ) -> Result<Response<pb::CleanerBrief>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(show::brief)
        })
        .await
    }

    async fn get_cleaner_id_from_user_id(
        &self,
        request: Request<pb::GetCleanerIdFromUserIdRequest>,
    ) -> Result<Response<pb::GetCleanerIdFromUserIdResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let cleaner_id = actions::id_of_user(app, &context, request.user_id).await?;
            Ok(pb::GetCleanerIdFromUserIdResponse { cleaner_id })
        })
        .await
    }

    async fn get_my_cleaner_profile(
        &self,
        request: Request<pb::GetMyCleanerProfileRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.cleaner_id.unwrap_or_default();
            own_only(&context, id)?;
            let cleaner = actions::get(app, &context, id).await?;
            Ok(show::cleaner(cleaner, reach_of(&context)))
        })
        .await
    }

    async fn get_cleaner_profile(
        &self,
        request: Request<pb::GetCleanerProfileRequest>,
    ) -> Result<Response<pb::CleanerProfile>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get_colleague(app, &context, request.id).await.map(show::profile)
        })
        .await
    }

    async fn update_cleaner(
        &self,
        request: Request<pb::UpdateCleanerRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) =
                wire::input(request.cleaner, &context, &currency(app, &context).await?)?;
            let cleaner = actions::update(app, &context, id, &input).await?;
            Ok(show::cleaner(cleaner, reach_of(&context)))
        })
        .await
    }

    async fn add_contract_details(
        &self,
        request: Request<pb::AddContractDetailsRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, new) = contract::read(request, &context, &currency(app, &context).await?)?;
            let cleaner = actions::add_contract(app, &context, id, &new).await?;
            Ok(show::cleaner(cleaner, reach_of(&context)))
        })
        .await
    }

    async fn change_cleaner_status(
        &self,
        request: Request<pb::ChangeCleanerStatusRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ChangeCleanerStatusRequest { cleaner_id, status, churn_reason_id, note } =
                request;
            let (status, note) = wire::status(status, note)?;
            let to = (cleaner_id, status);
            let cleaner =
                actions::change_status(app, &context, to, churn_reason_id, note.as_deref()).await?;
            Ok(show::cleaner(cleaner, Reach::Own))
        })
        .await
    }

    async fn set_cleaner_label(
        &self,
        request: Request<pb::SetCleanerLabelRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::SetCleanerLabelRequest { cleaner_id, action_id, is_active } = request;
            let label = (labels::number(action_id)?, is_active);
            let cleaner = actions::set_label(app, &context, cleaner_id, label).await?;
            Ok(show::cleaner(cleaner, Reach::Own))
        })
        .await
    }

    async fn set_new_job_notifications(
        &self,
        request: Request<pb::SetNewJobNotificationsRequest>,
    ) -> Result<Response<pb::Cleaner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::SetNewJobNotificationsRequest { cleaner_id, send_new_job_noty } = request;
            let mut violations = Violations::below("");
            required_of_admins(&mut violations, &context, "cleaner_id", cleaner_id);
            if send_new_job_noty.is_none() {
                violations.required("send_new_job_noty");
            }
            let is_told = violations.finish(send_new_job_noty.unwrap_or_default())?;
            let cleaner = actions::set_noty(app, &context, cleaner_id, is_told).await?;
            Ok(show::cleaner(cleaner, reach_of(&context)))
        })
        .await
    }

    async fn delete_cleaner(
        &self,
        request: Request<pb::DeleteCleanerRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }

    async fn get_unavailable_hours(
        &self,
        request: Request<pb::GetUnavailableHoursRequest>,
    ) -> Result<Response<pb::UnavailableHours>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::unavailable_hours(app, &context, request.cleaner_id).await.map(hours::week)
        })
        .await
    }

    async fn set_unavailable_hours(
        &self,
        request: Request<pb::SetUnavailableHoursRequest>,
    ) -> Result<Response<pb::UnavailableHours>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::SetUnavailableHoursRequest { cleaner_id, days } = request;
            let mut violations = Violations::below("");
            let days = hours::read(&mut violations, "days", days);
            let days = violations.finish(days)?;
            let week = actions::set_unavailable_hours(app, &context, cleaner_id, &days).await?;
            Ok(hours::week(week))
        })
        .await
    }

    async fn list_exception_availability(
        &self,
        request: Request<pb::ListExceptionAvailabilityRequest>,
    ) -> Result<Response<pb::ListExceptionAvailabilityResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, asked, query) = exceptions::wire::query(request)?;
            let page = exceptions::actions::list(app, &context, id, (asked, &query)).await?;
            Ok(exceptions::wire::list(page))
        })
        .await
    }

    async fn get_exception_availability(
        &self,
        request: Request<pb::GetExceptionAvailabilityRequest>,
    ) -> Result<Response<pb::ExceptionAvailability>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let place = (request.cleaner_id, request.exception_id);
            let exception = exceptions::actions::get(app, &context, place).await?;
            Ok(exceptions::wire::exception(exception))
        })
        .await
    }

    async fn create_exception_availability(
        &self,
        request: Request<pb::CreateExceptionAvailabilityRequest>,
    ) -> Result<Response<pb::ExceptionAvailability>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = exceptions::wire::input(request.exception)?;
            let made =
                exceptions::actions::create(app, &context, request.cleaner_id, &input).await?;
            Ok(exceptions::wire::exception(made))
        })
        .await
    }

    async fn update_exception_availability(
        &self,
        request: Request<pb::UpdateExceptionAvailabilityRequest>,
    ) -> Result<Response<pb::ExceptionAvailability>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let place = (request.cleaner_id, request.exception_id);
            let input = exceptions::wire::input(request.exception)?;
            let exception = exceptions::actions::update(app, &context, place, &input).await?;
            Ok(exceptions::wire::exception(exception))
        })
        .await
    }

    async fn delete_exception_availability(
        &self,
        request: Request<pb::DeleteExceptionAvailabilityRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let place = (request.cleaner_id, request.exception_id);
            exceptions::actions::delete(app, &context, place).await
        })
        .await
    }

    async fn list_cleaner_areas(
        &self,
        request: Request<pb::ListCleanerAreasRequest>,
    ) -> Result<Response<pb::ListAreasResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ListCleanerAreasRequest { cleaner_id, page_number, page_size } = request;
            let mut violations = Violations::below("");
            let query = whole(&mut violations, page_number, page_size, &[]);
            let query = violations.finish(query)?;
            let page = actions::list_areas(app, &context, cleaner_id, &query).await?;
            Ok(tenant_locations::list(page))
        })
        .await
    }

    async fn add_cleaner_area(
        &self,
        request: Request<pb::AddCleanerAreaRequest>,
    ) -> Result<Response<pb::TenantLocation>, Status> {
        let app = &self.app;
        let mut is_new = true;
        let added = &mut is_new;
        let response = call::run(request, |context, request| async move {
            let pb::AddCleanerAreaRequest { cleaner_id, tenant_location_id } = request;
            named("tenant_location_id", tenant_location_id)?;
            let area = actions::add_area(app, &context, cleaner_id, tenant_location_id).await?;
            *added = area.1;
            Ok(tenant_locations::tenant_location(area.0))
        })
        .await?;
        Ok(if is_new { response } else { existed(response) })
    }

    async fn remove_cleaner_area(
        &self,
        request: Request<pb::RemoveCleanerAreaRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::RemoveCleanerAreaRequest { cleaner_id, location_id } = request;
            actions::remove_area(app, &context, cleaner_id, location_id).await
        })
        .await
    }
}
