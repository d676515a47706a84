//! Agreements that are mailed to those who sign them: by an admin, or when something happens.

use serde_json::json;
use steward_database::{Transaction, find};
use steward_kernel::{Context, Error, Result, TenantId, time};
use steward_platform::links::{PERSONAL_FOR, PersonalLink, Signer};
use steward_platform::mail::{self, Mail, Template};
use steward_platform::{App, mail_template};

use super::model::Agreement;
use super::repository;
use super::signing::{PURPOSE, is_for, language, require_for};
use crate::reason::illegal_transition;
use crate::signed_agreements::repository as signed;
use crate::tenants::model::Tenant;
use crate::users::model::Person;
use crate::users::repository as users;

/// The mail with the link. Values: `name`, `business`, `agreement`, `url`.
const MAIL: Template = mail_template!("templates/agreement");

/// Users whom an agreement was sent to, and those who have signed it.
#[derive(Debug, Default)]
pub struct Sent {
    /// Those who were mailed a link.
    pub mailed: Vec<i64>,
    /// Those who have signed this revision.
    pub signed: Vec<i64>,
}

/// Mails users a link to sign an agreement.
pub async fn send(app: &App, context: &Context, id: i64, ids: &[i64]) -> Result<Sent> {
    let tenant = context.tenant()?;
    let signer = &Signer::open(&app.database).await?;
    app.transaction(context, |tx| async move {
        let agreement: Agreement = find(&tx, tenant, id).await?;
        if !agreement.written.is_active {
            return Err(illegal_transition("The agreement is not sent."));
        }
        let company: Tenant = find(&tx, tenant, tenant.0).await?;
        let people = users::many(&tx, tenant, ids).await?;
        let signatures = signed::signatures(&tx, tenant, &[id], ids, None).await?;
        let post = Post { app, tx: &tx, company: &company, signer, assignment: None };
        let mut sent = Sent::default();
        for user in ids {
            let person = people.iter().find(|person| person.user.id == *user);
            let person = person.ok_or_else(|| Error::not_found("User", user))?;
            require_for(&agreement, person)?;
            if signatures.contains(&(id, agreement.revision, *user)) {
                sent.signed.push(*user);
                continue;
            }
            let Some(to) = &person.user.email else {
                return Err(illegal_transition("No mail reaches the user."));
            };
            post.mail(&agreement, person, to).await?;
            sent.mailed.push(*user);
        }
        Ok(sent)
    })
    .await
}

/// Mails users the agreements that are sent on an occasion, about an assignment or about none.
/// Whoever has signed one as it is now gets none; nobody is kept from anything by an agreement, so
/// whoever no mail reaches is passed over.
pub async fn send_on(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    (trigger, assignment): (i16, Option<i64>),
    ids: &[i64],
) -> Result<()> {
    let agreements = repository::sent_on(tx, tenant, trigger).await?;
    if agreements.is_empty() {
        return Ok(());
    }
    let company: Tenant = find(tx, tenant, tenant.0).await?;
    let people = users::many(tx, tenant, ids).await?;
    let all: Vec<i64> = agreements.iter().map(|agreement| agreement.id).collect();
    let signatures = signed::signatures(tx, tenant, &all, ids, assignment).await?;
    let signer = &Signer::open(&app.database).await?;
    let post = Post { app, tx, company: &company, signer, assignment };
    for agreement in &agreements {
        for person in people.iter().filter(|person| is_for(agreement, person)) {
            let signature = (agreement.id, agreement.revision, person.user.id);
            match &person.user.email {
                Some(to) if person.user.is_active && !signatures.contains(&signature) => {
                    post.mail(agreement, person, to).await?;
                }
                Some(_) | None => {}
            }
        }
    }
    Ok(())
}

/// Whose agreements are mailed, and with what.
struct Post<'a> {
    app: &'a App,
    tx: &'a Transaction,
    company: &'a Tenant,
    signer: &'a Signer,
    /// The assignment that the agreements are about.
    assignment: Option<i64>,
}

impl Post<'_> {
    async fn mail(&self, agreement: &Agreement, person: &Person, to: &str) -> Result<()> {
        let Self { app, tx, company, signer, assignment } = self;
        let ends = time::now() + PERSONAL_FOR;
        let link =
            PersonalLink { tenant: company.id, id: agreement.id, user: person.user.id, ends };
        let key = signer.personal(PURPOSE, link);
        let mut url =
            format!("{}/agreements/{}/sign?key={key}", app.files.base_url(), agreement.id);
        if let Some(assignment) = assignment {
            url.push_str(&format!("&clientCleanerRequestId={assignment}"));
        }
        let mail = Mail {
            to,
            language: language(&person.user, company),
            template: &MAIL,
            values: json!({
                "name": person.full_name(),
                "business": company.name,
                "agreement": agreement.written.name,
                "url": url,
            }),
            reply_to: company.email.as_deref(),
        };
        mail::send(tx, company.id, mail).await.map(drop)
    }
}
