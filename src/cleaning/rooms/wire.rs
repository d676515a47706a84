//! Rooms between proto and model.

use steward_kernel::Result;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::model::{Room, RoomInput};
use super::repository::BY_PLACE;
use crate::wire::{array, link, timestamp, whole};
use crate::{money, pb};

/// Most tasks of a room.
const MOST_TASKS: usize = 50;

/// Reads a room to add; amounts are in `currency`.
pub fn new(message: Option<pb::Room>, currency: &str) -> Result<RoomInput> {
    let mut violations = Violations::below("room");
    let (_, input) = read(&mut violations, message, currency);
    violations.finish(input)
}

/// Reads what is to be written of the room with an id; amounts are in `currency`.
pub fn input(message: Option<pb::Room>, currency: &str) -> Result<(i64, RoomInput)> {
    let mut violations = Violations::below("room");
    let (id, input) = read(&mut violations, message, currency);
    violations.required_id("id", id);
    violations.finish((id, input))
}

fn read(
    violations: &mut Violations,
    message: Option<pb::Room>,
    currency: &str,
) -> (i64, RoomInput) {
    let pb::Room {
        id,
        name,
        description,
        image_url,
        minutes,
        price,
        max_quantity,
        default_tasks,
        is_active,
        sort_order,
        currency: _,
        created_at: _,
        updated_at: _,
        version: _,
    } = violations.required_message(message);
    let (minutes, max_quantity) = (minutes.unwrap_or(0), max_quantity.unwrap_or(10));
    violations.range("minutes", minutes, 0..=1440);
    violations.range("max_quantity", max_quantity, 1..=1000);
    if default_tasks.len() > MOST_TASKS {
        violations.rule("default_tasks", format!("There are more than {MOST_TASKS} tasks."));
    }
    let tasks = default_tasks
        .into_iter()
        .enumerate()
        .map(|(index, task)| {
            violations.required_tidy(&format!("default_tasks[{index}]"), Some(task), 120)
        })
        .collect();
    let price = price.map(|price| money::read(violations, "price", &price, currency));
    let input = RoomInput {
        name: violations.required_tidy("name", name, 60),
        description: violations.tidy("description", description, 500),
        image_url: link(violations, "image_url", image_url),
        minutes,
        price: price.unwrap_or(0),
        max_quantity,
        default_tasks: tasks,
        is_active: is_active.unwrap_or(true),
        sort_order: sort_order.unwrap_or(0),
    };
    (id, input)
}

/// Reads what a list is asked for.
pub fn query(number: Option<i32>, size: Option<i32>) -> Result<ListQuery> {
    let mut violations = Violations::below("");
    let query = whole(&mut violations, number, size, BY_PLACE);
    violations.finish(query)
}

/// Writes a room.
pub fn room(room: Room) -> pb::Room {
    let Room { id, written, currency, created_at, updated_at, version } = room;
    let RoomInput {
        name,
        description,
        image_url,
        minutes,
        price,
        max_quantity,
        default_tasks,
        is_active,
        sort_order,
    } = written;
    pb::Room {
        id,
        name: Some(name),
        description,
        image_url,
        minutes: Some(minutes),
        price: Some(money::write(price, &currency)),
        max_quantity: Some(max_quantity),
        default_tasks,
        is_active: Some(is_active),
        sort_order: Some(sort_order),
        currency: Some(currency),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes rooms.
pub fn list(page: Page<Room>) -> pb::ListRoomsResponse {
    let (items, total_count, page_number, page_size) = array(page, room);
    pb::ListRoomsResponse { items, total_count, page_number, page_size }
}

/// Writes what everybody may know of rooms.
pub fn basic(page: Page<Room>) -> pb::ListRoomsBasicResponse {
    let basic = |room: Room| pb::RoomBasic {
        id: room.id,
        name: room.written.name,
        image_url: room.written.image_url,
        max_quantity: room.written.max_quantity,
    };
    let (items, total_count, page_number, page_size) = array(page, basic);
    pb::ListRoomsBasicResponse { items, total_count, page_number, page_size }
}
