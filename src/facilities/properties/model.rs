//! Properties.

use serde::{Deserialize, Serialize};

use crate::address::{Address, PostalAddress};
use crate::property_types::model::PropertyType;

/// What a client writes of a property.
#[derive(Debug, Clone)]
pub struct PropertyInput {
    /// Where the property is: everything but the place id.
    pub address: PostalAddress,
    /// Name.
    pub name: Option<String>,
    /// The tenant's own id of the property.
    pub custom_property_id: Option<String>,
    /// Id of its type.
    pub property_type_id: Option<i64>,
}

/// A property.
#[derive(Debug, Clone)]
pub struct Property {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Name.
    pub name: Option<String>,
    /// The tenant's own id of the property.
    pub custom_property_id: Option<String>,
    /// Where the property is.
    pub address: Address,
    /// Whether the property is in use.
    pub is_active: bool,
    /// Its type.
    pub property_type: Option<PropertyType>,
}

/// A property as its units and their issues show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PropertyReference {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Name.
    pub name: Option<String>,
    /// Its type.
    pub property_type: Option<PropertyType>,
}
