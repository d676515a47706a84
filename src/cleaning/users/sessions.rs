//! The RPCs of signing in, over what the platform does for all families.

use std::sync::Arc;

use steward_kernel::validate::Violations;
use steward_kernel::{Family, Result as Outcome, TenantId};
use steward_platform::App;
use steward_platform::changes::Origin;
use steward_platform::passwords::{self, Account};
use steward_platform::sessions::{self, SignIn, SignedIn};
use steward_platform::tokens::Issuer;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::auth_service_server::{AuthService, AuthServiceServer};
use crate::wire::timestamp;

const REFRESH: &str = "steward.cleaning.v1.AuthService/RefreshToken";

pub(crate) fn service(app: &App, issuer: &Arc<Issuer>) -> AuthServiceServer<Service> {
    AuthServiceServer::new(Service { app: app.clone(), issuer: Arc::clone(issuer) })
}

pub(crate) struct Service {
    app: App,
    issuer: Arc<Issuer>,
}

/// Writes what whoever signed in is handed.
pub(super) async fn handed(app: &App, signed_in: SignedIn) -> Outcome<pb::Session> {
    let person = actions::person(app, &signed_in.user).await?;
    Ok(wire::session(signed_in, person))
}

/// Reads whose password is meant.
fn account(violations: &mut Violations, email: String, tenant_id: Option<i64>) -> Account {
    Account {
        name: violations.required_text("email", email, 254),
        tenant: tenant_id.map(TenantId),
        family: Some(Family::Cleaning),
    }
}

#[async_trait]
impl AuthService for Service {
    async fn login(
        &self,
        request: Request<pb::LoginRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        call::run(request, |context, request| async move {
            let app = &self.app.of(&context);
            let pb::LoginRequest { username, password, tenant_id } = request;
            let mut violations = Violations::below("");
            let username = violations.required_text("username", username, 254);
            if password.is_empty() {
                violations.required("password");
            }
            let asked = violations.finish(SignIn {
                username,
                password: password.into(),
                tenant: tenant_id.map(TenantId),
                family: Some(Family::Cleaning),
            })?;
            handed(app, sessions::sign_in(app, &self.issuer, asked).await?).await
        })
        .await
    }

    async fn send_reset_link(
        &self,
        request: Request<pb::SendResetLinkRequest>,
    ) -> Result<Response<()>, Status> {
        call::run(request, |context, request| async move {
            let pb::SendResetLinkRequest { email, tenant_id } = request;
            let mut violations = Violations::below("");
            let account = account(&mut violations, email, tenant_id);
            passwords::request(&self.app.of(&context), &violations.finish(account)?).await
        })
        .await
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Result<Response<()>, Status> {
        call::run(request, |context, request| async move {
            let app = &self.app.of(&context);
            let pb::ResetPasswordRequest { email, code, new_password, tenant_id } = request;
            let mut violations = Violations::below("");
            let account = account(&mut violations, email, tenant_id);
            let code = violations.required_text("code", code, 20);
            if new_password.is_empty() {
                violations.required("new_password");
            }
            let account = violations.finish(account)?;
            passwords::reset(app, &account, &code, new_password.into()).await.map(drop)
        })
        .await
    }

    async fn check_reset_code(
        &self,
        request: Request<pb::CheckResetCodeRequest>,
    ) -> Result<Response<pb::CheckResetCodeResponse>, Status> {
        call::run(request, |_, request| async move {
            let pb::CheckResetCodeRequest { email, code, tenant_id } = request;
            let mut violations = Violations::below("");
            let account = account(&mut violations, email, tenant_id);
            let code = violations.required_text("code", code, 20);
            let account = violations.finish(account)?;
            let passwords::CodeCheck { is_valid, expires_at } =
                passwords::check(&self.app, &account, &code).await?;
            Ok(pb::CheckResetCodeResponse { is_valid, expires_at: expires_at.map(timestamp) })
        })
        .await
    }

    async fn refresh_token(
        &self,
        request: Request<pb::RefreshTokenRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        call::run(request, |context, request| async move {
            let mut violations = Violations::below("");
            let token = violations.required_text("refresh_token", request.refresh_token, 200);
            let token = violations.finish(token)?.into();
            let origin = Origin { rpc: REFRESH, request_id: context.request_id() };
            let family = Some(Family::Cleaning);
            let app = &self.app.of(&context);
            let signed_in = sessions::refresh(app, &self.issuer, origin, family, &token).await?;
            handed(app, signed_in).await
        })
        .await
    }
}
