//! Mail that the shared server has sent, read from its folder.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Server, Tenant, eventually};

/// A mail, taken apart.
pub struct Mail {
    pub head: String,
    /// The plain form, decoded.
    pub text: String,
    /// The media types of all parts.
    pub parts: Vec<String>,
}

impl Mail {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        let line = self.head.split("\r\n").find_map(|line| line.strip_prefix(&prefix));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }

    /// The path of the one URL that stands on a line of its own, or after `Link: `.
    pub fn path(&self, base: &str) -> String {
        let bare = |line| str::strip_prefix(line, "Link: ").unwrap_or(line);
        let mut urls = self.text.lines().filter_map(|line| bare(line).strip_prefix(base));
        let path = urls.next().unwrap_or_else(|| panic!("no URL: {}", self.text)).to_owned();
        assert_eq!(urls.next(), None, "{}", self.text);
        path
    }
}

/// The mails to an address, oldest first, once there are `count` of them.
pub async fn to(t: &Tenant, address: &str, count: usize) -> Vec<Mail> {
    let folder = Server::shared().await.data_dir.join("outbox");
    let prefix = format!("{}-", t.id);
    let what = format!("{count} mails to {address}");
    eventually(&what, Duration::from_secs(60), async || {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&folder).ok()?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".eml"));
            let Some(number) = number else { continue };
            let mail = parse(&std::fs::read_to_string(entry.path()).expect("a mail"));
            if mail.header("To") == address {
                found.push((number.parse::<i64>().expect("a number"), mail));
            }
        }
        found.sort_by_key(|(number, _)| *number);
        assert!(found.len() <= count, "more than {what}");
        (found.len() == count).then(|| found.into_iter().map(|(_, mail)| mail).collect())
    })
    .await
}

/// The mail in a file of a server's folder, once it is there.
pub async fn file(server: &Server, name: &str) -> Mail {
    let path = server.data_dir.join("outbox").join(name);
    let read = async || std::fs::read_to_string(&path).ok();
    parse(&eventually(name, Duration::from_secs(60), read).await)
}

fn parse(mail: &str) -> Mail {
    let (head, body) = mail.split_once("\r\n\r\n").expect("a body");
    let head = head.replace("\r\n ", " ");
    let types = mail.lines().filter_map(|line| line.strip_prefix("Content-Type: "));
    let parts = types.map(|kind| kind.split(';').next().unwrap_or(kind).to_owned()).collect();
    // The first part is the plain form, within as many others as there are.
    let (mut part_head, mut content) = (head.as_str(), body);
    while let Some((_, boundary)) = part_head.split_once("boundary=\"") {
        let boundary = boundary.split('"').next().expect("a boundary");
        let part = content.split(&format!("--{boundary}")).nth(1).expect("a first part");
        (part_head, content) = part.split_once("\r\n\r\n").expect("a part");
    }
    assert!(part_head.contains("text/plain"), "{part_head}");
    let encoding = part_head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Transfer-Encoding: "))
        .unwrap_or("7bit");
    let bytes = match encoding.trim() {
        "quoted-printable" => unquote(content),
        "base64" => STANDARD.decode(content.replace("\r\n", "")).expect("base64"),
        "7bit" => content.as_bytes().to_vec(),
        other => panic!("{other}"),
    };
    let text = String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n");
    Mail { head, text, parts }
}

/// Quoted-printable (RFC 2045) as bytes.
fn unquote(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        if *first == b'=' {
            let digits = std::str::from_utf8(&more[..2]).expect("digits");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    bytes
}
