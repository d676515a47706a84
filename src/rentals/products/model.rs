//! Products.

use crate::items::model::Item;

/// Something that can be rented.
#[derive(Debug, Clone)]
pub enum Product {
    /// An item.
    Item(Item),
}
