//! What a business says to start.

/// What a business says to start. What it leaves out stays as it is, which is the default where
/// nothing was said before.
#[derive(Debug, Clone)]
pub struct Onboarding {
    /// Name of the person who runs the business.
    pub name: String,
    /// Name of the business.
    pub company_name: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The language the owner reads, as the contract numbers it.
    pub language: Option<i16>,
    /// The zone in which the owner reads the clock, as IANA writes its name.
    pub time_zone: Option<String>,
    /// Currency, ISO 4217; it has two decimals.
    pub currency: Option<String>,
    /// Id of the kind of business.
    pub business_category_id: i64,
    /// Telephone number, E.164.
    pub phone_number: Option<String>,
    /// Name of the store in web addresses; absent to have one made of the name of the business.
    pub store_slug: Option<String>,
}
