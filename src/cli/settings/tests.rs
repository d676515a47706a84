//! Where settings come from, and which are refused.

use clap::{CommandFactory, Parser};

use super::*;
use crate::cli::Cli;

/// Parses as `steward config` does, without the environment of the test.
fn resolve(file: &str, arguments: &[&str]) -> Result<Settings, String> {
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    let path = std::env::temp_dir().join(format!("steward-{}-{test}.toml", std::process::id()));
    std::fs::write(&path, file).expect("a file");
    let name = path.to_string_lossy().into_owned();
    let head = ["steward", "config", "--config", &name];
    let cli = Cli::try_parse_from(head.iter().chain(arguments));
    let settings = cli
        .map_err(|error| error.to_string())
        .and_then(|cli| cli.settings().map_err(|failure| failure.to_string()));
    std::fs::remove_file(path).expect("the file");
    settings
}

#[test]
fn flags_overrule_the_file_and_the_file_the_defaults() {
    let file = "pool_size = 3\nrequest_timeout = '2m'\npool_wait = 1\n";
    let settings = resolve(file, &["--pool-size", "5"]).expect("fine");
    assert_eq!(settings.pool_size, 5);
    assert_eq!(settings.request_timeout, Seconds::new(120));
    assert_eq!(settings.pool_wait, Seconds::new(1));
    assert_eq!(settings.audience, "steward");
}

#[test]
fn refuses_what_it_does_not_know() {
    let message = resolve("pool_sise = 3", &[]).expect_err("a typo");
    assert!(message.contains("pool_sise"), "{message}");
    assert!(!message.contains('\n'), "{message}");
    assert!(resolve("pool_size = 'many'", &[]).is_err());
    assert!(resolve("tls_key = 'a.pem'", &[]).is_err());
    assert!(resolve("data_dir = 'a'\ndatabase_url = 'postgres://b/c'", &[]).is_err());
}

#[test]
fn proxies_are_addresses_and_networks() {
    let file = "trusted_proxies = ['10.0.0.0/8', '::1']";
    let shown = |settings: Settings| -> Vec<String> {
        settings.trusted_proxies.iter().map(ToString::to_string).collect()
    };
    assert_eq!(shown(resolve(file, &[]).expect("fine")), ["10.0.0.0/8", "::1/128"]);
    let flag = ["--trusted-proxies", "192.0.2.1,fd00::/8"];
    assert_eq!(shown(resolve(file, &flag).expect("fine")), ["192.0.2.1/32", "fd00::/8"]);
    assert!(shown(resolve("", &[]).expect("fine")).is_empty());
    assert!(resolve("trusted_proxies = ['everybody']", &[]).is_err());
    assert!(resolve("", &["--trusted-proxies", "10.0.0.0/33"]).is_err());
}

#[test]
fn a_chosen_directory_overrules_a_url_in_the_file() {
    let file = "database_url = 'postgres://me:secret@db/steward'";
    assert!(resolve(file, &[]).expect("fine").database_url.is_some());
    assert!(resolve(file, &["--data-dir", "x"]).expect("fine").database_url.is_none());
}

#[test]
fn every_setting_is_flag_variable_and_key() {
    let keys = serde_json::to_value(Settings::default()).expect("settings");
    let keys: Vec<_> = keys.as_object().expect("an object").keys().cloned().collect();
    let mut command = Cli::command();
    command.build();
    let command = command.find_subcommand("config").expect("config");
    let mut flags: Vec<_> = command
        .get_arguments()
        .filter_map(|argument| Some((argument.get_long()?, argument.get_env()?.to_str()?)))
        .filter(|(flag, _)| *flag != "config")
        .map(|(flag, variable)| {
            let key = flag.replace('-', "_");
            assert_eq!(variable, format!("STEWARD_{}", key.to_uppercase()));
            key
        })
        .collect();
    flags.sort();
    assert_eq!(flags, {
        let mut keys = keys;
        keys.sort();
        keys
    });
}

/// A file with a text, for as long as the test runs.
fn file_of(name: &str, text: &str) -> String {
    let path = std::env::temp_dir().join(format!("steward-{}-{name}", std::process::id()));
    std::fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}

#[test]
fn every_secret_can_come_from_a_file() {
    let mut command = Cli::command();
    command.build();
    let command = command.find_subcommand("config").expect("config");
    let secrets: Vec<String> = command
        .get_arguments()
        .filter(|argument| argument.is_hide_env_values_set())
        .filter_map(|argument| Some(argument.get_long()?.replace('-', "_")))
        .collect();
    let mut known = secrets::SECRETS.map(str::to_owned).to_vec();
    known.sort();
    assert_eq!(known, {
        let mut secrets = secrets;
        secrets.sort();
        secrets
    });
    for secret in secrets::SECRETS {
        let path = file_of(secret, "postgres://me:secret@db/a\n");
        let flag = format!("--{}-file", secret.replace('_', "-"));
        let key = ["--files-access-key-id", "a"];
        let key = if secret == "files_secret_access_key" { &key[..] } else { &[] };
        for (file, arguments) in
            [(String::new(), vec![&*flag, &path]), (format!("{secret}_file = '{path}'"), vec![])]
        {
            let settings = resolve(&file, &[&arguments, key].concat()).expect(secret);
            let shown = serde_json::to_value(&settings).expect("settings");
            assert_eq!(shown[secret], "postgres://me:secret@db/a", "{secret}");
        }
        std::fs::remove_file(path).expect("the file");
    }
}

#[test]
fn a_file_of_a_secret_overrules_what_a_secret_does() {
    let path = file_of("overrules", "smtp://chosen");
    let smtp_of = |file: &str, arguments: &[&str]| {
        resolve(file, arguments).map(|settings| settings.smtp_url.expect("a URL"))
    };
    let flags = ["--smtp-url-file", &*path];
    assert_eq!(
        smtp_of("smtp_url = 'smtp://file'", &flags).expect("fine").expose(),
        "smtp://chosen"
    );
    let named = format!("smtp_url_file = '{path}'");
    let flag = ["--smtp-url", "smtp://flag"];
    assert_eq!(smtp_of(&named, &flag).expect("fine").expose(), "smtp://flag");
    let both = format!("{named}\nsmtp_url = 'smtp://file'");
    assert!(smtp_of(&both, &[]).expect_err("both").contains("either"));
    let missing = smtp_of("smtp_url_file = '/nowhere/at/all'", &[]).expect_err("no file");
    assert!(missing.contains("smtp_url_file (/nowhere/at/all)"), "{missing}");
    std::fs::write(&path, "\n").expect("a file");
    assert!(smtp_of(&named, &[]).expect_err("empty").contains("empty"));
    // A directory that is chosen overrules the file of a URL too.
    let url = file_of("url", "postgres://me@db/a");
    let named = format!("database_url_file = '{url}'");
    assert!(resolve(&named, &[]).expect("fine").database_url.is_some());
    assert!(resolve(&named, &["--data-dir", "x"]).expect("fine").database_url.is_none());
    assert!(resolve(&named, &["--data-dir", "x", "--database-url-file", &url]).is_err());
    for path in [path, url] {
        std::fs::remove_file(path).expect("the file");
    }
}

#[test]
fn a_bucket_is_named_whole_or_not_at_all() {
    assert!(resolve("files_url = 's3://files/a'", &[]).is_ok());
    let keys = ["--files-access-key-id", "a", "--files-secret-access-key", "b"];
    let settings = resolve("files_endpoint = 'http://localhost:9000'", &keys).expect("fine");
    assert!(!format!("{settings:?}").contains("\"b\""), "{settings:?}");
    for file in [
        "files_url = 'files'",
        "files_endpoint = 's3.example.com'",
        "files_access_key_id = 'a'",
        "files_secret_access_key = 'b'",
    ] {
        assert!(resolve(file, &[]).is_err(), "{file}");
    }
}
