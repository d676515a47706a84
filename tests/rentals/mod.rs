//! The rules of the rentals family, resource by resource.

mod booking_settings;
mod document;
mod me;
mod onboarding;
