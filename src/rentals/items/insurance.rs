//! What it would cost to insure an item.

use steward_contracts::google::r#type::Money as MoneyMessage;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::for_bookings::classes;
use super::model::Item;
use super::wire::class_message;
use crate::bookings::line::too_large;
use crate::owners::{self, Terms};
use crate::pb;
use crate::pricing::{Cover, InsuranceClass, Length};
use crate::time::{Edge, Period};
use crate::wire::{amount, money, within};

/// For what an estimate is asked.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub start_at: Option<String>,
    pub end_at: Option<String>,
    pub days: Option<i32>,
    pub quantity: Option<i32>,
    pub value: Option<MoneyMessage>,
}

/// Longest cover that is estimated, in days.
const LONGEST: i32 = 3650;

/// The length that is charged of what was asked; none when no time was.
fn length(violations: &mut Violations, asked: &Asked, terms: &Terms) -> Option<Length> {
    let mut read =
        |field: &str, text: Option<&String>, edge| terms.read_time(violations, field, text?, edge);
    let start = read("start_at", asked.start_at.as_ref(), Edge::Start);
    let end = read("end_at", asked.end_at.as_ref(), Edge::End);
    if let Some(days) = within(violations, "days", asked.days, 1..=LONGEST)
        && asked.start_at.is_none()
    {
        return Some(Length::from_minutes(u64::from(days.unsigned_abs()) * 24 * 60));
    }
    let period = Period::of_booking(start?, end?, &terms.zone);
    if let Err(error) = &period {
        violations.named("end_at", "INVALID_PERIOD", format!("Here {error}."));
    }
    Some(Length::of(&period.ok()?).charged(terms.settings.leeway_minutes))
}

/// What it would cost to insure so many pieces of an item for a time. Stores nothing.
///
/// # Errors
/// INVALID_ARGUMENT for what is no period, quantity or value.
pub(crate) async fn estimate(
    app: &App,
    context: &Context,
    item: &Item,
    asked: Asked,
) -> Result<pb::InsuranceEstimate> {
    let (tenant, tx) = (context.tenant()?, app.read(context).await?);
    let terms = owners::terms(&tx, tenant).await?;
    let class = classes(&tx, tenant, &[item.id]).await?.get(&item.id).copied();
    let class = class.unwrap_or(InsuranceClass::Other);
    let mut violations = Violations::default();
    let length = length(&mut violations, &asked, &terms);
    let quantity = asked.quantity.unwrap_or(1);
    violations.range("quantity", quantity, 1..=100_000);
    let value = amount(&mut violations, "value", asked.value, &terms.currency);
    violations.finish(())?;
    let value = value.or(item.written.value);
    let cover = Cover::new(class, value, length);
    let shown = |amount: crate::money::Money| money(amount.cents(), &terms.currency);
    let premium = cover
        .ok()
        .map(|cover| cover.premium(quantity.unsigned_abs()).map_err(too_large))
        .transpose()?;
    Ok(pb::InsuranceEstimate {
        id: item.id,
        insurable: cover.is_ok(),
        insurance_class: class_message(class).into(),
        insured_value: value.map(shown),
        days: cover.ok().map(|cover| i32::try_from(cover.days).unwrap_or(i32::MAX)),
        premium_per_unit: cover.ok().map(|cover| shown(cover.premium_per_unit)),
        premium: premium.map(shown),
        currency: terms.currency.clone(),
        reason: cover.err().map(|reason| reason.as_str().to_owned()),
    })
}
