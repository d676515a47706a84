//! What admins note of cleaners: the only file that names its table.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::cleaner_labels;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId, time};

/// Something that is noted of a cleaner.
#[derive(Debug, Clone)]
pub struct Label {
    /// Its number.
    pub action_id: i16,
    /// Whether it holds.
    pub is_active: bool,
    /// When that was noted.
    pub set_at: Timestamp,
    /// Id of the user who noted it.
    pub set_by: Option<i64>,
}

/// Names of the labels, by their numbers from 1 on.
const NAMES: [&str; 8] = [
    "BackgroundChecked",
    "ReferencesChecked",
    "DocumentsReceived",
    "ContractSigned",
    "Trained",
    "EquipmentIssued",
    "PayrollReady",
    "Star",
];

/// The name of a label.
pub fn name(action_id: i16) -> Option<&'static str> {
    NAMES.get(usize::try_from(action_id).ok()?.checked_sub(1)?).copied()
}

/// The number of a label that there is.
///
/// # Errors
/// NOT_FOUND, INVALID_ARGUMENT when none is named.
pub fn number(action_id: i32) -> Result<i16> {
    if action_id == 0 {
        return Err(Error::required("action_id"));
    }
    let number = i16::try_from(action_id).ok().filter(|number| name(*number).is_some());
    number.ok_or_else(|| Error::not_found("Label", action_id))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cleaner_labels, check_for_backend(diesel::pg::Pg))]
struct Row {
    cleaner_id: i64,
    action_id: i16,
    is_active: bool,
    set_at: Instant,
    set_by: Option<i64>,
}

/// The labels of some cleaners in the order of their numbers, by the cleaners' ids.
pub async fn of_cleaners(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<Label>>> {
    let rows: Vec<Row> = cleaner_labels::table
        .filter(cleaner_labels::tenant_id.eq(tenant.0))
        .filter(cleaner_labels::cleaner_id.eq_any(ids))
        .order(cleaner_labels::action_id)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut labels: HashMap<i64, Vec<Label>> = HashMap::new();
    for Row { cleaner_id, action_id, is_active, set_at, set_by } in rows {
        let label = Label { action_id, is_active, set_at: set_at.into(), set_by };
        labels.entry(cleaner_id).or_default().push(label);
    }
    Ok(labels)
}

/// Notes whether a label holds of a cleaner.
pub async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    (action_id, is_active): (i16, bool),
    set_by: Option<i64>,
) -> Result<()> {
    let noted = (
        cleaner_labels::is_active.eq(is_active),
        cleaner_labels::set_at.eq(Instant(time::now())),
        cleaner_labels::set_by.eq(set_by),
    );
    let place = (
        cleaner_labels::tenant_id.eq(tenant.0),
        cleaner_labels::cleaner_id.eq(cleaner_id),
        cleaner_labels::action_id.eq(action_id),
    );
    diesel::insert_into(cleaner_labels::table)
        .values((place, noted))
        .on_conflict((
            cleaner_labels::tenant_id,
            cleaner_labels::cleaner_id,
            cleaner_labels::action_id,
        ))
        .do_update()
        .set(noted)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_numbered_from_one() {
        assert_eq!((name(1), name(8)), (Some("BackgroundChecked"), Some("Star")));
        assert_eq!((name(0), name(9), name(-1)), (None, None, None));
        assert!(number(3).is_ok() && number(0).is_err() && number(70_000).is_err());
    }
}
