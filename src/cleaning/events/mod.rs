//! Visits, which the contract calls events.

pub(crate) mod actions;
pub(crate) mod changes;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;
pub(crate) mod zone;

pub(crate) use service::service;

/// Reads a visit by its id, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.cleaning.v1.EventService/GetEvent";

/// Tells of visits that a change has made beside its own resource.
pub(crate) fn note_made(context: &steward_kernel::Context, ids: &[i64]) {
    for id in ids {
        context.has_made(GETTER, *id);
    }
}

/// Tells of visits that a change is about to change beside its own resource.
pub(crate) async fn will_change(
    context: &steward_kernel::Context,
    visits: &[model::Event],
) -> steward_kernel::Result<()> {
    for visit in visits {
        context.will_change(GETTER, visit.id).await?;
    }
    Ok(())
}
