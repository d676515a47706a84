//! Items between proto and model.

use rust_decimal::Decimal;
use steward_contracts::google::r#type::Decimal as DecimalMessage;
use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::{Item, ItemAnswer, ItemInput};
use crate::booking_settings::BookingSettings;
use crate::item_categories::wire::{bare, category};
use crate::item_photos::model::{ItemPhoto, MOST};
use crate::item_photos::wire::photo;
use crate::money::{Money, NumberError, Percent};
use crate::pb;
use crate::prices::{overtime_rule, rows, table};
use crate::pricing::{DepositRule, InsuranceClass};
use crate::wire::{amount, choice, decimal, money, percentage, tags, timestamp, within};

/// Most pieces of an item.
const MOST_STOCK: i32 = 1_000_000;
/// Longest buffer, 30 days.
const LONGEST_BUFFER: i32 = 43_200;

/// Reads what is to be written of an item of a business that counts in a currency.
pub fn input(message: Option<pb::Item>, currency: &str) -> Result<ItemInput> {
    let mut violations = Violations::below("item");
    let message = violations.required_message(message);
    let pb::Item {
        id: _,
        internal_id: _,
        product_id: _,
        title,
        description,
        item_category_id,
        brand,
        model,
        sku,
        tags: labels,
        value,
        taxable,
        tax_rate,
        prices,
        overtime_rule,
        deposit_kind,
        deposit_value,
        manage_stock,
        stock,
        allow_overbooking,
        overbooking_limit,
        buffer_before_minutes,
        buffer_after_minutes,
        insurance_class,
        active,
        show_in_store,
        address_id,
        notes,
        category: _,
        available_now: _,
        confirm_shortage: _,
        photos: _,
        photo_url: _,
        bundles_count: _,
        photo_ids,
        created_at: _,
        updated_at: _,
        deleted_at: _,
        etag: _,
    } = message;
    let v = &mut violations;
    for (place, id) in photo_ids.iter().enumerate() {
        v.tidy(&format!("photo_ids[{place}]"), Some(id.clone()), 500);
    }
    if photo_ids.len() > MOST {
        v.named("photo_ids", "OUT_OF_RANGE", "An item has at most 20 photos.");
    }
    let tax_rate = percentage(v, "tax_rate", tax_rate);
    let input = ItemInput {
        title: v.required_tidy("title", title, 160),
        description: v.tidy("description", description, 20_000),
        item_category_id,
        brand: v.tidy("brand", brand, 80),
        model: v.tidy("model", model, 80),
        sku: v.tidy("sku", sku, 60),
        tags: tags(v, "tags", labels),
        value: amount(v, "value", value, currency),
        taxable: taxable.unwrap_or(true),
        // What is no percentage is refused by now.
        tax_rate: tax_rate.and_then(|rate| Percent::try_from(rate).ok()),
        prices: table(v, prices, overtime_rule, currency),
        deposit: deposit(v, deposit_kind, deposit_value),
        manage_stock: manage_stock.unwrap_or(true),
        stock: within(v, "stock", stock, 0..=MOST_STOCK).unwrap_or(1),
        allow_overbooking: allow_overbooking.unwrap_or(false),
        overbooking_limit: within(v, "overbooking_limit", overbooking_limit, 0..=MOST_STOCK),
        buffer_before_minutes: buffer(v, "buffer_before_minutes", buffer_before_minutes),
        buffer_after_minutes: buffer(v, "buffer_after_minutes", buffer_after_minutes),
        insurance_class: choice(v, "insurance_class", insurance_class).and_then(class),
        active: active.unwrap_or(true),
        show_in_store: show_in_store.unwrap_or(false),
        address_id,
        notes: v.tidy("notes", notes, 5000),
    };
    violations.finish(input)
}

fn buffer(violations: &mut Violations, field: &str, minutes: Option<i32>) -> Option<i32> {
    within(violations, field, minutes, 0..=LONGEST_BUFFER)
}

/// Has a new item ask the deposit that the owner wants of new items, unless it says one itself.
pub fn ask_usual_deposit(item: &mut pb::Item, settings: &BookingSettings) {
    if item.deposit_kind == 0 {
        item.deposit_kind = settings.deposit_kind.into();
        item.deposit_value.get_or_insert_with(|| decimal(settings.deposit_value));
    }
}

/// Reads what is asked as a deposit. The value counts where the kind has one.
fn deposit(violations: &mut Violations, kind: i32, value: Option<DecimalMessage>) -> DepositRule {
    match choice(violations, "deposit_kind", kind) {
        None | Some(pb::DepositKind::Unspecified | pb::DepositKind::None) => DepositRule::None,
        Some(pb::DepositKind::Fixed) => {
            DepositRule::Fixed(deposit_value(violations, value, Money::MAX))
        }
        Some(pb::DepositKind::Percentage) => {
            DepositRule::Percentage(deposit_value(violations, value, Percent::WHOLE))
        }
    }
}

/// Reads the value of a deposit, from 0 to the largest.
fn deposit_value<T>(violations: &mut Violations, value: Option<DecimalMessage>, largest: T) -> T
where
    T: Copy + Default + PartialOrd + TryFrom<Decimal, Error = NumberError> + Into<Decimal>,
{
    let Some(value) = value else { return T::default() };
    let Ok(value) = Decimal::from_str_exact(&value.value) else {
        violations.format("deposit_value", "Deposit value is not a number.");
        return T::default();
    };
    match T::try_from(value) {
        Ok(value) if (T::default()..=largest).contains(&value) => return value,
        Err(NumberError::TooPrecise) => {
            violations.format("deposit_value", "Deposit value has more than two decimals.");
        }
        Ok(_) | Err(NumberError::OutOfRange) => {
            let largest: Decimal = largest.into();
            let message = format!("Deposit value is not between 0 and {largest}.");
            violations.named("deposit_value", "OUT_OF_RANGE", message);
        }
    }
    T::default()
}

const fn class(class: pb::InsuranceClass) -> Option<InsuranceClass> {
    Some(match class {
        pb::InsuranceClass::Unspecified => return None,
        pb::InsuranceClass::Electronics => InsuranceClass::Electronics,
        pb::InsuranceClass::PhotoVideo => InsuranceClass::PhotoVideo,
        pb::InsuranceClass::Tools => InsuranceClass::Tools,
        pb::InsuranceClass::Construction => InsuranceClass::Construction,
        pb::InsuranceClass::Sports => InsuranceClass::Sports,
        pb::InsuranceClass::Bikes => InsuranceClass::Bikes,
        pb::InsuranceClass::Events => InsuranceClass::Events,
        pb::InsuranceClass::Vehicles => InsuranceClass::Vehicles,
        pb::InsuranceClass::Other => InsuranceClass::Other,
        pb::InsuranceClass::None => InsuranceClass::None,
    })
}

pub(super) const fn class_message(class: InsuranceClass) -> pb::InsuranceClass {
    match class {
        InsuranceClass::Electronics => pb::InsuranceClass::Electronics,
        InsuranceClass::PhotoVideo => pb::InsuranceClass::PhotoVideo,
        InsuranceClass::Tools => pb::InsuranceClass::Tools,
        InsuranceClass::Construction => pb::InsuranceClass::Construction,
        InsuranceClass::Sports => pb::InsuranceClass::Sports,
        InsuranceClass::Bikes => pb::InsuranceClass::Bikes,
        InsuranceClass::Events => pb::InsuranceClass::Events,
        InsuranceClass::Vehicles => pb::InsuranceClass::Vehicles,
        InsuranceClass::Other => pb::InsuranceClass::Other,
        InsuranceClass::None => pb::InsuranceClass::None,
    }
}

/// Writes a photo, or its id alone.
fn shown_photo(one: ItemPhoto, whole: bool) -> pb::ItemPhoto {
    if whole { photo(one) } else { pb::ItemPhoto { id: one.id, ..pb::ItemPhoto::default() } }
}

/// Writes an item.
pub fn item(answer: ItemAnswer) -> pb::Item {
    let ItemAnswer { item, category: included, available_now, photos, with_photos } = answer;
    let Item { id, internal_id, written, currency, created_at, updated_at, deleted_at } = item;
    let ItemInput {
        title,
        description,
        item_category_id,
        brand,
        model,
        sku,
        tags,
        value,
        taxable,
        tax_rate,
        prices,
        deposit,
        manage_stock,
        stock,
        allow_overbooking,
        overbooking_limit,
        buffer_before_minutes,
        buffer_after_minutes,
        insurance_class,
        active,
        show_in_store,
        address_id,
        notes,
    } = written;
    let (deposit_kind, deposit_value) = match deposit {
        DepositRule::None => (pb::DepositKind::None, Decimal::ZERO),
        DepositRule::Fixed(amount) => (pb::DepositKind::Fixed, amount.into()),
        DepositRule::Percentage(percentage) => (pb::DepositKind::Percentage, percentage.into()),
    };
    pb::Item {
        id,
        internal_id,
        product_id: id,
        title: Some(title),
        description,
        item_category_id,
        brand,
        model,
        sku,
        tags,
        value: value.map(|value| money(value.cents(), &currency)),
        taxable: Some(taxable),
        tax_rate: tax_rate.map(|rate| decimal(rate.into())),
        prices: rows(&prices, &currency),
        overtime_rule: Some(overtime_rule(&prices, &currency)),
        deposit_kind: deposit_kind.into(),
        deposit_value: Some(decimal(deposit_value)),
        manage_stock: Some(manage_stock),
        stock: Some(stock),
        allow_overbooking: Some(allow_overbooking),
        overbooking_limit,
        buffer_before_minutes,
        buffer_after_minutes,
        insurance_class: insurance_class
            .map_or(pb::InsuranceClass::Unspecified, class_message)
            .into(),
        active: Some(active),
        show_in_store: Some(show_in_store),
        address_id,
        notes,
        category: included.map(category).or_else(|| item_category_id.map(bare)),
        available_now: available_now.map(|free| i32::try_from(free).unwrap_or(i32::MAX)),
        confirm_shortage: None,
        photo_url: photos.as_slice().first().map(|photo| photo.file.url.clone()),
        photos: photos.into_iter().map(|one| shown_photo(one, with_photos)).collect(),
        photo_ids: Vec::new(),
        // There are no bundles yet.
        bundles_count: 0,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        deleted_at: deleted_at.map(timestamp),
        etag: String::new(),
    }
}
