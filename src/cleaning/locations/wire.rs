//! Homes between proto and model.

use rust_decimal::Decimal;
use steward_contracts::google::r#type::Decimal as DecimalMessage;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};

use super::model::{Location, LocationInput, Narrowed};
use crate::caller::required_of_admins;
use crate::pb;
use crate::wire::{Address, address, address_message, array, timestamp, whole, zip};

/// What a message says of a home.
pub struct Read {
    /// Id of the home, 0 where it is not said.
    pub id: i64,
    /// Id of the client, 0 where it is not said.
    pub client_id: i64,
    /// What is to be written.
    pub input: LocationInput,
}

/// Reads a home that is to be added. Admins say whose it is.
pub fn new(context: &Context, message: Option<pb::Location>) -> Result<Read> {
    let mut violations = Violations::below("location");
    let message = violations.required_message(message);
    required_of_admins(&mut violations, context, "client_id", message.client_id);
    let read = read(&mut violations, "", message);
    violations.finish(read)
}

/// Reads what becomes of the home that the request names as `id`, or else by the home's own.
pub fn input(id: i64, message: Option<pb::Location>) -> Result<(i64, LocationInput)> {
    let mut violations = Violations::below("location");
    let message = violations.required_message(message);
    let Read { id: own, input, .. } = read(&mut violations, "", message);
    let id = violations.required_id("id", if id == 0 { own } else { id });
    violations.finish((id, input))
}

/// Reads a home; its refusals are told under names that begin with `at`.
pub fn read(violations: &mut Violations, at: &str, message: pb::Location) -> Read {
    let pb::Location {
        id,
        client_id,
        nickname,
        address: place,
        tenant_location_id: _,
        square_feet,
        bedrooms,
        bathrooms,
        has_pets,
        pet_notes,
        access_notes,
        parking_notes,
        is_default,
        created_at: _,
        updated_at: _,
        version: _,
    } = message;
    let named = |name: &str| format!("{at}{name}");
    let place = match place {
        Some(place) => address(violations, &named("address"), place),
        None => {
            violations.required(&named("address"));
            Address::default()
        }
    };
    if let Some(feet) = square_feet {
        violations.range(&named("square_feet"), feet, 1..=1_000_000);
    }
    if let Some(bedrooms) = bedrooms {
        violations.range(&named("bedrooms"), bedrooms, 0..=100);
    }
    let nickname = violations.tidy(&named("nickname"), nickname, 60);
    let input = LocationInput {
        nickname: nickname.unwrap_or_else(|| "Home".to_owned()),
        address: place,
        square_feet,
        bedrooms,
        bathrooms: bathrooms.map(|number| halves(violations, &named("bathrooms"), &number)),
        has_pets: has_pets.unwrap_or(false),
        pet_notes: violations.tidy(&named("pet_notes"), pet_notes, 1000),
        access_notes: violations.tidy(&named("access_notes"), access_notes, 1000),
        parking_notes: violations.tidy(&named("parking_notes"), parking_notes, 1000),
        is_default,
    };
    Read { id, client_id, input }
}

/// Reads a number in halves up to 100.
fn halves(violations: &mut Violations, field: &str, number: &DecimalMessage) -> Decimal {
    let read: Option<Decimal> = number.value.parse().ok();
    let fits = |number: &Decimal| {
        (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(number)
            && (number * Decimal::TWO).fract().is_zero()
    };
    let Some(number) = read.filter(fits) else {
        violations.rule(field, "This is not a number from 0 to 100 in halves.");
        return Decimal::ZERO;
    };
    number.normalize()
}

/// Reads what a list is asked for.
pub fn query(request: pb::ListLocationsRequest) -> Result<(Narrowed, ListQuery)> {
    let pb::ListLocationsRequest { client_id, zip: code, page_number, page_size } = request;
    let mut violations = Violations::below("");
    let query = whole(&mut violations, page_number, page_size, &[]);
    let code = code.filter(|code| !code.trim().is_empty());
    let code = code.map(|code| zip(&mut violations, "zip", Some(code)));
    violations.finish((Narrowed { client_id, zip: code }, query))
}

/// Writes a home.
pub fn location(location: Location) -> pb::Location {
    let Location { id, client_id, written, tenant_location_id, created_at, updated_at, version } =
        location;
    let LocationInput {
        nickname,
        address,
        square_feet,
        bedrooms,
        bathrooms,
        has_pets,
        pet_notes,
        access_notes,
        parking_notes,
        is_default,
    } = written;
    pb::Location {
        id,
        client_id,
        nickname: Some(nickname),
        address: Some(address_message(address)),
        tenant_location_id,
        square_feet,
        bedrooms,
        bathrooms: bathrooms.map(|number| DecimalMessage { value: number.normalize().to_string() }),
        has_pets: Some(has_pets),
        pet_notes,
        access_notes,
        parking_notes,
        is_default,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes homes.
pub fn list(page: Page<Location>) -> pb::ListLocationsResponse {
    let (items, total_count, page_number, page_size) = array(page, location);
    pb::ListLocationsResponse { items, total_count, page_number, page_size }
}
