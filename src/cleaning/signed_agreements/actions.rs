//! What can be done with signed agreements.

use std::time::Duration;

use steward_database::{Instant, find};
use steward_kernel::list::{Order, Value};
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::{Context, Error, Kind, Result, TenantId, error::reason, time};
use steward_platform::files::{self, ShownFile};
use steward_platform::jobs::{self, NewJob};
use steward_platform::{App, users};

use super::job::{KIND, Payload};
use super::model::{SignatureInput, SignedAgreement, already_signed};
use super::repository::{self, NewSignature};
use crate::agreements::model::Agreement;
use crate::agreements::signing::{Shown, shown, signer};
use crate::caller::{Reach, reach_of};
use crate::wire::{all, equal};

/// How long the URL of a PDF is good.
const SHOWN_FOR: Duration = Duration::from_secs(15 * 60);

/// Longest text that is kept of what a program calls itself, in characters.
const LONGEST_USER_AGENT: usize = 500;

/// A signed agreement as it is answered.
#[derive(Debug)]
pub struct Answer {
    /// What was signed.
    pub signed: SignedAgreement,
    /// The drawn signature.
    pub image: Option<Vec<u8>>,
    /// Where the PDF can be fetched.
    pub pdf_url: Option<String>,
}

/// Signs an agreement in the name of the caller.
pub async fn sign(app: &App, context: &Context, input: SignatureInput) -> Result<Answer> {
    let tenant = context.tenant()?;
    let user = signer(app, context, input.agreement_id, &input.key).await?;
    let input = &input;
    let signed = app
        .transaction(context, |tx| async move {
            let id = input.agreement_id;
            let shown = shown(&tx, tenant, id, user, input.assignment).await?;
            if shown.is_signed {
                return Err(already_signed());
            }
            require_read(input, &shown)?;
            let user_agent = context.user_agent();
            let new = NewSignature {
                agreement_id: id,
                agreement_name: &shown.agreement.written.name,
                revision: shown.agreement.revision,
                user_id: user,
                client_cleaner_request_id: input.assignment,
                signer_name: &input.signer_name,
                signer_email: shown.signer.user.email.as_deref(),
                signature_image: input.image.as_deref(),
                signed_at: Instant(time::now()),
                ip_address: context.address().map(|address| address.to_string()),
                user_agent: user_agent
                    .map(|agent| agent.chars().take(LONGEST_USER_AGENT).collect()),
                body: &shown.body,
                sha256: &shown.sha256,
            };
            let signed = repository::insert(&tx, tenant, new).await?;
            let job = NewJob::new(KIND, &Payload { signed_agreement: signed.id })?;
            jobs::enqueue(&tx, tenant, job).await?;
            Ok(signed)
        })
        .await?;
    Ok(Answer { signed, image: input.image.clone(), pdf_url: None })
}

/// Refuses a text that is another than the one that was read.
fn require_read(input: &SignatureInput, shown: &Shown) -> Result<()> {
    if input.sha256.as_ref().is_none_or(|read| read.eq_ignore_ascii_case(&shown.sha256)) {
        return Ok(());
    }
    let message = "The text has changed since it was read.";
    Err(Error::new(Kind::Aborted, reason::PRECONDITION_FAILED, message))
}

/// The signed agreement with an id. Whoever is no admin sees their own alone.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Answer> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let signed: SignedAgreement = find(&tx, tenant, id).await?;
    let is_own = context.user().is_some_and(|user| user.id == signed.user_id);
    if !is_own && reach_of(context) != Reach::Own {
        let message = "This signature may only be seen by admins and the signer.";
        return Err(Error::new(Kind::PermissionDenied, reason::FORBIDDEN_ACTION, message));
    }
    let image = match signed.is_drawn {
        true => repository::image(&tx, tenant, id).await?,
        false => None,
    };
    drop(tx);
    let mut answers = with_urls(app, tenant, vec![signed]).await?;
    let answer = answers.pop().ok_or_else(|| Error::internal("one answer for one record"))?;
    Ok(Answer { image, ..answer })
}

/// A page of signed agreements, the newest first.
pub async fn list(
    app: &App,
    context: &Context,
    (agreement, user): (Option<i64>, Option<i64>),
    page: PageRequest,
) -> Result<Page<Answer>> {
    let scope = all([
        equal(repository::AGREEMENT, agreement.map(Value::Integer)),
        equal(repository::USER, user.map(Value::Integer)),
    ]);
    let order = vec![Order { field: repository::ID, descending: true }];
    let query = ListQuery { order, ..ListQuery::all(page) };
    let found: Page<SignedAgreement> = app.page(context, Some(&scope), &query).await?;
    if found.total == 0 {
        require_named(app, context, agreement, user).await?;
    }
    let items = with_urls(app, context.tenant()?, found.items).await?;
    Ok(Page { request: found.request, total: found.total, items })
}

/// Tells an agreement and a user that there are not from those of whom nothing is signed.
async fn require_named(
    app: &App,
    context: &Context,
    agreement: Option<i64>,
    user: Option<i64>,
) -> Result<()> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    if let Some(agreement) = agreement {
        find::<Agreement>(&tx, tenant, agreement).await?;
    }
    if let Some(user) = user {
        users::get(&tx, user).await?;
    }
    Ok(())
}

/// Hides a signed agreement.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::delete(&tx, tenant, id).await }).await
}

/// Signs a URL for each PDF.
async fn with_urls(
    app: &App,
    tenant: TenantId,
    signed: Vec<SignedAgreement>,
) -> Result<Vec<Answer>> {
    let shown = |signed: &SignedAgreement| {
        Some(ShownFile {
            id: signed.file_id?,
            filename: signed.filename(),
            content_type: "application/pdf".to_owned(),
            byte_size: 0,
            facts: files::Facts::default(),
            url: String::new(),
        })
    };
    let mut found: Vec<Option<ShownFile>> = signed.iter().map(shown).collect();
    files::show_for(app, tenant, SHOWN_FOR, found.iter_mut().flatten().collect()).await?;
    let urls = found.into_iter().map(|file| file.map(|file| file.url));
    let answer = |(signed, pdf_url)| Answer { signed, image: None, pdf_url };
    Ok(signed.into_iter().zip(urls).map(answer).collect())
}
