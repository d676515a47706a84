//! The only file that names the tables of mail.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, ResultExt};
use steward_kernel::{Result, TenantId};

use super::model::{GivenUp, Language, Mail, Written};
use super::template::Text;
use crate::schema::{mail_refusals, mails, tenants};

pub(super) async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    mail: &Mail<'_>,
    text: &Text,
    file: Option<i64>,
) -> Result<i64> {
    diesel::insert_into(mails::table)
        .values((
            mails::tenant_id.eq(tenant.0),
            mails::template.eq(mail.template.short_name()),
            mails::language.eq(mail.language.tag()),
            mails::recipient.eq(mail.to),
            mails::subject.eq(&text.subject),
            mails::body.eq(&text.body),
            mails::optional.eq(mail.template.optional),
            mails::reply_to.eq(mail.reply_to),
            mails::file_id.eq(file),
        ))
        .returning(mails::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = mails, check_for_backend(diesel::pg::Pg))]
struct MailRow {
    id: i64,
    template: String,
    language: String,
    recipient: String,
    subject: String,
    body: Option<String>,
    optional: bool,
    reply_to: Option<String>,
    file_id: Option<i64>,
}

impl MailRow {
    fn sent_by(self, sender: String) -> Written {
        let Self {
            id,
            template: kind,
            language,
            recipient,
            subject,
            body,
            optional,
            reply_to,
            file_id: file,
        } = self;
        let language = Language::of_tag(&language);
        Written { id, sender, kind, language, recipient, subject, body, reply_to, optional, file }
    }
}

pub(super) async fn find(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Written>> {
    let found: Option<(MailRow, String)> = mails::table
        .inner_join(tenants::table)
        .filter(mails::tenant_id.eq(tenant.0))
        .filter(mails::id.eq(id))
        .select((MailRow::as_select(), tenants::name))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(found.map(|(row, sender)| row.sent_by(sender)))
}

/// Notes that a mail was sent, and forgets what it said and carried.
pub(super) async fn mark_sent(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<()> {
    diesel::update(mails::table.find((tenant.0, id)))
        .set((
            mails::sent_at.eq(diesel::dsl::now),
            mails::body.eq(None::<String>),
            mails::file_id.eq(None::<i64>),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Notes that a mail will not be sent. Answers it, unless that was noted before or it was sent.
pub(super) async fn give_up(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<GivenUp>> {
    let found: Option<(String, String, String)> = diesel::update(mails::table.find((tenant.0, id)))
        .filter(mails::sent_at.is_null())
        .filter(mails::given_up_at.is_null())
        .set(mails::given_up_at.eq(diesel::dsl::now))
        .returning((mails::template, mails::language, mails::recipient))
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(found.map(|(template, language, recipient)| GivenUp { id, template, language, recipient }))
}

/// Whether an address refuses mail that it can do without.
pub(super) async fn is_refused(
    mut connection: &Connection,
    tenant: TenantId,
    recipient: &str,
) -> Result<bool> {
    diesel::select(diesel::dsl::exists(
        mail_refusals::table.find((tenant.0, recipient.to_lowercase())),
    ))
    .get_result(&mut connection)
    .await
    .or_internal()
}

/// Notes that the reader of a mail refuses others like it.
pub(super) async fn refuse(
    mut connection: &Connection,
    tenant: TenantId,
    recipient: &str,
) -> Result<()> {
    diesel::insert_into(mail_refusals::table)
        .values((
            mail_refusals::tenant_id.eq(tenant.0),
            mail_refusals::recipient.eq(recipient.to_lowercase()),
        ))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
