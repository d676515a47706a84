//! Several records by id at once.
//!
//! Covers: BatchGetOwners, BatchGetOwnerCompanies, BatchGetManagers, BatchGetServiceProviders.
//! Covers: BatchGetPropertyUsers, BatchGetProperties, BatchGetPropertyTypes.
//! Covers: BatchGetPropertyUnitTypes, BatchGetPropertyUnits, BatchGetIssues, BatchGetTags.
//! Covers: BatchGetUsers, BatchGetInvitations.
//! Covers: BatchGetAttachments.

use serde_json::Value;

use crate::support::{Tenant, unique, with_tenant};

const CATEGORIES: &str = "/api/public/property-categorization";

/// Two records of every kind: the path of the batch, the path of one, the ids.
async fn records(t: &Tenant) -> Vec<(String, String, [i64; 2])> {
    let (owner, property, reporter) = (t.owner().await, t.property().await, t.user().await);
    let unit = t.unit(property, owner).await;
    let owners = [owner, t.owner().await];
    let companies = [t.company(owner).await, t.company(owner).await];
    let managers = [t.manager().await, t.manager().await];
    let providers = [t.provider().await, t.provider().await];
    let users = [reporter, t.user().await];
    let properties = [property, t.property().await];
    let types = [t.property_type().await, t.property_type().await];
    let unit_types = [t.unit_type().await, t.unit_type().await];
    let units = [unit, t.unit(property, owner).await];
    let issues = [t.issue(unit, reporter, &[]).await, t.issue(unit, reporter, &[]).await];
    let attachments =
        [t.attachment("propertyUnitId", unit).await, t.attachment("issueId", issues[0]).await];
    let tags = [t.tag(&unique("Tag ")).await, t.tag(&unique("Tag ")).await];
    let invitations = [t.invitation(owners[0]).await, t.invitation(managers[0]).await];
    let mut found: Vec<_> = [
        ("/api/public/Owners", owners),
        ("/api/public/managers", managers),
        ("/api/public/service-providers", providers),
        ("/api/public/property-users", users),
        ("/api/public/Properties", properties),
        ("/api/public/PropertyUnit", units),
        ("/api/public/Issues", issues),
        ("/api/public/Tags", tags),
        ("/api/public/Users", users),
        ("/api/public/Invitations", invitations),
        ("/api/public/Attachments", attachments),
    ]
    .into_iter()
    .map(|(path, ids)| (path.to_owned(), path.to_owned(), ids))
    .collect();
    for (kind, ids) in [("property", types), ("unit", unit_types)] {
        let path = format!("{CATEGORIES}/{kind}");
        found.push((path.clone(), path, ids));
    }
    let one = format!("/api/public/Owners/{owner}/companies");
    found.push(("/api/public/owner-companies".to_owned(), one, companies));
    found
}

#[test]
fn answers_each_record_in_the_order_of_the_request() {
    with_tenant(async |t| {
        for (batch, one, [first, second]) in records(&t).await {
            let wanted = [second, first, second];
            let query: Vec<_> = wanted.iter().map(|id| ("ids", id.to_string())).collect();
            let query: Vec<_> = query.iter().map(|(name, id)| (*name, &**id)).collect();
            let page = t.find(&format!("{batch}/batch-get"), &query).await.is(200).json();
            let mut expected: Vec<Value> = Vec::new();
            for id in wanted {
                expected.push(t.get(&format!("{one}/{id}")).await.is(200).json());
            }
            assert_eq!(page["items"], Value::Array(expected), "{batch}");
        }
    });
}

#[test]
fn names_the_first_that_is_missing() {
    with_tenant(async |t| {
        for (batch, _, [first, _]) in records(&t).await {
            let path = format!("{batch}/batch-get");
            let first = first.to_string();
            let query = [("ids", &*first), ("ids", "999999"), ("ids", "999998")];
            let problem = t.find(&path, &query).await.problem(404, "entity-not-found");
            let detail = problem["Detail"].as_str().expect("a sentence");
            assert!(detail.contains("999999"), "{batch}: {detail}");
            // Another tenant finds none of it.
            let other = Tenant::fresh().await;
            other.find(&path, &query[..1]).await.problem(404, "entity-not-found");
        }
    });
}

#[test]
fn takes_a_hundred_at_most() {
    with_tenant(async |t| {
        for (batch, _, [first, _]) in records(&t).await {
            let path = format!("{batch}/batch-get");
            let first = first.to_string();
            let many = vec![("ids", &*first); 101];
            assert_eq!(t.find(&path, &many).await.refused(400, "bad-request"), ["ids"], "{batch}");
            let answer = t.find(&path, &many[1..]).await.is(200).json();
            assert_eq!(answer["items"].as_array().map(Vec::len), Some(100), "{batch}");
            assert_eq!(t.get(&path).await.refused(400, "bad-request"), ["ids"], "{batch}");
        }
    });
}
