//! What can be exported and imported: each resource as its `Get` answers it, and as its `Create`
//! takes it. What is deleted is no part of an export.

mod parts;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use steward_database::{Connection, List, Listed, in_order};
use steward_kernel::{Result, TenantId};
use steward_platform::exports::{Encoded, Resource, WallClock, encoded};

use crate::bookings::change::Answer;
use crate::bookings::model::Booking;
use crate::bookings::write::{self, Included};
use crate::customers::model::{Customer, CustomerAnswer};
use crate::item_photos::model::ItemPhoto;
use crate::items::model::{Item, ItemAnswer};
use crate::{customers, item_photos, items, owners};

/// Everything of the family that can be exported.
#[must_use]
pub fn exports() -> Vec<Resource> {
    let mut all = plain::exports();
    all.extend([ITEMS, BOOKINGS, parts::LINES, parts::PAYMENTS]);
    all.into_iter().map(|one| one.by_clock(owners_clock)).collect()
}

/// Times without a zone are by the owner's clock, as lists take them.
fn owners_clock(connection: &Connection, tenant: TenantId) -> BoxFuture<'_, Result<WallClock>> {
    Box::pin(async move {
        let terms = owners::terms(connection, tenant).await?;
        let clock: WallClock = Box::new(move |field, text| terms.instant(field, text));
        Ok(clock)
    })
}

/// What its records alone say.
mod plain {
    use crate::activities::model::Activity;
    use crate::activities::wire::activity;
    use crate::customers::model::Customer;
    use crate::item_categories::model::ItemCategory;
    use crate::item_categories::wire::category;

    steward_platform::exports! {
        package "steward.rentals.v1.";
        "item_categories": ItemCategory as "ItemCategory",
            listed ItemCategory, written category;
        "customers": Customer as "Customer",
            listed Customer, only "r.deleted_at IS NULL", written super::customer;
        "activities": Activity as "Activity", listed Activity, written activity;
    }
}

steward_platform::imports! {
    package "steward.rentals.v1.";
    "items": Item,
        created "ItemsService/CreateItem",
        updated "ItemsService/UpdateItem",
        known by "sku" = "r.deleted_at IS NULL AND r.sku = ?";
    "customers": Customer,
        created "CustomersService/CreateCustomer",
        updated "CustomersService/UpdateCustomer",
        known by "email" = "r.deleted_at IS NULL AND lower(r.email) = lower(?)";
}

fn customer(customer: Customer) -> crate::pb::Customer {
    customers::wire::customer(CustomerAnswer { customer, addresses: None })
}

/// Items, which name their photos. How many are free now is worth nothing in a file that is kept.
const ITEMS: Resource = Resource::new(
    "items",
    "steward.rentals.v1.Item",
    List { only: "r.deleted_at IS NULL", ..<Item as Listed>::LIST },
    read_items,
);

fn read_items<'a>(connection: &'a Connection, tenant: TenantId, ids: &'a [i64]) -> Encoded<'a> {
    Box::pin(async move {
        let records = in_order::<Item>(connection, tenant, ids).await?;
        // Items are read by their numbers, and their photos by their ids.
        let of: Vec<i64> = records.iter().map(|item| item.id).collect();
        let mut photos: HashMap<i64, Vec<ItemPhoto>> = HashMap::new();
        for photo in item_photos::of(connection, tenant, &of).await? {
            photos.entry(photo.item_id).or_default().push(photo);
        }
        let encode = |item: Item| {
            let photos = photos.remove(&item.id).unwrap_or_default();
            let answer = ItemAnswer {
                item,
                category: None,
                available_now: None,
                photos,
                with_photos: false,
            };
            encoded(&items::wire::item(answer))
        };
        Ok(records.into_iter().map(encode).collect())
    })
}

/// Bookings, whose totals follow from the terms of the business.
const BOOKINGS: Resource = Resource::new(
    "bookings",
    "steward.rentals.v1.Booking",
    List { only: "r.deleted_at IS NULL", ..<Booking as Listed>::LIST },
    read_bookings,
);

fn read_bookings<'a>(connection: &'a Connection, tenant: TenantId, ids: &'a [i64]) -> Encoded<'a> {
    Box::pin(async move {
        let records = in_order::<Booking>(connection, tenant, ids).await?;
        let terms = Arc::new(owners::terms(connection, tenant).await?);
        let encode = |booking| {
            let answer = Answer::shown(booking, &terms)?;
            Ok(encoded(&write::booking(answer, &Included::default())?))
        };
        records.into_iter().map(encode).collect()
    })
}
