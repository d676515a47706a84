//! Jobs, with servers that die, and the commands on them.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::support::server::{Beside, Operator};
use crate::support::{Server, database, eventually, http, run};

const LIMIT: Duration = Duration::from_secs(60);

/// A mail server that says one line to whoever calls, and nothing more.
async fn mail_server(greeting: &'static str) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let task = tokio::spawn(async move {
        let mut callers = Vec::new();
        while let Ok((mut caller, _)) = listener.accept().await {
            caller.write_all(greeting.as_bytes()).await.expect("a greeting");
            callers.push(caller);
        }
    });
    (url, task)
}

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

pub fn command(server: &Server, words: &[&str]) -> Vec<Value> {
    let output = server.command(words);
    assert_eq!(output.code, Some(0), "{words:?}: {}", output.stderr);
    objects(&output.stdout)
}

pub fn new_tenant(server: &Server) -> String {
    command(server, &["tenant", "create", "--name", "Jobs"])[0]["id"].to_string()
}

/// Has a test mail written; answers its id.
pub fn write_mail(server: &Server, tenant: &str, to: &str) -> String {
    command(server, &["mail", "test", "--tenant", tenant, "--to", to])[0]["id"].to_string()
}

fn jobs(server: &Server) -> Vec<Value> {
    let all = command(server, &["jobs", "list"]);
    all.into_iter().filter(|job| job["kind"] == "mail.send").collect()
}

async fn one_job(server: &Server, what: &str, matches: impl Fn(&Value) -> bool) -> Value {
    eventually(what, LIMIT, async || jobs(server).into_iter().find(|job| matches(job))).await
}

pub async fn file(path: &Path) -> String {
    eventually("a mail", LIMIT, async || std::fs::read_to_string(path).ok()).await
}

#[test]
fn a_crash_between_commit_and_run_only_delays_a_job() {
    run(async {
        let server = Server::own("jobs-crash", &["--job-concurrency", "0"]).await;
        let tenant = new_tenant(&server);
        let mail = write_mail(&server, &tenant, "reader@example.com");
        let waiting = jobs(&server);
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0]["state"], "queued");
        let Server { process, data_dir, .. } = server;
        process.signal(Signal::SIGKILL);
        process.ended();

        let path = data_dir.join(format!("outbox/{tenant}-{mail}.eml"));
        assert!(!path.exists());
        let server = Server::start_in(&data_dir, &[]);
        server.ready().await;
        file(&path).await;
        eventually("done", LIMIT, async || jobs(&server).is_empty().then_some(())).await;
        assert!(server.process.stop().success());
    });
}

#[test]
fn another_server_takes_over_from_one_that_was_killed() {
    run(async {
        let home = Server::own("jobs-lease", &["--job-concurrency", "0"]).await;
        let url = database::url(&home);
        let tenant = new_tenant(&home);
        let mail = write_mail(&home, &tenant, "reader@example.com");

        // Its mail server accepts the call and never says a word.
        let (silent, _task) = mail_server("").await;
        let flags = ["--smtp-url", &silent, "--job-lease", "2s"];
        let dying = Beside::start("jobs-lease-dying", &url, &flags);
        let running = one_job(&home, "running", |job| job["state"] == "running").await;
        assert_eq!(running["attempts"], 1);
        dying.process.signal(Signal::SIGKILL);
        dying.process.ended();

        let other = Beside::start("jobs-lease-other", &url, &["--job-lease", "2s"]);
        file(&other.folder.join(format!("{tenant}-{mail}.eml"))).await;
        eventually("done", LIMIT, async || jobs(&home).is_empty().then_some(())).await;
        assert!(other.process.stop().success());
        assert!(home.process.stop().success());
    });
}

#[test]
fn a_stopping_server_gives_its_jobs_back() {
    run(async {
        let (silent, _task) = mail_server("").await;
        let home = Server::own("jobs-stop", &["--job-concurrency", "0"]).await;
        let flags = ["--smtp-url", &silent, "--drain-timeout", "0s"];
        let stopping = Beside::start("jobs-stop-beside", &database::url(&home), &flags);
        write_mail(&home, &new_tenant(&home), "reader@example.com");
        one_job(&home, "running", |job| job["state"] == "running").await;
        assert!(stopping.process.stop().success());
        let back = jobs(&home);
        // As if it had never been begun.
        assert_eq!((&back[0]["state"], &back[0]["attempts"]), (&json!("queued"), &json!(0)));
        assert!(home.process.stop().success());
    });
}

#[test]
fn three_servers_run_a_recurring_job_once() {
    run(async {
        let home = Server::own("jobs-recurring", &[]).await;
        let url = database::url(&home);
        let others = [1, 2].map(|n| Beside::start(&format!("jobs-recurring-{n}"), &url, &[]));
        let bases = [&home.base, &others[0].base, &others[1].base];
        let runs = async || {
            let mut runs = 0;
            for base in bases {
                let answer = http::CLIENT.get(format!("{base}/metrics")).send().await;
                let text = answer.expect("metrics").text().await.expect("text");
                let line = text.lines().find(|line| {
                    line.starts_with("steward_job_attempts_total")
                        && line.contains("jobs.sweep")
                        && line.contains("done")
                });
                let number = |line: &str| line.rsplit(' ').next()?.parse::<i64>().ok();
                runs += line.and_then(number).unwrap_or_default();
            }
            runs
        };
        // Every server has looked at the schedule once it says how many jobs there are.
        for base in bases {
            eventually("a look", LIMIT, async || {
                let answer = http::CLIENT.get(format!("{base}/metrics")).send().await.ok()?;
                answer.text().await.ok()?.contains("steward_jobs{").then_some(())
            })
            .await;
        }
        let client = database::connect(&url).await;
        let slots = "SELECT count(*) FROM platform.job_slots WHERE kind = 'jobs.sweep'";
        // An hour may begin meanwhile, which makes a second slot.
        eventually("as many runs as slots", LIMIT, async || {
            let slots: i64 = client.query_one(slots, &[]).await.expect("slots").get(0);
            let runs = runs().await;
            assert!(runs <= slots, "{runs} runs of {slots} slots");
            (slots > 0 && runs == slots).then_some(())
        })
        .await;
        for other in others {
            assert!(other.process.stop().success());
        }
        assert!(home.process.stop().success());
    });
}

#[test]
fn operators_see_retry_and_discard_jobs() {
    run(async {
        let (refusing, _task) = mail_server("554 not here\r\n").await;
        let server = Server::own("jobs-commands", &["--smtp-url", &refusing]).await;
        let tenant = new_tenant(&server);
        write_mail(&server, &tenant, "somebody@example.com");
        // A server that refuses the mail itself will not change its mind.
        let dead = one_job(&server, "dead", |job| job["state"] == "dead").await;
        let error = dead["last_error"].as_str().expect("a reason");
        assert!(error.starts_with("The mail server refuses the mail."), "{error}");
        assert_eq!(dead["tenant"].to_string(), tenant);
        assert!(dead.get("payload").is_none());
        let log = server.process.logged();
        assert!(log.contains("mail.send"), "{log}");
        assert!(!log.contains("somebody@example.com"), "{log}");

        let id = dead["id"].to_string();
        let retried = command(&server, &["jobs", "retry", &id]);
        assert_eq!(retried, [json!({"id": dead["id"], "state": "queued"})]);
        one_job(&server, "dead again", |job| job["state"] == "dead").await;
        for (words, n) in [
            (["--state", "dead"], 1),
            (["--state", "queued"], 0),
            (["--tenant", &tenant], 1),
            (["--tenant", "999"], 0),
            (["--kind", "mail.send"], 1),
        ] {
            let all = ["jobs", "list", words[0], words[1]];
            assert_eq!(command(&server, &all).len(), n, "{words:?}");
        }
        let discarded = command(&server, &["jobs", "discard", &id]);
        assert_eq!(discarded, [json!({"id": dead["id"], "discarded": true})]);
        assert!(jobs(&server).is_empty());
        for words in [["jobs", "retry", &id], ["jobs", "discard", &id]] {
            let refused = server.command(&words);
            assert_eq!(refused.code, Some(1));
            assert!(refused.stderr.contains("not found"), "{}", refused.stderr);
        }
        let answer = http::CLIENT.get(format!("{}/metrics", server.base)).send().await;
        let text = answer.expect("metrics").text().await.expect("text");
        assert!(text.contains("steward_job_duration_seconds"), "{text}");
        assert!(server.process.stop().success());
    });
}

#[test]
fn discarding_a_job_ends_what_stands_for_it() {
    run(async {
        let server = Server::own("jobs-discard", &["--job-concurrency", "0"]).await;
        let operator = Operator::of(&server).await;
        let post =
            async |path: &str, body: Value| operator.send("POST", path, Some(&body)).await.value();
        let announced = json!({"filename": "t.csv", "contentType": "text/csv", "byteSize": 7});
        let upload = post("/api/public/Attachments/uploads", announced).await;
        http::upload(&upload, b"name\nX\n").await.is(204);
        let input = json!({"resource": "tags", "fileId": upload["signedId"]});
        let import =
            format!("/api/public/imports/{}", post("/api/public/imports", input).await["id"]);
        let export = post("/api/public/exports", json!({"resource": "tags"})).await;
        let export = format!("/api/public/exports/{}", export["id"]);
        let endpoint = json!({"url": "https://webhooks.invalid/"});
        let endpoint = post("/api/public/webhook-endpoints", endpoint).await;
        let endpoint = format!("/api/public/webhook-endpoints/{}", endpoint["id"]);
        let delivery = operator.send("POST", &format!("{endpoint}/test"), None).await.value();
        let delivery = format!("{endpoint}/deliveries/{}", delivery["id"]);

        let state = async |path: &str| {
            operator.send("GET", path, None).await.is(200).json()["state"].clone()
        };
        for (path, kind) in
            [(&import, "import.read"), (&export, "export.write"), (&delivery, "webhook.deliver")]
        {
            let waits = state(path).await;
            assert!(waits == "Queued" || waits == "Pending", "{waits}");
            for job in command(&server, &["jobs", "list", "--kind", kind]) {
                command(&server, &["jobs", "discard", &job["id"].to_string()]);
            }
            assert_eq!(state(path).await, "Failed", "{kind}");
        }
        // So another one may be asked for.
        assert_eq!(command(&server, &["jobs", "list", "--kind", "import.read"]), [Value::Null; 0]);
    });
}
