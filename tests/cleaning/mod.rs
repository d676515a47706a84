//! The rules of the cleaning family, resource by resource.

mod agreements;
mod assignments;
mod auth;
mod availability;
mod bookings;
mod claims;
mod cleaners;
mod clients;
mod company;
mod events;
mod homes;
mod leads;
mod locations;
mod lookups;
mod notes;
mod occasions;
mod rooms;
mod services;
mod signing;
mod staff;
mod tenant_leads;
mod tenants;
