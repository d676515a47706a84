//! Users and sessions between proto and model.

use secrecy::ExposeSecret;
use steward_kernel::Role;
use steward_platform::sessions::SignedIn;
use steward_platform::tokens::USER_TOKEN_LIFETIME;
use steward_platform::users::User;

use super::model::{Details, Person};
use crate::pb;
use crate::wire::timestamp;

/// Writes a user.
pub fn user(person: Person) -> pb::User {
    let Person { user, details } = person;
    let Details { first_name, last_name, phone } = details;
    let User { id, username, email, role, locale, picture_url, is_active, .. } = user;
    pb::User {
        id,
        username,
        email,
        phone,
        first_name,
        last_name,
        role: role.name().to_owned(),
        image_url: picture_url,
        locale,
        is_active,
        last_login_at: user.last_login_at.map(timestamp),
        created_at: Some(timestamp(user.created_at)),
        updated_at: Some(timestamp(user.updated_at)),
        // Whatever is shown counts, so that who has this version has what is shown.
        version: user.last_login_at.unwrap_or_default().max(user.updated_at).as_microsecond(),
    }
}

/// Writes what whoever signed in is handed.
pub fn session(signed_in: SignedIn, person: Person) -> pb::Session {
    let SignedIn {
        user: of,
        session: _,
        access_token,
        expires_at,
        refresh_token,
        refresh_expires_at,
    } = signed_in;
    let seconds = USER_TOKEN_LIFETIME.as_secs();
    let profile_of = |role| of.profile.filter(|_| of.role == role);
    pb::Session {
        token: access_token.expose_secret().to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: i32::try_from(seconds).unwrap_or_default(),
        expires_at: Some(timestamp(expires_at)),
        refresh_token: refresh_token.expose_secret().to_owned(),
        refresh_token_expires_at: Some(timestamp(refresh_expires_at)),
        tenant_id: of.tenant.0,
        user: Some(user(person)),
        client_id: profile_of(Role::Client),
        cleaner_id: profile_of(Role::Cleaner),
    }
}
