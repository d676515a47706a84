//! Those who ask to be called back.

use steward_database::Transaction;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Kind, Result as Outcome, TenantId};
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::model::ClientInput;
use super::repository;
use crate::caller::own;
use crate::lookups::actions::check_lead_source;
use crate::lookups::model::Audience;
use crate::pb;
use crate::tenant_locations::repository::of_zip;
use crate::timeline::{self, model::NewEntry};
use crate::users::actions::admit_lead;
use crate::wire::{email, zip};

/// What somebody leaves who asks to be called back.
struct Lead {
    written: ClientInput,
    zip: Option<String>,
    message: Option<String>,
}

pub(crate) async fn create(
    app: &App,
    request: Request<pb::CreateClientLeadRequest>,
) -> Result<Response<pb::ClientLead>, Status> {
    call::run(request, |context, request| async move {
        if context.principal().is_none() || request.tenant_id != 0 {
            own(&context, request.tenant_id)?;
        }
        take_down(app, &context, &read(request)?).await
    })
    .await
}

fn read(request: pb::CreateClientLeadRequest) -> Outcome<Lead> {
    let pb::CreateClientLeadRequest {
        tenant_id: _,
        first_name,
        last_name,
        email: address,
        phone,
        zip: code,
        message,
        lead_source_id,
    } = request;
    let mut violations = Violations::below("");
    let address = violations.tidy("email", address, 254);
    let code = violations.tidy("zip", code, 20);
    let written = ClientInput {
        first_name: violations.required_tidy("first_name", Some(first_name), 80),
        last_name: violations.tidy("last_name", last_name, 80).unwrap_or_default(),
        email: address.map(|address| email(&mut violations, "email", Some(address))),
        phone: violations.phone("phone", phone),
        secondary_phone: None,
        image_url: None,
        contact_preference: "email".to_owned(),
        lead_source_id,
        tags: Vec::new(),
        birthday: None,
    };
    if written.email.is_none() && written.phone.is_none() {
        violations.required("email");
    }
    let zip = code.map(|code| zip(&mut violations, "zip", Some(code)));
    let message = violations.tidy("message", message, 900);
    violations.finish(Lead { written, zip, message })
}

/// Takes a lead down. Whoever has the e-mail address of a client is answered as everybody else, and
/// there is an entry on the timeline of that client.
async fn take_down(app: &App, context: &Context, lead: &Lead) -> Outcome<pb::ClientLead> {
    let tenant = context.tenant()?;
    let Lead { written, zip, message } = lead;
    let mut text = message.clone().unwrap_or_else(|| "Asks to be called back.".to_owned());
    if let Some(zip) = zip {
        text = format!("{text}\nZip code: {zip}.");
    }
    let text = &text;
    app.transaction(context, |tx| async move {
        check_lead_source(&tx, tenant, Audience::Client, written.lead_source_id).await?;
        let known = match &written.email {
            Some(email) => repository::of_email(&tx, tenant, email).await?,
            None => None,
        };
        let mut shown = None;
        let client_id = match known {
            Some(id) => {
                // The id of a client who is there would tell a stranger that this is one.
                if context.is_anybody() {
                    shown = Some(repository::unused_id(&tx).await?);
                }
                id
            }
            None => record(&tx, tenant, written).await?,
        };
        let entry = NewEntry {
            kind: "lead".to_owned(),
            text: text.clone(),
            client_id: Some(client_id),
            cleaner_id: None,
        };
        timeline::record(&tx, context, &entry).await?;
        let covered = match zip {
            Some(zip) => Some(of_zip(&tx, tenant, zip).await?.is_some()),
            None => None,
        };
        Ok(pb::ClientLead { client_id: shown.unwrap_or(client_id), covered })
    })
    .await
}

/// Records a client who is new; answers the id. Where somebody else has recorded the e-mail address
/// meanwhile, it is that client.
async fn record(tx: &Transaction, tenant: TenantId, written: &ClientInput) -> Outcome<i64> {
    let email = written.email.as_deref();
    // This marks how things were before the user.
    let user = admit_lead(tx, tenant, email, &written.details()).await?;
    match repository::insert(tx, tenant, user, written).await {
        Err(error) if error.kind() == Kind::AlreadyExists => {
            tx.back_to_mark();
            let known = repository::of_email(tx, tenant, email.unwrap_or_default()).await?;
            known.ok_or(error)
        }
        inserted => inserted,
    }
}
