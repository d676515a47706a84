//! The rules of the cleaning family, resource by resource.

mod company;
mod locations;
mod rooms;
mod services;
mod tenants;
