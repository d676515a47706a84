//! The RPC of country codes.

use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::{COUNTRY_CODES, CountryCode};
use super::query::{FIELDS, matching};
use crate::pb;
use crate::pb::country_code_service_server::{CountryCodeService, CountryCodeServiceServer};

pub(crate) fn service(app: &App) -> CountryCodeServiceServer<Service> {
    CountryCodeServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl CountryCodeService for Service {
    async fn list_country_codes(
        &self,
        request: Request<pb::ListCountryCodesRequest>,
    ) -> Result<Response<pb::ListCountryCodesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ListCountryCodesRequest { filter, order_by, read_mask: _ } = request;
            let mut violations = Violations::default();
            let size = i32::try_from(COUNTRY_CODES.len()).unwrap_or(i32::MAX);
            let all = ListQuery::all(PageRequest { number: 1, size });
            let query = all.narrow(&FIELDS, filter, order_by, &mut violations);
            let query = violations.finish(query)?;
            let country_codes = if query.filter.is_none() && query.order.is_empty() {
                COUNTRY_CODES.iter().map(message).collect()
            } else {
                matching(app, &context, &query).await?.into_iter().map(message).collect()
            };
            Ok(pb::ListCountryCodesResponse { country_codes })
        })
        .await
    }
}

fn message(entry: &CountryCode) -> pb::CountryCode {
    let CountryCode { id, code, country } = *entry;
    pb::CountryCode { id, code: code.to_owned(), country: country.to_owned() }
}
