//! Clients between proto and model.

use steward_kernel::list::Order;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, text};

use super::model::{CONTACT_PREFERENCES, Client, ClientInput, ClientList, Narrowed, NewClient};
use super::repository::{CREATED_AT, LAST_NAME, MONTHLY_REVENUE};
use crate::caller::required_of_admins;
use crate::locations::wire as locations;
use crate::money;
use crate::pb;
use crate::wire::{array, day, email, link, paged, stated, tags, timestamp};

/// Reads a client to add.
pub fn new(request: pb::AddClientRequest) -> Result<NewClient> {
    let pb::AddClientRequest {
        first_name,
        last_name,
        email: address,
        phone,
        secondary_phone,
        image_url,
        contact_preference,
        lead_source_id,
        tags,
        birthday,
        password,
        location,
    } = request;
    let mut violations = Violations::below("");
    for (field, value) in [("last_name", &last_name), ("email", &address)] {
        if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
            violations.required(field);
        }
    }
    let client = pb::Client {
        first_name,
        last_name,
        email: address,
        phone,
        secondary_phone,
        image_url,
        contact_preference,
        lead_source_id,
        tags,
        birthday,
        ..pb::Client::default()
    };
    let (_, written) = read(&mut violations, client);
    let location =
        location.map(|location| locations::read(&mut violations, "location.", location).input);
    let password = violations.text("password", password, 128);
    let password = password.filter(|password| !password.is_empty()).map(Into::into);
    violations.finish(NewClient { written, password, location })
}

/// Reads what is to be written of a client. Where a caller is given, the client says the id, or it
/// is 0 for clients who write themselves.
pub fn input(message: Option<pb::Client>, caller: Option<&Context>) -> Result<(i64, ClientInput)> {
    let mut violations = Violations::below("client");
    let message = violations.required_message(message);
    if let Some(context) = caller {
        required_of_admins(&mut violations, context, "id", message.id);
    }
    let read = read(&mut violations, message);
    violations.finish(read)
}

fn read(violations: &mut Violations, message: pb::Client) -> (i64, ClientInput) {
    let pb::Client {
        id,
        user_id: _,
        status: _,
        first_name,
        last_name,
        email: address,
        phone,
        secondary_phone,
        image_url,
        contact_preference,
        lead_source_id,
        churn_reason_id: _,
        tags: words,
        birthday,
        locations: _,
        activated_at: _,
        cancelled_at: _,
        created_at: _,
        updated_at: _,
        version: _,
    } = message;
    let preference = violations.tidy("contact_preference", contact_preference, 10);
    let preference = preference.unwrap_or_else(|| "email".to_owned()).to_ascii_lowercase();
    if !CONTACT_PREFERENCES.contains(&&*preference) {
        violations.rule("contact_preference", "Contact preference is email, sms or push.");
    }
    let address = address.filter(|address| !address.trim().is_empty());
    let input = ClientInput {
        first_name: violations.required_tidy("first_name", first_name, 80),
        last_name: violations.tidy("last_name", last_name, 80).unwrap_or_default(),
        email: address.map(|address| email(violations, "email", Some(address))),
        phone: violations.phone("phone", phone),
        secondary_phone: violations.phone("secondary_phone", secondary_phone),
        image_url: link(violations, "image_url", image_url),
        contact_preference: preference,
        lead_source_id,
        tags: tags(violations, "tags", words),
        birthday: day(violations, "birthday", birthday),
    };
    (id, input)
}

/// Reads what a list is asked for.
pub fn query(request: pb::ListClientsRequest) -> Result<(Narrowed, ListQuery)> {
    let pb::ListClientsRequest {
        search,
        status,
        tag,
        lead_source_id,
        tenant_location_id,
        sort_by,
        sort_direction,
        page_number,
        page_size,
    } = request;
    let mut violations = Violations::below("");
    let query = paged(&mut violations, page_number, page_size, &[]);
    let mut query = query.search("search", search, &mut violations);
    let field = violations.tidy("sort_by", sort_by, 30).and_then(|field| {
        let known = [
            ("lastname", LAST_NAME),
            ("createdat", CREATED_AT),
            ("monthlyrecurringrevenue", &MONTHLY_REVENUE),
        ];
        let wanted = field.to_ascii_lowercase();
        let found = known.into_iter().find(|(name, _)| *name == wanted);
        if found.is_none() {
            let message = "Sort by is lastName, createdAt or monthlyRecurringRevenue.";
            violations.rule("sort_by", message);
        }
        found.map(|(_, field)| field)
    });
    let direction = violations.tidy("sort_direction", sort_direction, 4).unwrap_or_default();
    let descending = direction.eq_ignore_ascii_case("desc");
    if !descending && !direction.is_empty() && !direction.eq_ignore_ascii_case("asc") {
        violations.rule("sort_direction", "Sort direction is asc or desc.");
    }
    query.order.extend(field.map(|field| Order { field, descending }));
    let narrowed = Narrowed {
        status: stated(Some(status)),
        tag: violations.tidy("tag", tag, 40).map(|tag| text::folded(&tag)),
        lead_source_id,
        tenant_location_id,
    };
    violations.finish((narrowed, query))
}

/// Writes a client.
pub fn client(client: Client) -> pb::Client {
    let Client {
        id,
        user_id,
        status,
        written,
        churn_reason_id,
        locations: homes,
        activated_at,
        cancelled_at,
        created_at,
        updated_at,
        version,
    } = client;
    let ClientInput {
        first_name,
        last_name,
        email,
        phone,
        secondary_phone,
        image_url,
        contact_preference,
        lead_source_id,
        tags,
        birthday,
    } = written;
    pb::Client {
        id,
        user_id,
        status: status.into(),
        first_name: Some(first_name),
        last_name: Some(last_name),
        email,
        phone,
        secondary_phone,
        image_url,
        contact_preference: Some(contact_preference),
        lead_source_id,
        churn_reason_id,
        tags,
        birthday: birthday.map(|day| day.to_string()),
        locations: homes.into_iter().map(locations::location).collect(),
        activated_at: activated_at.map(timestamp),
        cancelled_at: cancelled_at.map(timestamp),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes a client in a few words.
pub fn brief(client: &Client) -> pb::ClientBrief {
    let ClientInput { first_name, last_name, image_url, .. } = client.written.clone();
    let (id, user_id, status) = (client.id, client.user_id, client.status.into());
    pb::ClientBrief { id, user_id, first_name, last_name, image_url, status }
}

/// Writes clients.
pub fn whole_list(page: Page<Client>) -> pb::ListClientsByStatusResponse {
    let (items, total_count, page_number, page_size) = array(page, client);
    pb::ListClientsByStatusResponse { items, total_count, page_number, page_size }
}

/// Writes a page of clients.
pub fn list(list: ClientList) -> pb::ListClientsResponse {
    let ClientList { page, monthly_revenue, currency } = list;
    let metrics = pb::ClientListMetrics {
        count: page.total,
        mrr: Some(money::write(monthly_revenue, &currency)),
        lifetime_value: None,
    };
    let total_pages = page.pages();
    let (items, total_count, page_number, page_size) = array(page, client);
    pb::ListClientsResponse {
        items,
        page_number,
        page_size,
        total_count,
        total_pages,
        has_previous_page: page_number > 1,
        has_next_page: page_number < total_pages,
        metrics: Some(metrics),
    }
}
