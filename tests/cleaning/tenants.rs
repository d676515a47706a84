//! Companies and their settings.
//!
//! Covers: GetTenant, GetTenantWithSettings, GetOwnTenant, UpdateTenant, GetSettings,
//! Covers: UpdateSettings.

use serde_json::{Value, json};
use steward_contracts::steward::cleaning::v1 as pb;
use steward_contracts::steward::cleaning::v1::tenant_service_client::TenantServiceClient;
use tonic::Code;

use super::company::{Company, command, problem, refused, stranger, with_company};
use crate::support::{Server, http};

#[test]
fn everybody_sees_what_is_public_and_admins_see_all() {
    with_company(async |c| {
        let path = format!("/tenant/get/{}", c.id);
        let (owner, token) = c.user("owner").await;
        let all = c.get(&path).await.is(200);
        assert_eq!(all.header("etag"), "\"v1\"");
        let all = all.json();
        assert_eq!((&all["name"], &all["tenantUserId"]), (&json!(c.name), &json!(owner)));
        assert_eq!((&all["statusId"], &all["status"]), (&json!(1), &json!("Trial")));
        assert_eq!((&all["version"], &all["legalName"]), (&json!(1), &json!(null)));
        assert_eq!(c.with_token(&token).get(&path).await.is(200).json(), all);
        assert_eq!(c.get("/TENANT/").await.is(200).json(), all, "letter case and a slash");

        let public = stranger("GET", &path, None).await.is(200);
        let tag = public.header("etag").to_owned();
        assert!(tag.len() > 10, "{tag}: what is public has no version, and is told by its digest");
        let public = public.json();
        assert_eq!((&public["id"], &public["name"]), (&json!(c.id), &json!(c.name)));
        assert_eq!(public["timeZone"], "America/New_York");
        assert_eq!((&public["currency"], &public["locale"]), (&json!("USD"), &json!("en-US")));
        for hidden in ["userId", "status", "statusId", "version", "createdAt", "settings"] {
            assert!(public.get(hidden).is_none(), "{hidden}: {public}");
        }
        // Whoever is of another company, or no admin, is anybody.
        let other = Company::fresh().await;
        assert_eq!(other.get(&path).await.is(200).json(), public);
        let (_, cleaner) = c.user("cleaner").await;
        assert_eq!(c.with_token(&cleaner).get(&path).await.is(200).json(), public);
        problem(&c.with_token("nonsense").get(&path).await, 401, "unauthenticated");
        problem(&stranger("GET", "/tenant/get/999999999", None).await, 404, "not_found");
        let wrong = stranger("GET", "/tenant/get/one", None).await;
        assert_eq!(refused(&wrong), ["id"]);
        problem(&c.with_token(&cleaner).get("/tenant").await, 403, "forbidden");
    });
}

#[test]
fn a_company_is_changed_in_what_is_given() {
    with_company(async |c| {
        // An operator made it, without an e-mail; from the first on there is one.
        let changed = c.post("/tenant/update", &json!({"legalName": null})).await.is(200);
        assert_eq!((changed.header("etag"), &changed.json()["email"]), ("\"v1\"", &json!(null)));
        let email = json!({"Email": "Info@Clean.example", "phone": "+12125550100"});
        let changed = c.post("/tenant/update", &email).await.is(200);
        assert_eq!(changed.header("etag"), "\"v2\"");
        let changed = changed.json();
        assert_eq!(changed["email"], "info@clean.example");
        assert_eq!((&changed["name"], &changed["version"]), (&json!(c.name), &json!(2)));
        // Parts of what is nested are given too.
        let address = json!({"street": "Broadway 1", "city": "New York", "state": "NY",
            "zip": "10001"});
        let body = json!({"address": address});
        let at = &c.post("/tenant/update", &body).await.is(200).json()["address"];
        assert_eq!((&at["country"], &at["zip"]), (&json!("US"), &json!("10001")));
        let body = json!({"address": {"zip": "1012 ab"}, "phone": null});
        let changed = c.post("/tenant/update", &body).await.is(200).json();
        assert_eq!(changed["address"]["zip"], "1012AB");
        assert_eq!(changed["address"]["street"], "Broadway 1");
        assert_eq!((&changed["phone"], &changed["version"]), (&json!(null), &json!(4)));

        let body = json!({"email": "x", "timeZone": "Mars/Base", "currency": "ABC",
            "website": "http://plain.example", "locale": "x", "phone": "12"});
        assert_eq!(
            refused(&c.post("/tenant/update", &body).await),
            ["currency", "email", "locale", "phone", "timeZone", "website"]
        );
        assert_eq!(refused(&c.post("/tenant/update", &json!({"email": null})).await), ["email"]);
        let other = Company::fresh().await;
        let body = json!({"name": other.name.to_uppercase(), "email": "a@b.example"});
        problem(&c.post("/tenant/update", &body).await, 409, "duplicate");

        let stale = c.request("POST", "/tenant/update").header("if-match", "\"v3\"");
        let stale = http::send(stale.json(&json!({"legalName": "C Inc"}))).await;
        problem(&stale, 412, "version_mismatch");
        let fresh = c.request("POST", "/tenant/update").header("if-match", "\"v4\"");
        http::send(fresh.json(&json!({"legalName": "C Inc"}))).await.is(200);
        let body = json!({"legalName": "D Inc"});
        let tried = c.post("/tenant/update?validateOnly=true", &body).await.is(200).json();
        assert_eq!(tried["legalName"], "D Inc");
        assert_eq!(c.get("/tenant").await.json()["legalName"], "C Inc");
        let strict = c.request("POST", "/tenant/update").header("prefer", "handling=strict");
        let strict = http::send(strict.json(&json!({"colour": "red"}))).await;
        assert_eq!(refused(&strict), ["colour"]);
    });
}

#[test]
fn settings_begin_with_their_defaults_and_change_by_group() {
    with_company(async |c| {
        let settings = c.get("/tenant/settings").await.is(200);
        assert_eq!(settings.header("etag"), "\"v1\"");
        let settings = settings.json();
        let plan = &settings["scheduling"];
        assert_eq!(
            (&plan["horizonDays"], &plan["workDays"]),
            (&json!(90), &json!([1, 2, 3, 4, 5]))
        );
        assert_eq!(
            (&plan["workdayStart"], &plan["travelMode"]),
            (&json!("08:00"), &json!("driving"))
        );
        assert_eq!(
            plan["timePreferences"][1],
            json!({"id": 2, "name": "Morning", "startTime": "08:00", "endTime": "12:00"})
        );
        assert_eq!(settings["timesheet"]["overtimeWeeklyHours"], 40);
        assert_eq!(settings["timesheet"]["overtimeMultiplier"], 1.5);
        assert_eq!(settings["cleanscore"]["targetTip"], 10);
        assert_eq!(settings["cleanscore"]["weights"]["cancellations"], 15);
        assert_eq!(settings["cancellation"]["defaultChoice"], 2);
        assert_eq!(settings["messages"]["templates"], json!({}));
        let with = c.get(&format!("/tenant/getWithSettings/{}", c.id)).await.is(200).json();
        assert_eq!((&with["settings"], &with["name"]), (&settings, &json!(c.name)));
        let other = Company::fresh().await;
        let foreign = other.get(&format!("/tenant/getWithSettings/{}", c.id)).await;
        problem(&foreign, 404, "not_found");

        let body = json!({
            "Scheduling": {"horizonDays": "120", "timePreferences": [
                {"id": 4, "startTime": "17:00", "endTime": "21:30"}]},
            "timesheet": {"overtimeWeeklyHours": null},
            "incentives": {"birthday": 25.5},
            "messages": {"templates": {"welcome": "Hello"}},
        });
        let both = format!("/tenant/getWithSettings/{}", c.id);
        assert_eq!(c.get(&both).await.is(200).header("etag"), "\"v1\"");
        let changed = c.post("/tenant/updateSettings", &body).await.is(200);
        assert_eq!(changed.header("etag"), "\"v2\"");
        let changed = changed.json();
        // A company and its settings have one etag, wherever it was read.
        let kept = http::send(c.request("GET", &both).header("if-none-match", "\"v1\"")).await;
        assert_eq!(kept.is(200).json()["settings"], changed);
        let same = http::send(c.request("GET", &both).header("if-none-match", "\"v2\"")).await;
        same.is(304);
        let update = |etag: &'static str| {
            let name = json!({"messages": {"templates": {"welcome": "Hello"}}});
            c.request("POST", "/tenant/updateSettings").header("if-match", etag).json(&name)
        };
        problem(&http::send(update("\"v1\"")).await, 412, "version_mismatch");
        assert_eq!(http::send(update("\"v2\"")).await.is(200).header("etag"), "\"v2\"");
        assert_eq!(changed["scheduling"]["horizonDays"], 120);
        assert_eq!(changed["scheduling"]["slotMinutes"], 30, "the rest of the group stays");
        assert_eq!(changed["scheduling"]["timePreferences"][3]["startTime"], "17:00");
        assert_eq!(changed["scheduling"]["timePreferences"][0]["startTime"], "08:00");
        assert_eq!(changed["timesheet"]["overtimeWeeklyHours"], json!(null));
        assert_eq!(changed["timesheet"]["roundingMinutes"], 15);
        assert_eq!(changed["incentives"]["birthday"], 25.5);
        assert_eq!(changed["messages"]["templates"]["welcome"], "Hello");
        assert_eq!((&changed["version"], &changed["id"]), (&json!(2), &json!(c.id)));
        assert_eq!(c.get("/tenant/settings").await.json(), changed);
        let texts = async |given: Value| {
            let given = json!({"messages": {"templates": given}});
            let changed = c.post("/tenant/updateSettings", &given).await.is(200).json();
            changed["messages"]["templates"].clone()
        };
        let both = json!({"bye": "Bye", "welcome": "Hello"});
        assert_eq!(texts(json!({"bye": "Bye"})).await, both, "others stay");
        assert_eq!(texts(json!({"bye": null})).await, json!({"welcome": "Hello"}));
        assert_eq!(texts(Value::Null).await, json!({}));

        let body = json!({
            "scheduling": {"horizonDays": 27, "slotMinutes": 20, "workdayEnd": "25:00",
                "workDays": [7], "travelMode": "flying"},
            "billing": {"taxPercent": 8.8755, "defaultCleanerRate": 1.005},
            "cleanscore": {"targetTip": 0, "weights": {"rating": 101}},
            "messages": {"templates": [1]},
        });
        assert_eq!(
            refused(&c.post("/tenant/updateSettings", &body).await),
            [
                "billing.defaultCleanerRate",
                "billing.taxPercent",
                "cleanscore.targetTip",
                "cleanscore.weights.rating",
                "messages.templates",
                "scheduling.horizonDays",
                "scheduling.slotMinutes",
                "scheduling.travelMode",
                "scheduling.workDays",
                "scheduling.workdayEnd",
            ]
        );
        let backwards = json!({"scheduling": {"workdayStart": "18:00", "workdayEnd": "08:00"}});
        assert_eq!(
            refused(&c.post("/tenant/updateSettings", &backwards).await),
            ["scheduling.workdayEnd"]
        );
        let none = json!({"rating": 0, "activeBookings": 0, "averageTip": 0, "cancellations": 0,
            "tippingClients": 0, "onTime": 0, "feedback": 0, "tasks": 0});
        let body = json!({"cleanscore": {"weights": none}});
        assert_eq!(refused(&c.post("/tenant/updateSettings", &body).await), ["cleanscore.weights"]);
    });
}

#[test]
fn companies_are_served_over_grpc_too() {
    with_company(async |c| {
        let mut client = TenantServiceClient::new(c.grpc().await);
        let settings = pb::TenantSettings {
            booking: Some(pb::BookingSettings {
                claim_hold_minutes: Some(30),
                ..pb::BookingSettings::default()
            }),
            ..pb::TenantSettings::default()
        };
        let mask = |path: &str| prost_types::FieldMask { paths: vec![path.to_owned()] };
        let request = pb::UpdateSettingsRequest {
            settings: Some(settings),
            update_mask: Some(mask("booking.claim_hold_minutes")),
        };
        let changed = client.update_settings(request.clone()).await.expect("changed").into_inner();
        assert_eq!(changed.version, 2);
        let booking = changed.booking.expect("a group");
        assert_eq!((booking.claim_hold_minutes, booking.notify_new_jobs), (Some(30), Some(true)));
        let mut wrong = request.clone();
        wrong.update_mask = Some(mask("booking.colour"));
        let status = client.update_settings(wrong).await.expect_err("no such field");
        assert_eq!(status.code(), Code::InvalidArgument);
        let mut stale = tonic::Request::new(request);
        stale.metadata_mut().insert("if-match", "\"v1\"".parse().expect("a value"));
        let status = client.update_settings(stale).await.expect_err("changed meanwhile");
        assert_eq!(status.code(), Code::Aborted);
        let own = client.get_own_tenant(pb::GetOwnTenantRequest {}).await.expect("own");
        assert_eq!(own.get_ref().id, c.id);
        // The event names the company, although the request names none.
        let events = c.get("/changes").await.is(200).text;
        assert!(events.contains("cleaning.settings.updated"), "{events}");
        assert!(events.contains(&format!("\"{}\"", c.id)), "{events}");
    });
}

#[test]
fn the_name_of_a_company_is_its_own() {
    with_company(async |c| {
        let server = Server::shared().await;
        let taken = c.name.to_uppercase();
        let output =
            server.command(&["tenant", "create", "--family", "cleaning", "--name", &taken]);
        assert_eq!(output.code, Some(1), "{}", output.stdout);
        assert!(output.stderr.contains("name"), "{}", output.stderr);
        // Of other families it is not.
        command(server, &["tenant", "create", "--family", "rentals", "--name", &taken]);
    });
}
