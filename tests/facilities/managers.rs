//! Property managers: the units they manage and how they are rated.
//!
//! Covers: ListManagers.

use serde_json::json;

use crate::support::{database, with_tenant};

#[test]
fn the_list_counts_the_units_managed_now() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let (first, second) = (t.manager().await, t.manager().await);
        for manager in [first, first, second] {
            t.unit_with(property, owner, json!({"managerId": manager})).await;
        }
        let list = t.get("/api/public/managers").await.is(200).json();
        for (index, count) in [2, 1].into_iter().enumerate() {
            let item = &list["items"][index];
            assert_eq!(item["numberOfPropertyUnits"], count);
            assert_eq!(item["role"], "PropertyManager");
            assert_eq!(item["userStatus"], "Uninvited");
            assert_eq!(item.get("address"), None, "documented without an address");
        }
    });
}

#[test]
fn ratings_are_averaged() {
    with_tenant(async |t| {
        let manager = t.manager().await;
        let path = format!("/api/public/managers/{manager}");
        let fresh = t.get(&path).await.is(200).json();
        assert_eq!((&fresh["averageRating"], &fresh["numberOfRatings"]), (&json!(0), &json!(0)));
        let sql = format!(
            "UPDATE facilities.users SET rating_sum = 7, rating_count = 2 WHERE id = {manager}"
        );
        database::write(t.id, &sql).await;
        let rated = t.get(&path).await.is(200).json();
        assert_eq!((&rated["averageRating"], &rated["numberOfRatings"]), (&json!(3.5), &json!(2)));
    });
}

#[test]
fn the_status_of_an_account_is_shown() {
    with_tenant(async |t| {
        let manager = t.manager().await;
        for (number, name) in [(1, "Uninvited"), (2, "Invited"), (3, "Active"), (4, "Inactive")] {
            let sql = format!("UPDATE facilities.users SET status = {number} WHERE id = {manager}");
            database::write(t.id, &sql).await;
            let read = t.get(&format!("/api/public/managers/{manager}")).await.is(200).json();
            assert_eq!(read["userStatus"], name);
        }
    });
}
