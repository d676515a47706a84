//! Data for a first look, made through the actions a client would use.

use std::time::Duration;

use rust_decimal::Decimal;
use steward_kernel::phone::Phone;
use steward_kernel::{Context, Result, time};
use steward_platform::App;
use steward_platform::mail::Language;

use crate::address::PostalAddress;
use crate::invitations::model::InvitationInput;
use crate::issue_work::model::{RatingInput, Step};
use crate::issues::model::{CommentInput, IssueInput, IssueStatus, Verb};
use crate::owner_companies::model::OwnerCompanyInput;
use crate::owners::model::OwnerInput;
use crate::properties::model::PropertyInput;
use crate::property_units::model::PropertyUnitInput;
use crate::service_providers::model::ServiceProviderInput;
use crate::users::model::{Billing, Profile};
use crate::{
    invitations, issue_work, issues, managers, owner_companies, owners, properties, property_types,
    property_unit_types, property_units, property_users, service_providers, tags,
};

const OWNERS: [(&str, &str); 6] = [
    ("Anneke de Vries", "De Vries Vastgoed"),
    ("Bram Jansen", "Jansen Beheer"),
    ("Carla Mendes", "Mendes Imobiliária"),
    ("Daan Bakker", "Bakker & Zonen"),
    ("Élise Laurent", "Laurent Immobilier"),
    ("Frank Visser", "Visser Holding"),
];
const MANAGERS: [&str; 3] = ["Greta Smit", "Hugo Meijer", "Ines Carvalho"];
const PROVIDERS: [(&str, &str, &[&str]); 4] = [
    ("Jan Loodgieter", "Waterwerk", &["Plumbing", "Heating"]),
    ("Kim Elektra", "Stroomlijn", &["Electricity"]),
    ("Luís Pinto", "Pinto Pinturas", &["Painting"]),
    ("Mila Schoon", "Schoon & Fris", &["Cleaning"]),
];
const RESIDENTS: [&str; 10] = [
    "Noor Peters",
    "Olaf Brouwer",
    "Pilar Costa",
    "Quinten Mulder",
    "Rosa Dekker",
    "Sem van Dijk",
    "Tess Hendriks",
    "Umar Yilmaz",
    "Vera Kok",
    "Wout Prins",
];
const PROPERTIES: [(&str, &str, &str, &str, &str); 3] = [
    ("Javahof", "JAV", "Javastraat", "1094 EM", "Amsterdam"),
    ("De Werf", "WRF", "Scheepmakersdijk", "2011 AS", "Haarlem"),
    ("Pátio do Sol", "SOL", "Rua Augusta", "1100-053", "Lisboa"),
];
const ISSUES: [(&str, &str, bool, IssueStatus); 5] = [
    ("Broken pipe", "Plumbing", true, IssueStatus::Assigned),
    ("No hot water", "Heating", true, IssueStatus::Reported),
    ("Flickering light in the hallway", "Electricity", false, IssueStatus::InProgress),
    ("Paint peels off the window frame", "Painting", false, IssueStatus::Reported),
    ("Graffiti on the front door", "Cleaning", false, IssueStatus::Closed),
];

/// Fills the caller's tenant, which must be empty, with demo data.
///
/// # Errors
/// Those of the actions.
pub async fn seed(app: &App, context: &Context) -> Result<()> {
    let mut owner_ids = Vec::new();
    let mut company_ids = Vec::new();
    for (place, (name, company)) in (1..).zip(OWNERS) {
        let input = OwnerInput {
            profile: Profile { company_name: Some(company.to_owned()), ..profile(name, place) },
            billing: Billing {
                authorized_amount: Some(Decimal::new(25_050 * i64::from(place), 2)),
                invoice_address: Some(address("Keizersgracht", place, "1015 CJ", "Amsterdam")),
                invoice_email: Some(format!("invoices{place}@example.com")),
                ..Billing::default()
            },
        };
        let owner = owners::actions::create(app, context, &input).await?;
        let company = OwnerCompanyInput {
            name: format!("{company} BV"),
            max_mandate_amount: Some(Decimal::from(1000)),
            ..OwnerCompanyInput::default()
        };
        let company =
            owner_companies::actions::create(app, context, owner.user.id, &company).await?;
        owner_ids.push(owner.user.id);
        company_ids.push(company.id);
    }
    let mut manager_ids = Vec::new();
    for (place, name) in (11..).zip(MANAGERS) {
        let manager = managers::actions::create(app, context, &profile(name, place)).await?;
        manager_ids.push(manager.user.id);
    }
    // Its mail lies in the outbox, with a link to try.
    let invited = InvitationInput { user_id: manager_ids[0], language: Language::Dutch };
    invitations::actions::create(app, context, invited).await?;
    let mut provider_ids = Vec::new();
    for (place, (name, company, names)) in (21..).zip(PROVIDERS) {
        let tags = tags::actions::ensure(app, context, names).await?;
        let input = ServiceProviderInput {
            profile: Profile { company_name: Some(company.to_owned()), ..profile(name, place) },
            tags: Some(tags),
        };
        let provider = service_providers::actions::create(app, context, &input).await?;
        provider_ids.push(provider.user.id);
    }
    let mut resident_ids = Vec::new();
    for (place, name) in (31..).zip(RESIDENTS) {
        let resident = property_users::actions::create(app, context, &profile(name, place)).await?;
        resident_ids.push(resident.user.id);
    }
    let building = property_types::actions::create(app, context, "Apartment building").await?;
    property_types::actions::create(app, context, "Office building").await?;
    let apartment = property_unit_types::actions::create(app, context, "Apartment").await?;
    property_unit_types::actions::create(app, context, "Storage").await?;

    let mut units = Vec::new();
    for (place, (name, custom_id, street, post_code, city)) in (1..).zip(PROPERTIES) {
        let input = PropertyInput {
            address: address(street, place, post_code, city),
            name: Some(name.to_owned()),
            custom_property_id: Some(custom_id.to_owned()),
            property_type_id: Some(building.id),
        };
        let property = properties::actions::create(app, context, &input).await?;
        for floor in 0..6_i32 {
            // Each resident lives in one unit; the last ones of a property stand empty.
            let contact = resident_ids.get(units.len()).copied().filter(|_| floor < 4);
            let turn = units.len() % owner_ids.len();
            let now = time::now();
            let input = PropertyUnitInput {
                floor: Some(floor),
                contract_start: contact.map(|_| now - days(200)),
                contract_end: contact.map(|_| now + days(165)),
                manager_id: manager_ids.get(units.len() % manager_ids.len()).copied(),
                owner_id: owner_ids[turn],
                owner_company_id: Some(company_ids[turn]),
                property_user_ids: contact.into_iter().collect(),
                contact_id: contact,
                property_unit_type_id: Some(apartment.id),
                ..PropertyUnitInput::default()
            };
            units.push(property_units::actions::create(app, context, property.id, &input).await?);
        }
    }
    for (place, (name, category, urgent, status)) in ISSUES.into_iter().enumerate() {
        let Some(reporter) = units[place].property_users.first() else { continue };
        let reporter = reporter.person.id;
        let input = IssueInput {
            property_unit_id: units[place].id,
            reporter_id: reporter,
            name: name.to_owned(),
            category: Some(category.to_owned()),
            urgent,
            property_users_involved: true,
            ..IssueInput::default()
        };
        let issue = issues::actions::create(app, context, &input).await?.summary.id;
        let provider = provider_ids[place % provider_ids.len()];
        for step in steps_to(status, provider) {
            issue_work::actions::advance(app, context, issue, &step).await?;
        }
        if status == IssueStatus::Closed {
            let thanks = CommentInput { author_id: reporter, text: "Looks like new.".to_owned() };
            issues::actions::comment(app, context, issue, &thanks).await?;
            let rating = RatingInput { rater_id: reporter, points: 5, comment: None };
            issue_work::actions::rate(app, context, issue, &rating).await?;
        }
    }
    Ok(())
}

/// How an issue that was reported comes to stand where it shall.
fn steps_to(status: IssueStatus, service_provider_id: i64) -> Vec<Step> {
    let way = [
        (IssueStatus::Assigned, Step::Assign { service_provider_id }),
        (IssueStatus::InProgress, Step::Plain(Verb::Start)),
        (IssueStatus::Resolved, Step::Plain(Verb::Resolve)),
        (IssueStatus::Closed, Step::Plain(Verb::Close)),
    ];
    let steps = way.iter().position(|(reached, _)| *reached == status).map_or(0, |last| last + 1);
    way.into_iter().take(steps).map(|(_, step)| step).collect()
}

fn profile(name: &str, place: i32) -> Profile {
    Profile {
        email: format!("demo{place}@example.com"),
        name: name.to_owned(),
        phone: Some(Phone {
            country_code: "31".to_owned(),
            number: format!("6{:08}", 12_340_000 + place),
        }),
        address: Some(address("Prinsengracht", place, "1015 DK", "Amsterdam")),
        ..Profile::default()
    }
}

fn address(street: &str, number: i32, post_code: &str, city: &str) -> PostalAddress {
    PostalAddress {
        street: Some(street.to_owned()),
        street_number: Some(number.to_string()),
        post_code: Some(post_code.to_owned()),
        city: Some(city.to_owned()),
        country: Some(if city == "Lisboa" { "Portugal" } else { "Netherlands" }.to_owned()),
        google_place_id: None,
    }
}

const fn days(days: u64) -> Duration {
    Duration::from_secs(86_400 * days)
}
