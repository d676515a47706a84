//! What a list may be asked: which records, in which order.
//!
//! Each listed resource has one table of [`Field`]s. It says what a client may name in `filter`
//! ([AIP-160](https://google.aip.dev/160)) and `order_by` ([AIP-132](https://google.aip.dev/132)),
//! of which kind it is, and where the database has it.

mod field;
mod filter;
mod order;
mod token;

pub use field::{Field, Kind, Value, count, joined};
pub use filter::{Clock, Filter, Operator};
pub use order::Order;
