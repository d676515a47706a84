//! The rules of the cleaning family, resource by resource.

mod agreements;
mod auth;
mod bookings;
mod clients;
mod company;
mod events;
mod homes;
mod locations;
mod lookups;
mod rooms;
mod services;
mod signing;
mod tenants;
