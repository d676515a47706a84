//! What each documented operation refers to, and what its answer then holds.

use serde_json::{Value, json};

use super::{OPERATIONS, Operation, operation};
use crate::support::fixtures::{address, person, with, without};
use crate::support::{Tenant, unique};

/// A documented operation, ready to be sent.
pub struct Call {
    pub path: String,
    pub query: Vec<(String, String)>,
    /// The body is sent as a form.
    pub form: bool,
    pub body: Option<Value>,
    pub status: u16,
    /// What the answer must hold at least.
    pub expected: Value,
    /// Members that may be empty although the example has a value.
    pub excused: Vec<&'static str>,
}

/// Records of a tenant in which every member has a value.
pub struct World {
    owner: Value,
    new_owner: i64,
    company: Value,
    manager: Value,
    provider: Value,
    tag: i64,
    user: Value,
    second_user: i64,
    property_type: Value,
    unused_property_type: i64,
    unit_type: Value,
    unused_unit_type: i64,
    property: Value,
    unit: Value,
    issue: i64,
}

/// The documented request of an operation.
fn example(method: &str, path: &str) -> Value {
    operation(method, path).request_example.clone().expect("an example of the request")
}

/// The documented request of a creation, with what must be unique replaced.
fn another(path: &str, changes: Value) -> Value {
    with(example("POST", path), changes)
}

/// A phone number that is kept, unlike some in the examples.
fn phone() -> Value {
    json!({"countryCode": "31", "phoneNumber": "984356578"})
}

fn id(value: &Value) -> i64 {
    value["id"].as_i64().expect("an id")
}

impl World {
    /// Makes one of everything.
    pub async fn build(t: &Tenant) -> Self {
        let create = async |path: &str, body: Value| t.post(path, &body).await.is(201).value();
        let email = || json!({"email": format!("{}@example.com", unique("world"))});
        let name = || json!({"name": unique("World ")});
        let owner = create("/api/public/Owners", another("/api/public/Owners", email())).await;
        let companies = format!("/api/public/Owners/{}/companies", id(&owner));
        let company =
            create(&companies, another("/api/public/Owners/{id}/companies", name())).await;
        let managers = "/api/public/managers";
        let manager = create(managers, with(another(managers, email()), phone())).await;
        let providers = "/api/public/service-providers";
        let provider = create(providers, another(providers, email())).await;
        let tag = t.tag(&unique("Plumbing ")).await;
        let tagged = with(without_read_only(&provider), json!({"tags": [tag]}));
        let provider = t.put(&format!("{providers}/{}", id(&provider)), &tagged).await.value();
        let users = "/api/public/property-users";
        let user = create(users, with(another(users, email()), phone())).await;
        let second_user = id(&create(users, with(another(users, email()), phone())).await);
        let categories = "/api/public/property-categorization";
        let types = format!("{categories}/property");
        let property_type = create(&types, name()).await;
        let unused_property_type = t.property_type().await;
        let unit_types = format!("{categories}/unit");
        let unit_type = create(&unit_types, name()).await;
        let unused_unit_type = t.unit_type().await;
        let property = another(
            "/api/public/Properties",
            with(name(), json!({"propertyTypeId": id(&property_type)})),
        );
        let property = create("/api/public/Properties", property).await;
        let mut world = Self {
            new_owner: t.owner().await,
            owner,
            company,
            manager,
            provider,
            tag,
            user,
            second_user,
            property_type,
            unused_property_type,
            unit_type,
            unused_unit_type,
            property,
            unit: Value::Null,
            issue: 0,
        };
        let units = "/api/public/PropertyUnit/{id}";
        let unit = world
            .referring(with(example("POST", units), json!({"customUnitId": unique("World-")})));
        world.unit = create(&units.replace("{id}", &id(&world.property).to_string()), unit).await;
        let provider = id(&world.provider).to_string();
        let manager = id(&world.manager).to_string();
        let facts = [
            ("status", "6"),
            ("description", "'The pipe burst open.'"),
            ("category", "'Plumbing'"),
            ("urgent", "true"),
            ("property_users_involved", "true"),
            ("user_reference_id", "'AP-232'"),
            ("rejection_comment", "'None'"),
            ("service_provider_id", &*provider),
            ("issue_manager_id", &*manager),
            ("rating", "5"),
            ("rating_comment", "'Perfect'"),
            ("rating_type", "2"),
            ("rated_by", &*manager),
            ("rated_at", "now()"),
            ("created_at", "'2021-07-17T16:24:40.180Z'"),
        ];
        world.issue = t.issue(id(&world.unit), id(&world.user), &facts).await;
        world
    }

    /// The example of a unit, with ids that exist.
    fn referring(&self, unit: Value) -> Value {
        let users = [id(&self.user), self.second_user];
        with(
            unit,
            json!({
                "managerId": id(&self.manager),
                "ownerId": id(&self.owner),
                "ownerCompanyId": id(&self.company),
                "propertyUserIds": users,
                "contactId": users[1],
                "propertyUnitTypeId": id(&self.unit_type),
            }),
        )
    }

    /// What a unit of [`Self::referring`] answers.
    fn unit_answer(&self) -> Value {
        let user = |id: i64, is_contact: bool| json!({"id": id, "isContact": is_contact});
        json!({
            "address": address(),
            "contractStart": "2021-01-01T00:00:00.000Z",
            "contractEnd": "2022-01-01T00:00:00.000Z",
            "expired": true,
            "isCommonSpace": true,
            "isActive": true,
            "floor": 1,
            "hasPropertyAddress": false,
            "attachments": null,
            "additionalNote": "At the end of the hallway, to the right.",
            "manager": {"id": id(&self.manager), "isActive": true, "userStatus": "Uninvited"},
            "defaultIssueManager": {"id": id(&self.manager)},
            "owner": {"id": id(&self.owner), "authorizedAmount": 650.5},
            "ownerCompany": {"id": id(&self.company), "maxMandateAmount": 1000, "countryCode": "31"},
            "propertyUsers": [user(id(&self.user), false), user(self.second_user, true)],
            "propertyUnitType": {"id": id(&self.unit_type), "canDelete": false, "isUsed": true},
            "property": {
                "id": id(&self.property),
                "propertyType": {"id": id(&self.property_type), "canDelete": false, "isUsed": true},
            },
        })
    }

    /// Fills an operation with what it refers to.
    pub fn prepare(&self, t: &Tenant, operation: &Operation) -> Call {
        let example = operation.request_example.clone();
        let echoed = example.clone().unwrap_or_default();
        let email = |of: &Value| of["email"].as_str().expect("an e-mail").to_owned();
        // What the examples leave without a value.
        const NO_PHONE: [&str; 2] = ["countryCode", "phoneNumber"];
        const NO_FILES: [&str; 1] = ["attachments"];
        const NO_UNITS: [&str; 3] = ["countryCode", "phoneNumber", "propertyUnits"];
        let no_phone = |body: Value| with(body, json!({"countryCode": null, "phoneNumber": null}));
        let page = |item: Value| json!({"currentPage": 1, "pageSize": 15, "items": [item]});

        let key = format!("{} {}", operation.method, super::normalised(&operation.path));
        let (ids, query, body, expected, excused): (
            Vec<i64>,
            Vec<(&str, String)>,
            _,
            _,
            Vec<&str>,
        ) = match &*key {
            "POST /api/connect/token" => {
                let body = with(
                    echoed,
                    json!({"client_id": t.client_id, "client_secret": t.client_secret}),
                );
                let expected = json!({
                    "token_type": "Bearer", "expires_in": 1800, "scope": "openid api",
                });
                (vec![], vec![], Some(body), expected, vec![])
            }
            "GET /api/public/country-codes" => (vec![], vec![], None, json!([]), vec![]),

            "POST /api/public/owners" => {
                (vec![], vec![], example, with(echoed, json!({"status": "Uninvited"})), vec![])
            }
            "GET /api/public/owners/{}" => {
                (vec![id(&self.owner)], vec![], None, self.owner.clone(), vec![])
            }
            "GET /api/public/owners/get-by-email" => {
                (vec![], vec![("email", email(&self.owner))], None, json!(id(&self.owner)), vec![])
            }
            "GET /api/public/owners" => {
                let item = with(
                    json!({"numberOfPropertyUnits": 1, "userStatus": "Uninvited"}),
                    json!({"id": id(&self.owner), "authorizedAmount": 650.5}),
                );
                let search = ("searchParameter", email(&self.owner));
                (vec![], vec![search], None, page(item), vec![])
            }
            "PUT /api/public/owners/{}" => {
                (vec![id(&self.owner)], vec![], example, unique_user(echoed), vec![])
            }

            "POST /api/public/owners/{}/companies" => {
                (vec![id(&self.owner)], vec![], example, company(echoed), vec![])
            }
            "GET /api/public/owners/{}/companies/{}" => {
                let ids = vec![id(&self.owner), id(&self.company)];
                (ids, vec![], None, self.company.clone(), vec![])
            }
            "GET /api/public/owners/{}/companies" => {
                let search = self.company["name"].as_str().expect("a name").to_uppercase();
                let query = vec![("searchParameter", search)];
                (vec![id(&self.owner)], query, None, page(self.company.clone()), vec![])
            }
            "PUT /api/public/owners/{}/companies/{}" => {
                let ids = vec![id(&self.owner), id(&self.company)];
                (ids, vec![], example, company(echoed), vec![])
            }
            "DELETE /api/public/owners/{}/companies/{}" => {
                let ids = vec![id(&self.owner), id(&self.company)];
                (ids, vec![], None, json!({"id": id(&self.company)}), vec![])
            }

            "POST /api/public/managers" => {
                (vec![], vec![], example, no_phone(echoed), NO_PHONE.to_vec())
            }
            "GET /api/public/managers/{}" => {
                (vec![id(&self.manager)], vec![], None, self.manager.clone(), vec![])
            }
            "GET /api/public/managers/get-by-email" => (
                vec![],
                vec![("email", email(&self.manager).to_uppercase())],
                None,
                json!(id(&self.manager)),
                vec![],
            ),
            "GET /api/public/managers" => {
                let item = json!({
                    "id": id(&self.manager), "role": "PropertyManager",
                    "numberOfPropertyUnits": 1, "averageRating": 0, "numberOfRatings": 0,
                });
                (vec![], vec![("searchParameter", email(&self.manager))], None, page(item), vec![])
            }
            "PUT /api/public/managers/{}" => {
                let ids = vec![id(&self.manager)];
                (ids, vec![], example, no_phone(unique_user(echoed)), NO_PHONE.to_vec())
            }

            "POST /api/public/property-categorization/property" => (
                vec![],
                vec![],
                example,
                with(echoed, json!({"isActive": true, "canDelete": true, "isUsed": false})),
                vec![],
            ),
            "GET /api/public/property-categorization/property/{}" => (
                vec![id(&self.property_type)],
                vec![],
                None,
                with(self.property_type.clone(), json!({"canDelete": false, "isUsed": true})),
                vec![],
            ),
            "GET /api/public/property-categorization/property" => {
                (vec![], vec![], None, json!([{"id": id(&self.property_type)}]), vec![])
            }
            "PUT /api/public/property-categorization/property/{}" => (
                vec![id(&self.property_type)],
                vec![],
                example,
                with(echoed, json!({"canDelete": false, "isUsed": true})),
                vec![],
            ),
            "DELETE /api/public/property-categorization/property/{}" => {
                (vec![self.unused_property_type], vec![], None, Value::Null, vec![])
            }

            "POST /api/public/property-categorization/unit" => (
                vec![],
                vec![],
                example,
                with(echoed, json!({"canDelete": true, "isUsed": false})),
                vec![],
            ),
            "GET /api/public/property-categorization/unit/{}" => (
                vec![id(&self.unit_type)],
                vec![],
                None,
                with(self.unit_type.clone(), json!({"canDelete": false, "isUsed": true})),
                vec![],
            ),
            "GET /api/public/property-categorization/unit" => {
                (vec![], vec![], None, json!([{"id": id(&self.unit_type)}]), vec![])
            }
            "PUT /api/public/property-categorization/unit/{}" => (
                vec![id(&self.unit_type)],
                vec![],
                example,
                with(echoed, json!({"canDelete": false, "isUsed": true})),
                vec![],
            ),
            "DELETE /api/public/property-categorization/unit/{}" => {
                (vec![self.unused_unit_type], vec![], None, Value::Null, vec![])
            }

            "POST /api/public/properties" => {
                let body = with(echoed, json!({"propertyTypeId": id(&self.property_type)}));
                (vec![], vec![], Some(body.clone()), self.property_answer(body), vec![])
            }
            "GET /api/public/properties/{}" => {
                (vec![id(&self.property)], vec![], None, self.property.clone(), vec![])
            }
            "GET /api/public/properties" => {
                let search = self.property["name"].as_str().expect("a name").to_lowercase();
                let query = vec![("searchParameter", search)];
                (vec![], query, None, page(self.property.clone()), vec![])
            }
            "PUT /api/public/properties/{}" => {
                let body = with(echoed, json!({"propertyTypeId": id(&self.property_type)}));
                let ids = vec![id(&self.property)];
                (ids, vec![], Some(body.clone()), self.property_answer(body), vec![])
            }

            "POST /api/public/propertyunit/{}" => {
                let body = self.referring(echoed);
                let expected =
                    with(self.unit_answer(), json!({"customUnitId": "JavaStraat-1-200"}));
                (vec![id(&self.property)], vec![], Some(body), expected, vec![])
            }
            "GET /api/public/propertyunit/{}" => {
                (vec![id(&self.unit)], vec![], None, self.unit.clone(), vec![])
            }
            "GET /api/public/propertyunit" => {
                let property = ("propertyId", id(&self.property).to_string());
                let item = json!({
                    "id": id(&self.unit),
                    "propertyManagerId": id(&self.manager),
                    "mainContactContractEnd": "2022-01-01T00:00:00.000Z",
                });
                let contact = vec!["items.mainContact.additionalNote"];
                (vec![], vec![property], None, page(item), contact)
            }
            "PUT /api/public/propertyunit/{}" => {
                // The creation before took the id of the example.
                let id_of_its_own = json!({"customUnitId": unique("JavaStraat-")});
                let body = with(self.referring(echoed), id_of_its_own);
                (vec![id(&self.unit)], vec![], Some(body), self.unit_answer(), vec![])
            }
            "PUT /api/public/propertyunit/change-property-owner/{}" => {
                let expected = json!({
                    "propertyUnitId": id(&self.unit),
                    "oldOwner": {"id": id(&self.owner), "userStatus": "Uninvited"},
                    "newOwner": {"id": self.new_owner, "isActive": true},
                });
                // The new owner has a name and an e-mail only.
                let excused = vec![
                    "newOwner.companyName",
                    "newOwner.countryCode",
                    "newOwner.phoneNumber",
                    "newOwner.authorizedAmount",
                ];
                let query = vec![("newOwnerId", self.new_owner.to_string())];
                (vec![id(&self.unit)], query, None, expected, excused)
            }
            "PUT /api/public/propertyunit/assign-property-user/{}" => {
                let body = with(echoed, json!({"propertyUserId": id(&self.user)}));
                let expected = json!({
                    "propertyUnitId": id(&self.unit),
                    "propertyUsers": [
                        {"id": id(&self.user), "isMainContact": true, "additionalNote": "Note",
                         "contractStartDate": "2021-01-01T00:00:00.000Z",
                         "contractEndDate": "2022-01-01T00:00:00.000Z"},
                        {"id": self.second_user, "isMainContact": false},
                    ],
                });
                (vec![id(&self.unit)], vec![], Some(body), expected, vec![])
            }
            "PUT /api/public/propertyunit/remove-property-user/{}" => {
                let expected = json!({
                    "propertyUnitId": id(&self.unit),
                    "propertyUser": {"id": id(&self.user), "isMainContact": true},
                });
                let query = vec![("propertyUserId", id(&self.user).to_string())];
                (vec![id(&self.unit)], query, None, expected, vec![])
            }

            "POST /api/public/service-providers" => {
                (vec![], vec![], example, echoed, vec!["tags", "attachments"])
            }
            "GET /api/public/service-providers/{}" => {
                let ids = vec![id(&self.provider)];
                (ids, vec![], None, self.provider.clone(), NO_FILES.to_vec())
            }
            "GET /api/public/service-providers" => {
                let item = json!({
                    "id": id(&self.provider), "activeIssues": 0,
                    "tags": [self.provider["tags"][0]["name"]],
                });
                (vec![], vec![("searchParameter", email(&self.provider))], None, page(item), vec![])
            }
            "PUT /api/public/service-providers/{}" => {
                let body = unique_user(with(echoed, json!({"tags": [self.tag]})));
                let expected = with(body.clone(), json!({"tags": [{"id": self.tag}]}));
                (vec![id(&self.provider)], vec![], Some(body), expected, NO_FILES.to_vec())
            }

            "POST /api/public/property-users" => {
                (vec![], vec![], example, no_phone(echoed), NO_UNITS.to_vec())
            }
            "GET /api/public/property-users/{}" => {
                let unit = json!({
                    "propertyUnitId": id(&self.unit), "floor": 1, "isMainContact": false,
                    "contractEnd": "2022-01-01T00:00:00.000Z", "address": address(),
                });
                let expected = with(self.user.clone(), json!({"propertyUnits": [unit]}));
                (vec![id(&self.user)], vec![], None, expected, vec![])
            }
            "GET /api/public/property-users/get-by-email" => {
                (vec![], vec![("email", email(&self.user))], None, json!(id(&self.user)), vec![])
            }
            "GET /api/public/property-users" => {
                let item = json!({"id": id(&self.user), "status": "Uninvited"});
                (vec![], vec![("searchParameter", email(&self.user))], None, page(item), vec![])
            }
            "PUT /api/public/property-users/{}" => {
                let ids = vec![id(&self.user)];
                (ids, vec![], example, no_phone(unique_user(echoed)), NO_PHONE.to_vec())
            }

            "GET /api/public/issues" => {
                let query = vec![
                    ("fromDateTime", "2021-07-01T00:00:00.000Z".to_owned()),
                    ("toDateTime", "31.07.2021".to_owned()),
                ];
                let item = json!({
                    "id": self.issue, "status": "Closed", "urgent": true,
                    "created": "2021-07-17T16:24:40.180Z", "responseTimeLeft": 0,
                    "reporterId": id(&self.user),
                    "propertyUnit": {"id": id(&self.unit), "property": {"id": id(&self.property)}},
                    "overallRating": {"rating": 5, "type": 2},
                });
                (vec![], query, None, page(item), vec![])
            }
            unknown => panic!("no preparation for {unknown}"),
        };

        // Updates repeat the e-mail of the example, which the creation before has taken.
        let is_update = operation.method == "PUT";
        let body = body.map(|body: Value| match (is_update, expected.get("email")) {
            (true, Some(email)) => with(body, json!({"email": email})),
            _ => body,
        });
        let mut query: Vec<(String, String)> =
            query.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, value) in [("pageNo", "1"), ("pageSize", "15")] {
            if operation.query.iter().any(|parameter| parameter.field == name) {
                query.push((name.to_owned(), value.to_owned()));
            }
        }
        Call {
            path: fill(&operation.path, &ids),
            query,
            form: key == "POST /api/connect/token",
            body,
            status: match &*operation.method {
                "POST" if key != "POST /api/connect/token" => 201,
                "DELETE" if operation.response_example.is_none() => 204,
                _ => 200,
            },
            expected,
            excused,
        }
    }

    fn property_answer(&self, body: Value) -> Value {
        let property_type = json!({"id": id(&self.property_type), "isUsed": true});
        let answer = without(body, "propertyTypeId");
        with(answer, json!({"isActive": true, "propertyType": property_type}))
    }
}

/// A company as answered: the calling code in digits.
fn company(body: Value) -> Value {
    with(body, json!({"countryCode": "31"}))
}

/// The example of an update with an e-mail of its own.
fn unique_user(body: Value) -> Value {
    with(body, json!({"email": person()["email"]}))
}

/// The writable members of a service provider.
fn without_read_only(provider: &Value) -> Value {
    ["id", "status", "attachments", "averageRating", "numberOfRatings"]
        .into_iter()
        .fold(provider.clone(), without)
}

/// Puts ids in place of `{parameters}`.
fn fill(path: &str, ids: &[i64]) -> String {
    let mut ids = ids.iter();
    let path = path
        .split('/')
        .map(|part| match part.starts_with('{') {
            true => ids.next().expect("an id for every parameter").to_string(),
            false => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/");
    assert!(ids.next().is_none(), "more ids than parameters: {path}");
    assert_eq!(OPERATIONS.len(), 48);
    path
}
