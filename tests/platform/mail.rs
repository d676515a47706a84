//! Mail: files by default, SMTP by configuration, in four languages.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::jobs::{command, file, new_tenant, write_mail};
use crate::support::server::scratch;
use crate::support::{Server, database, run};

/// A real mail server (aiosmtpd), and what it takes.
struct MailServer {
    child: Child,
    port: u16,
    mails: std::io::Lines<BufReader<std::process::ChildStdout>>,
    certificate: PathBuf,
}

impl MailServer {
    fn start(name: &str, mode: &str) -> Self {
        let folder = scratch(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let issued = issued.expect("a certificate");
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, issued.cert.pem()).expect("a file");
        std::fs::write(&key, issued.signing_key.serialize_pem()).expect("a file");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".cache/python/bin/python");
        assert!(python.exists(), "run scripts/setup.sh test, which installs the mail server");
        let mut child = Command::new(python)
            .arg(root.join("tests/tools/smtp_server.py"))
            .args([&certificate, &key])
            .arg(mode)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python");
        let mut mails = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = mails.next().expect("a port").expect("a line").parse().expect("a port");
        Self { child, port, mails, certificate }
    }

    fn mail(&mut self) -> Value {
        let line = tokio::task::block_in_place(|| self.mails.next());
        serde_json::from_str(&line.expect("a mail").expect("a line")).expect("JSON")
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A header of a mail, unfolded.
fn header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next()?.replace("\r\n ", " ");
    let prefix = format!("{name}: ");
    head.split("\r\n").find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
}

#[test]
fn mail_goes_into_a_folder_by_default() {
    run(async {
        let server = Server::own("mail-folder", &["--mail-from", "House <us@house.example>"]).await;
        let tenant = new_tenant(&server);
        let id = write_mail(&server, &tenant, "reader@example.com");
        let path = server.data_dir.join(format!("outbox/{tenant}-{id}.eml"));
        let mail = file(&path).await;
        let of = |name| header(&mail, name).unwrap_or_else(|| panic!("no {name}: {mail}"));
        assert_eq!(of("To"), "reader@example.com");
        // The name of the business before the system's address.
        assert_eq!(of("From"), "Jobs <us@house.example>");
        assert_eq!(of("Subject"), "Mail from steward works");
        assert_eq!(of("Message-ID"), format!("<mail.{tenant}.{id}@house.example>"));
        assert_eq!(of("Auto-Submitted"), "auto-generated");
        assert!(of("Content-Type").starts_with("multipart/alternative"));
        assert!(!of("Date").is_empty());
        // Nobody subscribed to this, so nobody can unsubscribe.
        assert_eq!(header(&mail, "List-Unsubscribe"), None);
        assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");

        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");

        // What was sent is known, and what it said forgotten.
        let client = database::connect(&database::url(&server)).await;
        let sql = "SELECT count(*) FROM platform.mails WHERE sent_at IS NOT NULL AND body IS NULL";
        crate::support::eventually("noted", std::time::Duration::from_secs(30), async || {
            let row = client.query_one(sql, &[]).await.expect("a row");
            (row.get::<_, i64>(0) == 1).then_some(())
        })
        .await;

        for (language, subject) in [
            ("nl", "E-mail van steward werkt"),
            ("pt-PT", "O correio do steward funciona"),
            ("es-MX", "El correo de steward funciona"),
        ] {
            let words = ["mail", "test", "--tenant", &tenant, "--to", "a@example.com"];
            let words = [&words[..], &["--language", language]].concat();
            let id = command(&server, &words)[0]["id"].to_string();
            let path = server.data_dir.join(format!("outbox/{tenant}-{id}.eml"));
            let mail = file(&path).await;
            assert_eq!(header(&mail, "Subject").as_deref(), Some(subject));
        }
        let refused = server.command(&["mail", "test", "--tenant", &tenant, "--to", "nobody"]);
        assert_eq!(refused.code, Some(1));
        assert!(server.process.stop().success());
    });
}

#[test]
fn mail_goes_out_by_smtp_with_tls_and_login() {
    run(async {
        for (mode, scheme, query) in
            [("starttls", "smtp", "?tls=required"), ("implicit", "smtps", "")]
        {
            let mut mails = MailServer::start(&format!("smtp-{mode}"), mode);
            let url = format!("{scheme}://user:hunter2@localhost:{}{query}", mails.port);
            let ca = mails.certificate.to_str().expect("a path in UTF-8").to_owned();
            let flags = ["--smtp-url", &url, "--smtp-ca", &ca];
            let server = Server::own(&format!("mail-{mode}"), &flags).await;
            let tenant = new_tenant(&server);
            let id = write_mail(&server, &tenant, "reader@example.com");
            let mail = mails.mail();
            assert_eq!(mail["to"], serde_json::json!(["reader@example.com"]));
            assert_eq!(mail["from"], "noreply@localhost");
            assert_eq!(mail["tls"], true);
            assert_eq!(mail["authenticated"], true);
            let content = mail["content"].as_str().expect("text");
            let message_id = format!("<mail.{tenant}.{id}@localhost>");
            assert_eq!(header(content, "Message-ID"), Some(message_id));

            // The login is nowhere to be seen.
            let config = server.command(&["config", "--smtp-url", &url]).stdout;
            assert!(config.contains("user:***@localhost"), "{config}");
            assert!(!server.process.logged().contains("hunter2"));
            assert!(server.process.stop().success());
        }
    });
}

#[test]
fn mail_waits_for_a_server_that_refuses_the_login_or_is_not_trusted() {
    run(async {
        let mails = MailServer::start("smtp-refusing", "starttls");
        let ca = mails.certificate.to_str().expect("a path in UTF-8").to_owned();
        let port = mails.port;
        let wrong = format!("smtp://user:wrong@localhost:{port}?tls=required");
        let right = format!("smtp://user:hunter2@localhost:{port}?tls=required");
        let cases: [&[&str]; 2] =
            [&["--smtp-url", &wrong, "--smtp-ca", &ca], &["--smtp-url", &right]];
        for (n, flags) in cases.into_iter().enumerate() {
            let server = Server::own(&format!("mail-refused-{n}"), flags).await;
            let tenant = new_tenant(&server);
            write_mail(&server, &tenant, "reader@example.com");
            let limit = std::time::Duration::from_secs(30);
            crate::support::eventually("a failed attempt", limit, async || {
                let jobs = command(&server, &["jobs", "list", "--kind", "mail.send"]);
                let job = jobs.into_iter().next()?;
                assert_ne!(job["state"], "dead", "{job}");
                (job["state"] == "queued" && job["attempts"] == 1).then_some(())
            })
            .await;
            assert!(server.process.stop().success());
        }
    });
}
