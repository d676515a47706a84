//! A client.

use secrecy::SecretString;
use steward_kernel::local::Date;
use steward_kernel::page::Page;
use steward_kernel::time::Timestamp;

use crate::locations::model::{Location, LocationInput};
use crate::users::model::Details;

/// What is written of a client.
#[derive(Debug, Clone)]
pub struct ClientInput {
    /// First name.
    pub first_name: String,
    /// Last name; empty of a lead who did not say it.
    pub last_name: String,
    /// E-mail address in lower case; absent of a lead who did not say it.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Another telephone number, E.164.
    pub secondary_phone: Option<String>,
    /// Where a picture is.
    pub image_url: Option<String>,
    /// `email`, `sms` or `push`.
    pub contact_preference: String,
    /// From where the client came.
    pub lead_source_id: Option<i64>,
    /// Words to find the client by.
    pub tags: Vec<String>,
    /// Day of birth.
    pub birthday: Option<Date>,
}

impl ClientInput {
    /// What the user of the client is called.
    pub fn details(&self) -> Details {
        Details {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            phone: self.phone.clone(),
        }
    }
}

/// A client to be added.
#[derive(Debug)]
pub struct NewClient {
    /// What is written; has an e-mail address.
    pub written: ClientInput,
    /// The password to sign in with.
    pub password: Option<SecretString>,
    /// A home.
    pub location: Option<LocationInput>,
}

/// Somebody whose homes are cleaned.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: i64,
    /// Id of the user.
    pub user_id: i64,
    /// Where the client stands, as the contract numbers it.
    pub status: i16,
    /// What is written.
    pub written: ClientInput,
    /// Why the client left.
    pub churn_reason_id: Option<i64>,
    /// Homes, by their ids.
    pub locations: Vec<Location>,
    /// When the first booking was accepted.
    pub activated_at: Option<Timestamp>,
    /// When the client left.
    pub cancelled_at: Option<Timestamp>,
    /// When the client was recorded.
    pub created_at: Timestamp,
    /// When the client was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// How a client may want to hear of things.
pub const CONTACT_PREFERENCES: [&str; 3] = ["email", "sms", "push"];

/// What a list of clients is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Where the client stands.
    pub status: Option<i16>,
    /// A tag, folded.
    pub tag: Option<String>,
    /// From where the client came.
    pub lead_source_id: Option<i64>,
    /// An area in which the client has a home.
    pub tenant_location_id: Option<i64>,
}

/// A page of clients, with figures of all that are asked for.
#[derive(Debug)]
pub struct ClientList {
    /// The page.
    pub page: Page<Client>,
    /// What the live recurring bookings of all bring in a month, in smallest units.
    pub monthly_revenue: i64,
    /// The currency of that.
    pub currency: String,
}
