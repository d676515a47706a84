//! A room.

use steward_kernel::Error;
use steward_kernel::time::Timestamp;

use crate::reason;

/// What an admin writes of a room.
#[derive(Debug, Clone)]
pub struct RoomInput {
    /// Name.
    pub name: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// Where a picture of it is.
    pub image_url: Option<String>,
    /// How many minutes one takes, about.
    pub minutes: i32,
    /// What one costs in smallest units, with a service that is paid by the visit.
    pub price: i64,
    /// How many a home may have.
    pub max_quantity: i32,
    /// What is done in it.
    pub default_tasks: Vec<String>,
    /// Whether it can be booked.
    pub is_active: bool,
    /// Place among the rooms.
    pub sort_order: i32,
}

/// A room that a home may have.
#[derive(Debug, Clone)]
pub struct Room {
    /// Its id.
    pub id: i64,
    /// What the admin wrote.
    pub written: RoomInput,
    /// Currency of the price.
    pub currency: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// The error for a name that another room has.
pub fn name_taken() -> Error {
    reason::duplicate("Another room has this name.")
}
