//! A cleaner.

use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use steward_kernel::local::Date;
use steward_kernel::time::Timestamp;

use super::hours::Day;
use super::labels::Label;
use super::status::Status;
use crate::tenant_locations::model::TenantLocation;
use crate::users::model::Details;
use crate::wire::Address;

/// What is written of a cleaner.
#[derive(Debug, Clone)]
pub struct CleanerInput {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address, in lower case.
    pub email: String,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// Where the cleaner lives.
    pub address: Option<Address>,
    /// Day of birth.
    pub birthday: Option<Date>,
    /// Where a picture is.
    pub image_url: Option<String>,
    /// What the cleaner says of themselves.
    pub bio: Option<String>,
    /// Languages.
    pub languages: Vec<String>,
    /// Whether the cleaner goes where animals live.
    pub works_with_pets: bool,
    /// Size of clothes.
    pub t_shirt_size: Option<String>,
    /// How the cleaner travels; absent as the settings say.
    pub travel_mode: Option<String>,
    /// Whether the cleaner is told of new jobs.
    pub send_new_job_noty: bool,
    /// What an hour is paid in smallest units; absent as the settings say.
    pub hourly_rate: Option<i64>,
    /// From where the cleaner came.
    pub lead_source_id: Option<i64>,
    /// What the cleaner said when applying.
    pub applicant: Option<Applicant>,
}

impl CleanerInput {
    /// What the user of the cleaner is called.
    pub fn details(&self) -> Details {
        Details {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            phone: self.phone.clone(),
        }
    }
}

/// A cleaner to be added.
#[derive(Debug)]
pub struct NewCleaner {
    /// What is written.
    pub written: CleanerInput,
    /// The password to sign in with.
    pub password: Option<SecretString>,
    /// Where the cleaner stands.
    pub status: Status,
    /// Areas where the cleaner works.
    pub areas: Vec<i64>,
    /// When the cleaner never works; absent for when the company does not.
    pub unavailable: Option<Vec<Day>>,
}

/// What a cleaner says when applying, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Applicant {
    /// Whether the cleaner may work in the country.
    pub legally_eligible: Option<bool>,
    /// Whether the cleaner can drive.
    pub can_drive: Option<bool>,
    /// First day on which the cleaner can work.
    pub available_from: Option<String>,
    /// Places of work before.
    pub work_experience: Vec<WorkExperience>,
}

/// A place where a cleaner worked before, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkExperience {
    /// Name of the business.
    pub company: String,
    /// What the cleaner was there.
    pub position: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Name of the boss.
    pub boss_name: Option<String>,
    /// E-mail address of the boss.
    pub boss_email: Option<String>,
    /// Telephone number of the boss.
    pub boss_phone: Option<String>,
    /// Why the cleaner left.
    pub reason_for_leaving: Option<String>,
}

/// What was agreed with a cleaner, as it is stored. What an hour is paid is the cleaner's rate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contract {
    /// Full legal name.
    pub legal_name: String,
    /// `w2` or `1099`.
    pub tax_classification: String,
    /// Last four characters of the tax number.
    pub tax_id_last4: Option<String>,
    /// First day of work.
    pub start_date: String,
    /// Last day of work.
    pub end_date: Option<String>,
    /// Hours of a week.
    pub weekly_hours: Option<Decimal>,
    /// Who is called when something happens.
    pub emergency_contact: Option<EmergencyContact>,
}

/// Who is called when something happens to a cleaner, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmergencyContact {
    /// Name.
    pub name: String,
    /// Telephone number, E.164.
    pub phone: String,
}

/// Somebody who cleans homes.
#[derive(Debug, Clone)]
pub struct Cleaner {
    /// Its id.
    pub id: i64,
    /// Id of the user.
    pub user_id: i64,
    /// Where the cleaner stands.
    pub status: Status,
    /// What is written; always says what an hour is paid.
    pub written: CleanerInput,
    /// Why the cleaner left.
    pub churn_reason_id: Option<i64>,
    /// When the cleaner was hired last.
    pub hired_at: Option<Timestamp>,
    /// When the cleaner left last.
    pub stopped_at: Option<Timestamp>,
    /// What was noted, by the numbers of the labels.
    pub labels: Vec<Label>,
    /// Areas where the cleaner works, by their ids.
    pub areas: Vec<TenantLocation>,
    /// What was agreed.
    pub contract: Option<Contract>,
    /// Currency of the rate.
    pub currency: String,
    /// When the cleaner was recorded.
    pub created_at: Timestamp,
    /// When the cleaner was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// Sizes of clothes.
pub const T_SHIRT_SIZES: [&str; 7] = ["XS", "S", "M", "L", "XL", "XXL", "XXXL"];

/// How cleaners travel.
pub const TRAVEL_MODES: [&str; 4] = ["driving", "walking", "bicycling", "transit"];
