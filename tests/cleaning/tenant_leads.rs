//! Companies that would like to be tenants.
//!
//! Covers: CreateTenantLead.

use std::time::Duration;

use serde_json::{Value, json};

use super::company::{refused, stranger};
use crate::support::{Server, eventually, http, mail, run};

const PATH: &str = "/user/tenant-lead";

#[test]
fn a_company_asks_once_and_the_operator_is_mailed_once() {
    run(async {
        let server = Server::own("leads", &["--leads-to", "operator@example.com"]).await;
        let ask = async |body: &Value| {
            http::send(http::request("POST", &format!("{}{PATH}", server.base)).json(body)).await
        };
        let lead = json!({
            "name": "Ann Lee",
            "email": "Ann@Example.com",
            "company": "Bright Homes",
            "phone": "+12125550123",
            "message": "We clean\n<b>forty</b> homes.",
        });
        let path = format!("{}{PATH}?validateOnly=true", server.base);
        let tried = http::send(http::request("POST", &path).json(&lead)).await.is(201);
        assert_eq!(tried.header("preference-applied"), "validate-only");
        assert_eq!(
            server.command(&["leads", "list"]).stdout,
            "",
            "nothing is kept of who only asks"
        );
        let answer = ask(&lead).await.is(201).json();
        assert_eq!(answer, json!({"id": answer["id"]}));
        assert_eq!(ask(&lead).await.is(201).json(), answer, "the same words are the same lead");
        let short = json!({"name": "Bo", "email": "bo@example.com"});
        let other = ask(&short).await.is(201).json();
        assert_ne!(other["id"], answer["id"]);

        let mail = mail::file(&server, &format!("lead-{}.eml", answer["id"])).await;
        assert_eq!(mail.header("To"), "operator@example.com");
        assert_eq!(mail.header("Reply-To"), "ann@example.com");
        assert_eq!(mail.header("Subject"), "A lead: Bright Homes");
        assert_eq!(mail.header("X-Steward-Kind"), "tenant-lead");
        let expected = "Ann Lee would like to work with steward.\n\nE-mail: ann@example.com\n\
                        Telephone: +12125550123\nCompany: Bright Homes\n\nWe clean\n\
                        <b>forty</b> homes.";
        assert_eq!(mail.text.trim_end(), expected);
        let mail = mail::file(&server, &format!("lead-{}.eml", other["id"])).await;
        assert_eq!(mail.header("Subject"), "A lead: Bo");

        let listed = async || -> Vec<Value> {
            let output = server.command(&["leads", "list"]);
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let leads = eventually("mailed", Duration::from_secs(10), async || {
            let leads = listed().await;
            leads.iter().all(|lead| lead["mailed_at"].is_string()).then_some(leads)
        })
        .await;
        assert_eq!(leads.len(), 2);
        assert_eq!((&leads[0]["id"], &leads[0]["phone"]), (&answer["id"], &json!("+12125550123")));
        assert_eq!((&leads[1]["name"], &leads[1]["message"]), (&json!("Bo"), &Value::Null));
    });
}

#[test]
fn a_lead_can_be_answered() {
    run(async {
        let empty = stranger("POST", PATH, Some(&json!({}))).await;
        assert_eq!(refused(&empty), ["email", "name"]);
        let wrong = json!({"name": "Ann", "email": "ann", "phone": "12"});
        assert_eq!(refused(&stranger("POST", PATH, Some(&wrong)).await), ["email", "phone"]);
    });
}
