//! Between the contract and the model.

use steward_contracts::steward::platform::v1 as pb;
use steward_kernel::Result;

use super::model::{
    ACCESS_TOKEN_LIFETIME, CLIENT_CREDENTIALS, Credentials, IssuedToken, Scopes, TokenRequest,
    invalid_credentials, invalid_scope, missing_grant_type, two_authentications,
    unsupported_grant_type,
};

/// Reads a request. `authorization` is the header of that name, which may hold the
/// credentials instead of the message.
pub(super) fn token_request(
    authorization: Option<&str>,
    message: pb::CreateTokenRequest,
) -> Result<TokenRequest> {
    let pb::CreateTokenRequest { client_id, client_secret, scope, grant_type } = message;
    if grant_type.is_empty() {
        return Err(missing_grant_type());
    }
    if grant_type != CLIENT_CREDENTIALS {
        return Err(unsupported_grant_type());
    }
    let scopes = Scopes::parse(&scope).ok_or_else(invalid_scope)?;
    let basic = authorization.map(Credentials::from_header).transpose()?.flatten();
    let credentials = match basic {
        Some(_) if !client_secret.is_empty() => return Err(two_authentications()),
        // The id may be repeated in the body, as long as it is the same.
        Some(basic) if client_id.is_empty() || client_id == basic.client_id => basic,
        Some(_) => return Err(invalid_credentials()),
        None => Credentials { client_id, secret: client_secret.into() },
    };
    Ok(TokenRequest { credentials, scopes })
}

/// Writes the answer.
pub(super) fn token(issued: IssuedToken) -> pb::CreateTokenResponse {
    let IssuedToken { access_token, id_token, scopes } = issued;
    pb::CreateTokenResponse {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: i64::try_from(ACCESS_TOKEN_LIFETIME.as_secs()).unwrap_or(i64::MAX),
        scope: scopes.to_string(),
        id_token,
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
            refusal(None, |m| m.grant_type = "password".to_owned()),
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
