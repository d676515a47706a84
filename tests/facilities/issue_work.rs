//! Issues as work: from the report to the rating.
//!
//! Covers: CreateIssue, GetIssue, UpdateIssue, AddIssueComment, ListIssueComments.
//! Covers: GetIssueComment.
//! Covers: AssignIssue, StartIssue, HoldIssue, ResumeIssue, ResolveIssue, CloseIssue.
//! Covers: RejectIssue, ReopenIssue, RateIssue, GetIssueSettings, UpdateIssueSettings.
//! Covers: WatchIssues.

use futures_util::future::join_all;
use serde_json::{Value, json};
use steward_contracts::steward::facilities::v1 as pb;
use steward_contracts::steward::facilities::v1::issue_service_client::IssueServiceClient;

use crate::support::fixtures::with;
use crate::support::{Answer, Tenant, database, with_tenant};

const ISSUES: &str = "/api/public/Issues";

/// An issue, and who has to do with it.
struct Case {
    t: Tenant,
    issue: i64,
    unit: i64,
    reporter: i64,
    manager: i64,
    provider: i64,
}

impl Case {
    async fn new(t: Tenant) -> Self {
        let (property, owner) = (t.property().await, t.owner().await);
        let (reporter, manager, provider) = (t.user().await, t.manager().await, t.provider().await);
        let unit = t.unit_with(property, owner, json!({"managerId": manager})).await;
        let unit = unit["id"].as_i64().expect("an id");
        let mut case = Self { t, issue: 0, unit, reporter, manager, provider };
        case.issue = case.report().await;
        case
    }

    fn body(&self) -> Value {
        json!({"propertyUnitId": self.unit, "reporterId": self.reporter, "name": "No water"})
    }

    async fn report(&self) -> i64 {
        self.t.post(ISSUES, &self.body()).await.is(201).id()
    }

    async fn step(&self, verb: &str, body: Value) -> Answer {
        self.t.post(&format!("{ISSUES}/{}/{verb}", self.issue), &body).await
    }

    /// Takes a step that must be possible.
    async fn done(&self, verb: &str) -> Value {
        let body = match verb {
            "assign" => json!({"serviceProviderId": self.provider}),
            "reject" => json!({"comment": "Not ours."}),
            "rate" => json!({"raterId": self.reporter, "rating": 4}),
            _ => json!({}),
        };
        self.step(verb, body).await.is(200).json()
    }

    async fn rate(&self, rater: i64, rating: i64) -> Answer {
        self.step("rate", json!({"raterId": rater, "rating": rating, "comment": "So so."})).await
    }

    async fn ratings(&self, path: &str) -> (f64, i64) {
        let shown = self.t.get(&format!("/api/public/{path}")).await.is(200).json();
        let average = shown["averageRating"].as_f64().expect("a number");
        (average, shown["numberOfRatings"].as_i64().expect("a number"))
    }

    async fn active_issues(&self) -> Value {
        let list = self.t.get("/api/public/service-providers").await.is(200).json();
        list["items"][0]["activeIssues"].clone()
    }
}

fn with_case(test: impl AsyncFnOnce(Case)) {
    with_tenant(async |t| test(Case::new(t).await).await);
}

#[test]
fn an_issue_is_reported_read_and_listed() {
    with_case(async |case| {
        let more = json!({"description": "Since noon.", "category": "Plumbing", "urgent": true,
            "propertyUsersInvolved": true, "userReferenceId": "R-7"});
        let answer = case.t.post(ISSUES, &with(case.body(), more)).await.is(201);
        let created = answer.json();
        let path = format!("{ISSUES}/{}", created["id"]);
        assert_eq!(answer.header("location"), path);
        assert_eq!(case.t.get(&path).await.is(200).json(), created);
        let manager = case.t.get(&format!("/api/public/managers/{}", case.manager)).await.json();
        for (name, value) in [
            ("name", json!("No water")),
            ("description", json!("Since noon.")),
            ("category", json!("Plumbing")),
            ("reporterId", json!(case.reporter)),
            ("issueManagerId", json!(case.manager)),
            ("issueManagerName", manager["name"].clone()),
            ("serviceProviderId", Value::Null),
            ("urgent", json!(true)),
            ("propertyUsersInvolved", json!(true)),
            ("status", json!("Reported")),
            ("userReferenceId", json!("R-7")),
            ("overallRating", Value::Null),
            ("numberOfComments", json!(0)),
        ] {
            assert_eq!(created[name], value, "{name}");
        }
        assert_eq!(created["propertyUnit"]["id"], case.unit);
        assert!(created["responseDue"].is_string(), "{created}");
    });
}

#[test]
fn the_list_is_narrowed_down() {
    with_case(async |case| {
        let urgent = with(case.body(), json!({"urgent": true}));
        let other = case.t.post(ISSUES, &urgent).await.is(201).id();
        case.done("assign").await;
        let provider = case.provider.to_string();
        let unit = case.unit.to_string();
        for (filter, expected) in [
            (("status", "Assigned"), vec![case.issue]),
            (("status", "Reported"), vec![other]),
            (("urgent", "true"), vec![other]),
            (("urgent", "false"), vec![case.issue]),
            (("serviceProviderId", &*provider), vec![case.issue]),
            (("propertyUnitId", &*unit), vec![case.issue, other]),
        ] {
            let query = [("fromDateTime", "2021-01-01"), ("toDateTime", "2999-01-01"), filter];
            let page = case.t.find(ISSUES, &query).await.is(200).json();
            let items = page["items"].as_array().expect("items");
            let ids: Vec<_> =
                items.iter().map(|item| item["id"].as_i64().expect("an id")).collect();
            assert_eq!(ids, expected, "{filter:?}");
            assert_eq!(page["totalItems"], expected.len(), "{filter:?}");
        }
    });
}

#[test]
fn a_report_names_what_exists() {
    with_case(async |case| {
        for change in [
            json!({"propertyUnitId": 999_999}),
            json!({"reporterId": 999_999}),
            json!({"issueManagerId": case.reporter}),
        ] {
            let body = with(case.body(), change);
            case.t.post(ISSUES, &body).await.problem(404, "entity-not-found");
            let path = format!("{ISSUES}/{}", case.issue);
            case.t.put(&path, &body).await.problem(404, "entity-not-found");
        }
        assert_eq!(
            case.t.post(ISSUES, &json!({})).await.refused(400, "bad-request"),
            ["name", "propertyUnitId", "reporterId"]
        );
    });
}

#[test]
fn an_issue_goes_its_whole_way() {
    with_case(async |case| {
        for (verb, status) in [
            ("assign", "Assigned"),
            ("hold", "OnHold"),
            ("resume", "Assigned"),
            ("start", "InProgress"),
            ("hold", "OnHold"),
            ("resume", "InProgress"),
            ("resolve", "Resolved"),
            ("reopen", "Assigned"),
            ("start", "InProgress"),
            ("resolve", "Resolved"),
            ("close", "Closed"),
            ("reopen", "Assigned"),
        ] {
            let issue = case.done(verb).await;
            assert_eq!(issue["status"], status, "{verb}");
            assert_eq!(issue["serviceProviderId"], case.provider);
            assert_eq!(issue["responseDue"], Value::Null, "answered");
        }
    });
}

#[test]
fn a_step_that_is_not_possible_changes_nothing() {
    with_case(async |case| {
        let path = format!("{ISSUES}/{}", case.issue);
        let before = case.t.get(&path).await.json();
        for verb in ["start", "hold", "resume", "resolve", "close", "reopen"] {
            case.step(verb, json!({})).await.problem(400, "issue-status");
        }
        case.rate(case.reporter, 3).await.problem(400, "issue-status");
        assert_eq!(case.t.get(&path).await.json(), before);
        let nowhere = format!("{ISSUES}/999999/start");
        case.t.post(&nowhere, &json!({})).await.problem(404, "entity-not-found");
    });
}

#[test]
fn only_a_service_provider_is_assigned() {
    with_case(async |case| {
        for id in [case.reporter, case.manager, 999_999] {
            let answer = case.step("assign", json!({"serviceProviderId": id})).await;
            answer.problem(404, "entity-not-found");
        }
        let answer = case.step("assign", json!({})).await;
        assert_eq!(answer.refused(400, "bad-request"), ["serviceProviderId"]);
        case.done("assign").await;
        let other = case.t.provider().await;
        let issue = case.step("assign", json!({"serviceProviderId": other})).await.is(200).json();
        assert_eq!(issue["serviceProviderId"], other);
    });
}

#[test]
fn a_rejection_says_why() {
    with_case(async |case| {
        for body in [json!({}), json!({"comment": " "})] {
            assert_eq!(case.step("reject", body).await.refused(400, "bad-request"), ["comment"]);
        }
        let issue = case.done("reject").await;
        assert_eq!(
            (&issue["status"], &issue["rejectionComment"]),
            (&json!("Rejected"), &json!("Not ours."))
        );
        case.step("reopen", json!({})).await.problem(400, "issue-status");
    });
}

#[test]
fn reopening_ends_after_thirty_days() {
    with_case(async |case| {
        for verb in ["assign", "start", "resolve", "close"] {
            case.done(verb).await;
        }
        let since = |days: u32| {
            format!(
                "UPDATE facilities.issues SET status_changed_at = now() - interval '{days} days 1 minute' \
                 WHERE id = {}",
                case.issue
            )
        };
        database::write(case.t.id, &since(30)).await;
        case.step("reopen", json!({})).await.problem(400, "issue-status");
        database::write(case.t.id, &since(29)).await;
        case.done("reopen").await;
    });
}

#[test]
fn the_facts_of_a_closed_issue_stay() {
    with_case(async |case| {
        let path = format!("{ISSUES}/{}", case.issue);
        let manager = case.t.manager().await;
        let change = with(case.body(), json!({"name": "No gas", "issueManagerId": manager}));
        let updated = case.t.put(&path, &change).await.is(200).json();
        assert_eq!(
            (&updated["name"], &updated["issueManagerId"]),
            (&json!("No gas"), &json!(manager))
        );
        // What is left out becomes empty.
        let updated = case.t.put(&path, &case.body()).await.is(200).json();
        assert_eq!(updated["issueManagerId"], case.manager, "the unit's");
        for verb in ["assign", "start", "resolve", "close"] {
            case.done(verb).await;
        }
        case.t.put(&path, &change).await.problem(403, "forbidden-action");
        case.done("reopen").await;
        case.t.put(&path, &change).await.is(200);
    });
}

#[test]
fn a_rating_moves_the_averages() {
    with_case(async |case| {
        let (manager, provider) =
            (format!("managers/{}", case.manager), format!("service-providers/{}", case.provider));
        for verb in ["assign", "start", "resolve"] {
            case.done(verb).await;
        }
        assert_eq!(case.ratings(&manager).await, (0.0, 0));
        let issue = case.rate(case.reporter, 4).await.is(200).json();
        let rating = &issue["overallRating"];
        assert_eq!((&rating["rating"], &rating["type"]), (&json!(4), &json!(2)));
        assert_eq!(rating["comment"], "So so.");
        assert_eq!(case.ratings(&manager).await, (4.0, 1));
        assert_eq!(case.ratings(&provider).await, (4.0, 1));
        // A later rating takes the place of the first.
        let owner = case.t.owner().await;
        let issue = case.rate(owner, 1).await.is(200).json();
        assert_eq!(issue["overallRating"]["type"], 3);
        assert_eq!(case.ratings(&manager).await, (1.0, 1));
        // A manager's own counts for the provider alone.
        let issue = case.rate(case.manager, 5).await.is(200).json();
        assert_eq!(issue["overallRating"]["type"], 1);
        assert_eq!(case.ratings(&manager).await, (0.0, 0));
        assert_eq!(case.ratings(&provider).await, (5.0, 1));
        // The work of another issue, by the same people.
        let second = Case { issue: case.report().await, ..case };
        for verb in ["assign", "start", "resolve", "close", "rate"] {
            second.done(verb).await;
        }
        assert_eq!(second.ratings(&manager).await, (4.0, 1));
        assert_eq!(second.ratings(&provider).await, (4.5, 2));
    });
}

#[test]
fn ratings_at_the_same_time_add_up() {
    with_case(async |case| {
        for verb in ["assign", "start", "resolve"] {
            case.done(verb).await;
        }
        let answers = join_all((0..10).map(|n| case.rate(case.reporter, n % 5 + 1))).await;
        let unexpected = answers.iter().find(|answer| answer.status != 200);
        assert!(unexpected.is_none(), "{unexpected:?}");
        let issue = case.t.get(&format!("{ISSUES}/{}", case.issue)).await.json();
        let last = issue["overallRating"]["rating"].as_f64().expect("a rating");
        let provider = format!("service-providers/{}", case.provider);
        assert_eq!(case.ratings(&provider).await, (last, 1));
    });
}

#[test]
fn who_rates_and_how_is_checked() {
    with_case(async |case| {
        for verb in ["assign", "start", "resolve"] {
            case.done(verb).await;
        }
        for rater in [case.provider, 999_999] {
            case.rate(rater, 3).await.problem(404, "entity-not-found");
        }
        for rating in [-1, 0, 6, 100_000] {
            assert_eq!(
                case.rate(case.reporter, rating).await.refused(400, "bad-request"),
                ["rating"]
            );
        }
    });
}

#[test]
fn a_provider_has_active_issues() {
    with_case(async |case| {
        assert_eq!(case.active_issues().await, 0);
        case.done("assign").await;
        assert_eq!(case.active_issues().await, 1);
        for verb in ["start", "resolve"] {
            case.done(verb).await;
        }
        assert_eq!(case.active_issues().await, 1);
        case.done("close").await;
        assert_eq!(case.active_issues().await, 0);
    });
}

#[test]
fn comments_are_paged_the_oldest_first() {
    with_case(async |case| {
        let path = format!("{ISSUES}/{}/comments", case.issue);
        for (author, text) in [(case.reporter, "Still dry."), (case.provider, "On my way.")] {
            let body = json!({"authorId": author, "text": text});
            let made = case.t.post(&path, &body).await.is(201);
            let comment = made.json();
            let at = made.header("location");
            assert_eq!(at, format!("{path}/{}", comment["id"]));
            let shown = case.t.get(at).await.is(200);
            assert_eq!(shown.json(), comment);
            assert!(!shown.header("etag").is_empty());
            assert_eq!(made.header("etag"), shown.header("etag"));
            let elsewhere = format!("{ISSUES}/999999/comments/{}", comment["id"]);
            case.t.get(&elsewhere).await.problem(404, "entity-not-found");
            assert_eq!((&comment["authorId"], &comment["text"]), (&json!(author), &json!(text)));
            assert!(comment["authorName"].is_string() && comment["created"].is_string());
        }
        let page = case.t.find(&path, &[("pageSize", "1"), ("pageNo", "2")]).await.is(200).json();
        assert_eq!((&page["totalItems"], &page["numberOfPages"]), (&json!(2), &json!(2)));
        assert_eq!(page["items"][0]["text"], "On my way.");
        let issue = case.t.get(&format!("{ISSUES}/{}", case.issue)).await.json();
        assert_eq!(issue["numberOfComments"], 2);
        let body = json!({"authorId": 999_999, "text": "x"});
        case.t.post(&path, &body).await.problem(404, "entity-not-found");
        assert_eq!(
            case.t.post(&path, &json!({})).await.refused(400, "bad-request"),
            ["authorId", "text"]
        );
        let nowhere = format!("{ISSUES}/999999/comments");
        case.t.get(&nowhere).await.problem(404, "entity-not-found");
        case.t.get(&format!("{path}/999999")).await.problem(404, "entity-not-found");
    });
}

#[test]
fn the_response_target_is_the_tenants() {
    const SETTINGS: &str = "/api/public/issue-settings";
    with_case(async |case| {
        let defaults = json!({"urgentResponseMinutes": 240, "responseMinutes": 2880});
        assert_eq!(case.t.get(SETTINGS).await.is(200).json(), defaults);
        let left = async || {
            let query = [("fromDateTime", "2021-01-01"), ("toDateTime", "2999-01-01")];
            let page = case.t.find(ISSUES, &query).await.is(200).json();
            page["items"][0]["responseTimeLeft"].as_i64().expect("minutes")
        };
        assert!((2870..=2880).contains(&left().await));
        let set = case.t.put(SETTINGS, &json!({"responseMinutes": 60})).await.is(200).json();
        assert_eq!(set, with(defaults, json!({"responseMinutes": 60})));
        assert_eq!(case.t.get(SETTINGS).await.json(), set);
        assert!((50..=60).contains(&left().await));
        case.done("assign").await;
        assert_eq!(left().await, 0, "answered");
        for minutes in [0, -1, 525_601] {
            let answer = case.t.put(SETTINGS, &json!({"responseMinutes": minutes})).await;
            assert_eq!(answer.refused(400, "bad-request"), ["responseMinutes"]);
        }
    });
}

#[test]
fn a_step_is_an_event_of_the_issue() {
    with_case(async |case| {
        case.done("assign").await;
        let path = format!("{ISSUES}/{}", case.issue);
        let read = case.t.get(&path).await;
        let stale = case.t.request("POST", &format!("{path}/start")).header("if-match", "\"old\"");
        let answer = crate::support::http::send(stale.json(&json!({}))).await;
        assert_eq!(answer.status, 412, "{}", answer.text);
        let fresh = case.t.request("POST", &format!("{path}/start"));
        let fresh = fresh.header("if-match", read.header("etag")).json(&json!({}));
        crate::support::http::send(fresh).await.is(200);
        for event in ["created", "assigned", "started"] {
            let sql = format!(
                "SELECT count(*) FROM platform.events \
                 WHERE tenant_id = {} AND event_type = 'facilities.issue.{event}'",
                case.t.id
            );
            assert_eq!(database::value(case.t.id, &sql).await, 1, "{event}");
        }
    });
}

#[test]
fn issues_are_watched() {
    with_case(async |case| {
        let mut client = IssueServiceClient::new(case.t.grpc().await);
        let now = client.watch_issues(pb::WatchIssuesRequest { cursor: None }).await;
        let mut now = now.expect("a stream").into_inner();
        let beat = now.message().await.expect("a message").expect("no end");
        assert!(beat.change.is_none(), "{beat:?}");
        case.t.owner().await;
        case.done("assign").await;
        let message = now.message().await.expect("a message").expect("no end");
        let change = message.change.expect("a change");
        assert_eq!(change.r#type, "facilities.issue.assigned");
        let issue = change.issue.expect("the issue");
        assert_eq!((issue.id, issue.service_provider_id), (case.issue, Some(case.provider)));
        // From the beginning, nothing but issues.
        let then = client.watch_issues(pb::WatchIssuesRequest { cursor: Some(0) }).await;
        let mut then = then.expect("a stream").into_inner();
        let mut types = Vec::new();
        while types.len() < 2 {
            let message = then.message().await.expect("a message").expect("no end");
            types.extend(message.change.map(|change| change.r#type));
        }
        assert_eq!(types, ["facilities.issue.created", "facilities.issue.assigned"]);
        let path = format!("{ISSUES}/stream");
        let query = [("cursor", "-1")];
        assert_eq!(case.t.find(&path, &query).await.refused(400, "bad-request"), ["cursor"]);
    });
}
