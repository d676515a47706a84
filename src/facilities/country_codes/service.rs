//! The RPC of country codes.

use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::COUNTRY_CODES;
use crate::pb;
use crate::pb::country_code_service_server::{CountryCodeService, CountryCodeServiceServer};

pub(crate) fn service() -> CountryCodeServiceServer<Service> {
    CountryCodeServiceServer::new(Service)
}

pub(crate) struct Service;

#[async_trait]
impl CountryCodeService for Service {
    async fn list_country_codes(
        &self,
        request: Request<pb::ListCountryCodesRequest>,
    ) -> Result<Response<pb::ListCountryCodesResponse>, Status> {
        call::run(request, |_, _| async {
            let country_codes = COUNTRY_CODES.iter().map(|entry| pb::CountryCode {
                id: entry.id,
                code: entry.code.to_owned(),
                country: entry.country.to_owned(),
            });
            Ok(pb::ListCountryCodesResponse { country_codes: country_codes.collect() })
        })
        .await
    }
}
