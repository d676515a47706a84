//! Items: what is rented.

mod for_bookings;

pub(crate) use for_bookings::{Offered, Stocked, by_title, facts, lock, offered, product};

pub(crate) async fn among(_: &steward_platform::App, _: &steward_kernel::Context, _: &[i64]) -> steward_kernel::Result<std::collections::HashMap<i64, crate::pb::Item>> { Ok(Default::default()) }
