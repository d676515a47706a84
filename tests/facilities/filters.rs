//! Filtering and ordering lists.

use serde_json::{Value, json};

use crate::support::fixtures::{person, with};
use crate::support::{Tenant, with_tenant};

const PATH: &str = "/api/public/Owners";

async fn owners(t: &Tenant) {
    let all = [
        json!({"name": "Anna Ågren", "companyName": "50% Off", "authorizedAmount": 100.5}),
        json!({"name": "bert Bos", "authorizedAmount": 99, "address": {"city": "Utrecht"}}),
        json!({"name": "Cees Clark", "companyName": "Clark & Co"}),
        json!({"name": "Dora \"D\" Dix", "companyName": "500 Off", "address": {"city": "Delft"}}),
    ];
    for owner in all {
        t.post(PATH, &with(person(), owner)).await.is(201);
    }
}

fn names(page: &Value) -> String {
    let items = page["items"].as_array().expect("items");
    let first = |item: &Value| item["name"].as_str().expect("a name")[..1].to_owned();
    items.iter().map(first).collect()
}

#[test]
fn a_filter_says_which() {
    with_tenant(async |t| {
        owners(&t).await;
        for (filter, expected) in [
            ("name = \"Cees Clark\"", "C"),
            ("name = \"cees clark\"", ""),
            ("name:agren", "A"),
            ("name:\"CLARK\"", "C"),
            ("name = \"*Bos\"", "b"),
            ("name = Anna*", "A"),
            ("name = '*\"D\"*'", "D"),
            ("company_name:\"50%\"", "A"),
            ("company_name = \"50%*\"", "A"),
            ("company_name:*", "ACD"),
            ("-company_name:*", "b"),
            // One without a company has no other company.
            ("company_name != \"Clark & Co\"", "AD"),
            ("NOT company_name = \"Clark & Co\"", "AbD"),
            ("authorized_amount > 99.5", "A"),
            ("authorized_amount <= 100.50", "Ab"),
            ("NOT authorized_amount > 1", "CD"),
            ("address.city = Delft OR address.city = Utrecht", "bD"),
            ("address.city:* authorized_amount:*", "b"),
            ("name:a AND address.city:* OR company_name:co", "CD"),
            ("user_status = USER_STATUS_UNINVITED AND number_of_property_units = 0", "AbCD"),
            ("user_status = USER_STATUS_ACTIVE", ""),
            ("user_status = Uninvited AND number_of_property_units = 0", "AbCD"),
            ("", "AbCD"),
        ] {
            let page = t.find(PATH, &[("filter", filter)]).await.is(200).json();
            assert_eq!(names(&page), expected, "{filter}");
            assert_eq!(page["totalItems"], expected.len(), "{filter}");
        }
    });
}

#[test]
fn an_order_goes_before_the_id_and_over_pages() {
    with_tenant(async |t| {
        owners(&t).await;
        for (order, expected) in [
            ("name desc", "DCbA"),
            ("authorized_amount", "bACD"),
            ("authorized_amount desc", "AbCD"),
            ("address.city, name desc", "DbCA"),
            ("number_of_property_units, id desc", "DCbA"),
        ] {
            let page = t.find(PATH, &[("orderBy", order)]).await.is(200).json();
            assert_eq!(names(&page), expected, "{order}");
            let mut paged = String::new();
            for number in ["1", "2", "3"] {
                let query = [("orderBy", order), ("pageSize", "2"), ("pageNo", number)];
                paged += &names(&t.find(PATH, &query).await.is(200).json());
            }
            assert_eq!(paged, expected, "{order}");
        }
        let query =
            [("filter", "company_name:*"), ("searchParameter", "off"), ("orderBy", "name desc")];
        assert_eq!(names(&t.find(PATH, &query).await.is(200).json()), "DA");
    });
}

#[test]
fn providers_are_found_by_their_tags() {
    with_tenant(async |t| {
        let (roofs, lifts) = (t.tag("Roofs").await, t.tag("Lífts").await);
        for (name, tags) in [("A", vec![roofs, lifts]), ("B", vec![roofs]), ("C", vec![])] {
            let provider = with(person(), json!({"name": name, "tags": tags}));
            t.post("/api/public/service-providers", &provider).await.is(201);
        }
        for (filter, expected) in [
            ("tags:roofs", "AB"),
            ("tags:lifts AND tags:roofs", "A"),
            ("tags:lift", ""),
            ("-tags:*", "C"),
        ] {
            let query = [("filter", filter)];
            let page = t.find("/api/public/service-providers", &query).await.is(200).json();
            assert_eq!(names(&page), expected, "{filter}");
        }
    });
}

#[test]
fn units_are_found_by_their_owner() {
    with_tenant(async |t| {
        let (property, one, other) = (t.property().await, t.owner().await, t.owner().await);
        let (first, _) = (t.unit(property, one).await, t.unit(property, other).await);
        let path = format!("/api/public/PropertyUnit?propertyId={property}");
        let filter = format!("{path}&filter=owner_id%20%3D%20{one}");
        let found = t.get(&filter).await.is(200).json();
        assert_eq!((&found["totalItems"], &found["items"][0]["id"]), (&json!(1), &json!(first)));
        let ordered = t.get(&format!("{path}&orderBy=owner_id%20desc")).await.is(200).json();
        assert_eq!(ordered["items"][1]["id"], first);
    });
}

#[test]
fn types_are_found_by_what_may_be_done_with_them() {
    with_tenant(async |t| {
        t.property_type().await;
        for (filter, expected) in [
            ("can_delete:*", 1),
            ("can_delete = true AND is_used != true", 1),
            ("NOT can_delete = true", 0),
        ] {
            let path = "/api/public/property-categorization/property";
            let found = t.find(path, &[("filter", filter)]).await.is(200).value();
            assert_eq!(found.as_array().map(Vec::len), Some(expected), "{filter}");
        }
    });
}

#[test]
fn what_cannot_be_read_is_told() {
    with_tenant(async |t| {
        let answer = t.find(PATH, &[("filter", "salary > 1"), ("orderBy", "shoe")]).await;
        let told = answer.refused(400, "bad-request");
        assert_eq!(told.len(), 2, "{told:?}");
    });
}
