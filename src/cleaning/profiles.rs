//! What makes a user a client or a cleaner of the company.

use steward_database::Transaction;
use steward_kernel::{Result, Role};
use steward_platform::users::User;

use crate::cleaners::model::CleanerInput;
use crate::cleaners::status::Status;
use crate::cleaners::{hours, repository as cleaners};
use crate::clients::model::ClientInput;
use crate::clients::repository as clients;
use crate::settings;
use crate::users::model::Details;
use crate::users::repository as users;

/// Makes the client or the cleaner that a user is whom the operator has recorded. Whoever has no
/// name is called by the first part of the e-mail address until somebody says better.
///
/// # Errors
/// Those of the database.
pub async fn joined(tx: &Transaction, user: &User) -> Result<()> {
    let tenant = user.tenant;
    let email = user.email.clone().unwrap_or_default();
    let mut details = Details::of_name(&user.name);
    if details.first_name.is_empty() {
        details.first_name = email.split('@').next().unwrap_or_default().to_owned();
    }
    users::put(tx, tenant, user.id, &details).await?;
    let Details { first_name, last_name, phone } = details;
    match user.role {
        Role::Owner | Role::TenantAdmin => {}
        Role::Client => {
            let written = ClientInput {
                first_name,
                last_name,
                email: Some(email),
                phone,
                secondary_phone: None,
                image_url: None,
                contact_preference: "email".to_owned(),
                lead_source_id: None,
                tags: Vec::new(),
                birthday: None,
            };
            clients::insert(tx, tenant, user.id, &written).await?;
        }
        Role::Cleaner => {
            let settings = settings::find(tx, tenant).await?.groups;
            let written = CleanerInput {
                first_name,
                last_name,
                email,
                phone,
                address: None,
                birthday: None,
                image_url: None,
                bio: None,
                languages: Vec::new(),
                works_with_pets: false,
                t_shirt_size: None,
                travel_mode: None,
                send_new_job_noty: true,
                hourly_rate: None,
                lead_source_id: None,
                applicant: None,
            };
            let (who, rate) = ((user.id, Status::Active), settings.billing.default_cleaner_rate);
            let id = cleaners::insert(tx, tenant, who, &written, rate).await?;
            hours::put(tx, tenant, id, &hours::outside(&settings.scheduling)).await?;
        }
    }
    Ok(())
}
