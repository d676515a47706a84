//! What every room needs and nothing else: errors, the context of a call, time, money,
//! paging and validation. Pure: no tonic, no diesel, no IO.

pub mod context;
pub mod country;
pub mod error;
pub mod family;
pub mod language;
pub mod list;
pub mod local;
pub mod money;
pub mod page;
pub mod phone;
pub mod retry;
pub mod text;
pub mod time;
pub mod validate;

pub use context::{Context, Principal, TenantId, UnitOfWork, User, Watch};
pub use error::{Error, Kind, Result, Violation, ViolationKind};
pub use family::{Family, Role};
