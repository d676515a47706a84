//! Whoever asked for work that is done later, as they are by then.

use steward_kernel::{Kind, Principal, Result, TenantId, User};

use crate::{App, clients, users};

/// The caller of a tenant with a name, as [`Principal::client_id`] has it, and the scopes they had
/// when they asked; nothing when they may not call any more. A user who got another role has that
/// one.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub(crate) async fn principal(
    app: &App,
    tenant: TenantId,
    name: &str,
    scopes: &[String],
) -> Result<Option<Principal>> {
    let tx = app.database.read(tenant).await?;
    let (family, user) = match User::id_of_caller(name) {
        None => match clients::find(&tx, name).await?.filter(|client| !client.disabled) {
            Some(client) => (client.family, None),
            None => return Ok(None),
        },
        Some(id) => match users::get(&tx, id).await {
            Ok(user) if user.is_active => {
                (user.family, Some(User { id, role: user.role, session: None }))
            }
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == Kind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        },
    };
    let (client_id, scopes) = (name.to_owned(), scopes.to_vec());
    Ok(Some(Principal { tenant, family, client_id, scopes, user }))
}
