//! Between the contract and the model.

use secrecy::ExposeSecret;
use steward_contracts::steward::platform::v1 as pb;
use steward_kernel::{Result, TenantId};

use super::model::{
    CLIENT_CREDENTIALS, Credentials, Grant, IssuedToken, PASSWORD, REFRESH_TOKEN, Scopes,
    TokenRequest, invalid_credentials, invalid_scope, missing_grant_type, two_authentications,
    unsupported_grant_type,
};
use crate::sessions::SignIn;

/// Reads a request. `authorization` is the header of that name, which may hold the
/// credentials instead of the message.
pub(super) fn token_request(
    authorization: Option<&str>,
    message: pb::CreateTokenRequest,
) -> Result<TokenRequest> {
    let pb::CreateTokenRequest {
        client_id,
        client_secret,
        scope,
        grant_type,
        username,
        password,
        tenant,
        refresh_token,
    } = message;
    if grant_type.is_empty() {
        return Err(missing_grant_type());
    }
    let is_user = matches!(&*grant_type, PASSWORD | REFRESH_TOKEN);
    if grant_type != CLIENT_CREDENTIALS && !is_user {
        return Err(unsupported_grant_type());
    }
    let scope = if is_user && scope.is_empty() { "api" } else { &scope };
    let scopes = Scopes::parse(scope).ok_or_else(invalid_scope)?;
    if grant_type == PASSWORD {
        let (tenant, password) = (tenant.map(TenantId), password.into());
        let asked = SignIn { username, password, tenant, family: None };
        return Ok(TokenRequest { grant: Grant::Password(asked), scopes });
    }
    if is_user {
        return Ok(TokenRequest { grant: Grant::Refresh(refresh_token.into()), scopes });
    }
    let basic = authorization.map(Credentials::from_header).transpose()?.flatten();
    let credentials = match basic {
        Some(_) if !client_secret.is_empty() => return Err(two_authentications()),
        // The id may be repeated in the body, as long as it is the same.
        Some(basic) if client_id.is_empty() || client_id == basic.client_id => basic,
        Some(_) => return Err(invalid_credentials()),
        None => Credentials { client_id, secret: client_secret.into() },
    };
    Ok(TokenRequest { grant: Grant::Client(credentials), scopes })
}

/// Writes the answer.
pub(super) fn token(issued: IssuedToken) -> pb::CreateTokenResponse {
    let IssuedToken { access_token, id_token, scopes, lifetime, refresh_token } = issued;
    pb::CreateTokenResponse {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX),
        scope: scopes.to_string(),
        id_token,
        refresh_token: refresh_token.map(|token| token.expose_secret().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(
        authorization: Option<&str>,
        change: impl Fn(&mut pb::CreateTokenRequest),
    ) -> String {
        let mut message = pb::CreateTokenRequest {
            client_id: "me".to_owned(),
            client_secret: "secret".to_owned(),
            scope: "openid api".to_owned(),
            grant_type: "client_credentials".to_owned(),
            ..pb::CreateTokenRequest::default()
        };
        change(&mut message);
        match token_request(authorization, message) {
            Ok(_) => "none".to_owned(),
            Err(error) => error.metadata()[0].1.clone(),
        }
    }

    #[test]
    fn refuses_what_oauth_refuses() {
        // "me:secret"
        let basic = Some("Basic bWU6c2VjcmV0");
        assert_eq!(refusal(None, |_| {}), "none");
        assert_eq!(refusal(None, |m| m.scope.clear()), "invalid_scope");
        assert_eq!(refusal(None, |m| m.scope.push_str(" admin")), "invalid_scope");
        assert_eq!(refusal(None, |m| m.grant_type.clear()), "invalid_request");
        assert_eq!(
            refusal(None, |m| m.grant_type = "implicit".to_owned()),
            "unsupported_grant_type"
        );
        assert_eq!(refusal(basic, |_| {}), "invalid_request");
        assert_eq!(refusal(basic, |m| m.client_secret.clear()), "none");
        let other_id = |m: &mut pb::CreateTokenRequest| {
            m.client_secret.clear();
            m.client_id = "you".to_owned();
        };
        assert_eq!(refusal(basic, other_id), "invalid_client");
        assert_eq!(refusal(Some("Bearer x"), |_| {}), "none");
    }
}
