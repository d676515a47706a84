//! The commands: what they print, and how they fail.

use serde_json::Value;

use crate::support::process::{self, Output};
use crate::support::{Server, run, server, unique};

fn json(output: &Output) -> Value {
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(output.stdout.lines().count(), 1, "one line: {}", output.stdout);
    serde_json::from_str(&output.stdout).expect("JSON")
}

/// The one line that a failed command writes.
fn refusal(output: &Output) -> &str {
    assert_ne!(output.code, Some(0), "{}", output.stdout);
    assert!(output.code.is_some(), "it was not killed");
    assert_eq!(output.stdout, "", "nothing is printed");
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    let line = output.stderr.trim_end();
    assert!(line.starts_with("steward: "), "{line}");
    line
}

#[test]
fn tenants_and_clients_are_made_beside_a_running_server() {
    run(async {
        let server = Server::shared().await;
        let name = unique("Tenant \"quoted\" ");
        let tenant = json(&server.command(&["tenant", "create", "--name", &name]));
        assert_eq!(tenant["name"], name);
        let id = tenant["id"].as_i64().expect("an id").to_string();
        let client = json(&server.command(&["client", "create", "--tenant", &id, "--name", "App"]));
        let client_id = client["client_id"].as_str().expect("an id");
        let secret = client["client_secret"].as_str().expect("a secret");
        assert!(secret.len() >= 43, "256 bits");
        let listed = server.command(&["client", "list", "--tenant", &id]);
        assert!(!listed.stdout.contains(secret), "secrets are shown once");
        let listed = json(&listed);
        assert_eq!((&listed["client_id"], &listed["disabled"]), (&client_id.into(), &false.into()));
        let rotated = json(&server.command(&["client", "rotate-secret", "--client", client_id]));
        assert_ne!(rotated["client_secret"], secret);
        json(&server.command(&["client", "disable", "--client", client_id]));
        assert_eq!(json(&server.command(&["client", "list", "--tenant", &id]))["disabled"], true);
        let tenants = server.command(&["tenant", "list"]);
        assert!(tenants.stdout.lines().any(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["id"] == tenant["id"]
        }));
        assert!(json(&server.command(&["migrate"]))["applied"].is_array());
        let url = server.command(&["database-url"]);
        assert!(url.stdout.starts_with("postgres"), "{}", url.stdout);
    });
}

#[test]
fn failures_are_one_line() {
    run(async {
        let server = Server::shared().await;
        for arguments in [
            &["tenant", "create", "--name", " "][..],
            &["client", "create", "--tenant", "987654321", "--name", "N"],
            &["client", "rotate-secret", "--client", "nobody"],
            &["client", "disable", "--client", "nobody"],
        ] {
            let output = server.command(arguments);
            assert_eq!(output.code, Some(1), "{arguments:?}");
            refusal(&output);
        }
        let directory = server.data_dir.to_str().expect("UTF-8");
        // A second server would work on the same files.
        let second = ["serve", "--listen", "127.0.0.1:0", "--data-dir", directory];
        let output = tokio::task::block_in_place(|| process::run(&second));
        assert_eq!(output.code, Some(1));
        assert!(refusal(&output).contains(directory), "{}", output.stderr);
        let taken = ["serve", "--listen", server.address(), "--data-dir", "/nonexistent/steward"];
        let output = tokio::task::block_in_place(|| process::run(&taken));
        assert!(refusal(&output).contains(server.address()), "{}", output.stderr);
    });
}

#[test]
fn a_command_line_that_cannot_be_read_is_refused_with_2() {
    for arguments in [
        &["nonsense"][..],
        &["serve", "--nonsense"],
        &["serve", "--listen", "nowhere"],
        &["tenant", "create"],
        &["client", "create", "--tenant", "x", "--name", "N"],
        &["config", "--pool-wait", "soon"],
    ] {
        let output = process::run(arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}");
        refusal(&output);
    }
    for arguments in [
        &["config", "--config", "/nonexistent.toml"][..],
        &["config", "--tls-key", "a.pem", "--tls-certificate", "b.pem", "--pool-size", "0"],
        &["config", "--data-dir", "d", "--database-url", "postgres://localhost/x"],
        &["openapi", "--family", "nonsense"],
        &["migrate", "--database-url", "postgres://nobody@127.0.0.1:1/none"],
    ] {
        let output = process::run(arguments);
        assert_eq!(output.code, Some(1), "{arguments:?}: {output:?}");
        refusal(&output);
    }
}

#[test]
fn the_configuration_is_shown_without_secrets() {
    let url = "postgres://user:hunter2-secret@db.example:5432/steward";
    let output = process::steward()
        .arg("config")
        .env("STEWARD_DATABASE_URL", url)
        .env("STEWARD_POOL_SIZE", "7")
        .output()
        .expect("the program");
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["pool_size"], 7);
    assert!(shown["database_url"].as_str().expect("text").contains("db.example"));
    // A flag goes before the environment, and that before the file.
    let file = server::scratch("settings").with_extension("toml");
    std::fs::write(&file, "pool_size = 3\naudience = 'file'\n").expect("a file");
    let output = process::steward()
        .args(["config", "--config", file.to_str().expect("UTF-8"), "--listen", "127.0.0.1:9"])
        .env("STEWARD_POOL_SIZE", "7")
        .env("STEWARD_LISTEN", "127.0.0.1:8")
        .output()
        .expect("the program");
    std::fs::remove_file(file).expect("the file");
    let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&shown["pool_size"], &shown["audience"]), (&7.into(), &"file".into()));
    assert_eq!(shown["listen"], "127.0.0.1:9");
}

#[test]
fn the_documentation_of_a_family_is_printed() {
    let output = process::run(&["openapi", "--family", "facilities"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let document: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    assert!(document["paths"]["/api/public/Owners"]["post"].is_object());
    let help = process::run(&["--help"]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("serve"));
}
