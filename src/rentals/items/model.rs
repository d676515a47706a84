//! Items.

use steward_kernel::time::Timestamp;

use crate::item_categories::model::ItemCategory;
use crate::item_photos::model::ItemPhoto;
use crate::money::{Money, Percent};
use crate::pricing::{DepositRule, InsuranceClass, PriceTable};

/// What an owner writes of an item.
#[derive(Debug, Clone)]
pub struct ItemInput {
    /// What it is called.
    pub title: String,
    /// What it is.
    pub description: Option<String>,
    /// Id of its category.
    pub item_category_id: Option<i64>,
    /// Who makes it.
    pub brand: Option<String>,
    /// What its maker calls it.
    pub model: Option<String>,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// What it costs to replace a piece.
    pub value: Option<Money>,
    /// Whether there is tax in its prices.
    pub taxable: bool,
    /// Rate of that tax; none stands for the account's.
    pub tax_rate: Option<Percent>,
    /// What a rental costs.
    pub prices: PriceTable,
    /// What is asked as a deposit.
    pub deposit: DepositRule,
    /// Whether pieces are counted; where they are not, there are always enough.
    pub manage_stock: bool,
    /// How many pieces there are.
    pub stock: i32,
    /// Whether more pieces may be promised than there are.
    pub allow_overbooking: bool,
    /// How many more; none stands for any number.
    pub overbooking_limit: Option<i32>,
    /// Minutes that pieces are held before a rental; none stands for those of the settings.
    pub buffer_before_minutes: Option<i32>,
    /// Minutes that pieces are held after a rental; none stands for those of the settings.
    pub buffer_after_minutes: Option<i32>,
    /// How it is insured.
    pub insurance_class: Option<InsuranceClass>,
    /// Whether it can be rented.
    pub active: bool,
    /// Whether the store shows it.
    pub show_in_store: bool,
    /// Id of the address of the business where it is kept.
    pub address_id: Option<i64>,
    /// Notes that customers do not see.
    pub notes: Option<String>,
}

/// An item.
#[derive(Debug, Clone)]
pub struct Item {
    /// Id, which other records refer to, and by which it is known as a product.
    pub id: i64,
    /// Number, by which people and paths name it.
    pub internal_id: i64,
    /// What the owner wrote.
    pub written: ItemInput,
    /// The money of the business, ISO 4217.
    pub currency: String,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// An item with what was asked for beside it.
#[derive(Debug, Clone)]
pub struct ItemAnswer {
    /// The item.
    pub item: Item,
    /// Its category, where it has one and it was asked for.
    pub category: Option<ItemCategory>,
    /// Pieces that are free now; none where they are not counted.
    pub available_now: Option<u32>,
    /// Its photos by position.
    pub photos: Vec<ItemPhoto>,
    /// Whether they were asked for.
    pub with_photos: bool,
}

/// What is asked for beside items.
#[derive(Debug, Clone, Copy, Default)]
pub struct With {
    /// Their categories.
    pub category: bool,
    /// Their photos.
    pub photos: bool,
}
