//! The rules of the facilities family, resource by resource.

mod attachments;
mod batch;
mod concurrency;
mod conventions;
mod country_codes;
mod filters;
mod in_use;
mod invitation_links;
mod invitations;
mod issue_work;
mod issues;
mod lists;
mod managers;
mod owner_companies;
mod owners;
mod properties;
mod property_unit_changes;
mod property_units;
mod property_users;
mod requests;
mod service_providers;
mod tags;
mod types;
mod users;
