//! The gRPC face of the token endpoint.

use std::sync::Arc;

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::token_service_server::{
    TokenService, TokenServiceServer,
};
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::{Issuer, actions, wire};
use crate::changes::Origin;

/// The one RPC, for the audit trail.
const RPC: &str = "steward.platform.v1.TokenService/CreateToken";

struct Service {
    issuer: Arc<Issuer>,
}

/// The service, ready to be added to the routes.
pub(crate) fn service(issuer: Arc<Issuer>) -> TokenServiceServer<impl TokenService> {
    TokenServiceServer::new(Service { issuer })
}

#[tonic::async_trait]
impl TokenService for Service {
    async fn create_token(
        &self,
        request: Request<pb::CreateTokenRequest>,
    ) -> Result<Response<pb::CreateTokenResponse>, Status> {
        let issuer = &self.issuer;
        // The only RPC that reads a header of its own: HTTP Basic client authentication.
        let authorization = request.metadata().get("authorization").cloned();
        call::run(request, |context, message| async move {
            let authorization = authorization.as_ref().and_then(|value| value.to_str().ok());
            let request = wire::token_request(authorization, message)?;
            let origin = Origin { rpc: RPC, request_id: context.request_id() };
            let app = &issuer.app.of(&context);
            actions::create(app, issuer, origin, request).await.map(wire::token)
        })
        .await
    }
}
