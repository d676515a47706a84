//! The equipment-rental family.

mod business_categories;
mod customers;
