//! What happens when something breaks, on servers of the tests' own.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::server::{Operator, scratch};
use crate::support::{Server, database, eventually, http, run, unique};

const LIMIT: Duration = Duration::from_secs(60);

fn person() -> Value {
    json!({"email": format!("{}@example.com", unique("trouble")), "name": "N"})
}

/// Starts the server of a data directory again.
async fn again(data_dir: &std::path::Path) -> Server {
    let start = Instant::now();
    let server = tokio::task::block_in_place(|| Server::start_in(data_dir, &[]));
    server.ready().await;
    println!("ready on an existing directory after {:?}", start.elapsed());
    server
}

/// The server of PostgreSQL, as its own file tells.
fn postmaster(server: &Server) -> Pid {
    let pid = postmaster_if_any(server).expect("postmaster.pid");
    // The number is only as good as the file: it must be a process of this directory.
    let cwd = std::fs::read_link(format!("/proc/{pid}/cwd")).expect("a process");
    assert_eq!(cwd, server.data_dir.join("postgres").canonicalize().expect("a directory"));
    pid
}

fn postmaster_if_any(server: &Server) -> Option<Pid> {
    let file = server.data_dir.join("postgres/postmaster.pid");
    let text = std::fs::read_to_string(&file).ok()?;
    text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

#[test]
fn what_was_answered_survives_any_crash() {
    run(async {
        let server = Server::own("crash", &[]).await;
        let mut t = Operator::of(&server).await;
        let mut created = Vec::new();
        let mut create = async |t: &Operator| {
            let body = person();
            let id = t.send("POST", "/api/public/Owners", Some(&body)).await.is(201).id();
            created.push((id, body["email"].clone()));
            created.clone()
        };
        let check = async |t: &Operator, created: &[(i64, Value)]| {
            for (id, email) in created {
                let path = format!("/api/public/Owners/{id}");
                let owner = t.send("GET", &path, None).await.is(200).json();
                assert_eq!(owner["email"], *email);
            }
            let list = t.send("GET", "/api/public/Owners", None).await.is(200).json();
            assert_eq!(list["totalItems"], created.len());
        };

        // PostgreSQL alone: the server brings it up again.
        let all = create(&t).await;
        let before = postmaster(&server);
        kill(before, Signal::SIGKILL).expect("a process");
        eventually("PostgreSQL again", LIMIT, async || {
            // Backends of the old one may answer a little longer.
            let now = postmaster_if_any(&server).filter(|now| *now != before)?;
            kill(now, None).ok()?;
            let answer = t.send("GET", "/api/public/Owners", None).await;
            assert!([200, 503].contains(&answer.status), "{}", answer.text);
            (answer.status == 200).then_some(())
        })
        .await;
        server.ready().await;
        check(&t, &all).await;

        // The server alone.
        let all = create(&t).await;
        let data_dir = server.data_dir.clone();
        server.process.signal(Signal::SIGKILL);
        tokio::task::block_in_place(|| server.process.ended());
        let server = again(&data_dir).await;
        t.move_to(&server);
        check(&t, &all).await;

        // Both at once.
        let all = create(&t).await;
        let postgres = postmaster(&server);
        server.process.signal(Signal::SIGKILL);
        kill(postgres, Signal::SIGKILL).expect("a process");
        tokio::task::block_in_place(|| server.process.ended());
        let server = again(&data_dir).await;
        t.move_to(&server);
        check(&t, &all).await;

        // An orderly stop leaves nothing running.
        let postgres = postmaster(&server);
        assert!(tokio::task::block_in_place(|| server.process.stop()).success());
        assert!(kill(postgres, None).is_err(), "PostgreSQL stops with the server");
    });
}

#[test]
fn a_database_that_is_down_is_told_and_comes_back() {
    run(async {
        let database = Server::own("database", &[]).await;
        let data_dir = database.data_dir.clone();
        let url = database::url(&database);
        let place = scratch("outside");
        let arguments =
            ["--database-url", &url, "--pool-wait", "1s", "--readiness-interval", "100ms"];
        let server = tokio::task::block_in_place(|| Server::start_on(&place, &arguments));
        server.ready().await;
        let mut t = Operator::of(&database).await;
        t.move_to(&server);
        t.send("GET", "/api/public/Owners", None).await.is(200);

        assert!(tokio::task::block_in_place(|| database.process.stop()).success());
        let answer = eventually("503", LIMIT, async || {
            let answer = t.send("GET", "/api/public/Owners", None).await;
            (answer.status != 200).then_some(answer)
        })
        .await;
        answer.problem(503, "unavailable");
        assert!(!answer.header("retry-after").is_empty());
        let body = person();
        let answer = t.send("POST", "/api/public/Owners", Some(&body)).await;
        answer.problem(503, "unavailable");
        let ready = async || {
            let request = http::request("GET", &format!("{}/readyz", server.base));
            http::send(request).await.status
        };
        eventually("not ready", LIMIT, async || (ready().await == 503).then_some(())).await;
        let live = http::request("GET", &format!("{}/livez", server.base));
        http::send(live).await.is(200);

        let database = again(&data_dir).await;
        eventually("ready again", LIMIT, async || (ready().await == 200).then_some(())).await;
        t.send("GET", "/api/public/Owners", None).await.is(200);
        let answer = t.send("POST", "/api/public/Owners", Some(&body)).await;
        answer.is(201);
        assert!(tokio::task::block_in_place(|| server.process.stop()).success());
        assert!(tokio::task::block_in_place(|| database.process.stop()).success());
    });
}

#[test]
fn a_call_in_flight_is_finished_before_the_server_stops() {
    run(async {
        let server = Server::own("drain", &[]).await;
        let t = Operator::of(&server).await;
        let owner = t.send("POST", "/api/public/Owners", Some(&person())).await.is(201).id();
        // Holding the row makes the call wait as long as it takes.
        let mut holder = database::connect(&database::url(&server)).await;
        let lock = holder.transaction().await.expect("a transaction");
        let sql = format!("SELECT id FROM facilities.users WHERE id = {owner} FOR UPDATE");
        lock.query_one(&sql, &[]).await.expect("the row");
        let path = format!("/api/public/Owners/{owner}");
        let body = person();
        let update = t.send("PUT", &path, Some(&body));
        let stop = async {
            let watcher = database::connect(&database::url(&server)).await;
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
            eventually("the call waits", LIMIT, async || {
                let row = watcher.query_one(waiting, &[]).await.expect("activity");
                (row.get::<_, i64>(0) > 0).then_some(())
            })
            .await;
            drop(watcher);
            server.process.signal(Signal::SIGTERM);
            eventually("no new connections", LIMIT, async || {
                tokio::net::TcpStream::connect(server.address()).await.is_err().then_some(())
            })
            .await;
            lock.rollback().await.expect("the row is free");
        };
        let (answer, ()) = futures_util::join!(update, stop);
        assert_eq!(answer.is(200).json()["email"], body["email"]);
        drop(holder);
        assert!(tokio::task::block_in_place(|| server.process.ended()).success());
    });
}
