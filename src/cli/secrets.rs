//! Settings that are secrets, and may therefore be the content of a file.

use std::path::Path;

use config::Config;

use super::failure::Failure;

/// The secrets among the settings. Each can be given as the file that holds it, by a setting of
/// its name with `_file` behind it: that is how orchestrators hand secrets out.
pub const SECRETS: [&str; 3] = ["database_url", "files_secret_access_key", "smtp_url"];

/// Puts the content of the files that `source` names in the place of the secrets.
///
/// # Errors
/// When a file cannot be read or is empty, and when a secret is given beside its file.
pub fn read(source: Config) -> Result<Config, Failure> {
    let mut read = Config::builder();
    for secret in SECRETS {
        let Ok(path) = source.get_string(&format!("{secret}_file")) else { continue };
        if source.get_string(secret).is_ok() {
            return Err(Failure::new(format!("Give either {secret} or {secret}_file, not both.")));
        }
        let subject = |error| Failure::during(&format!("{secret}_file ({path})"), &error);
        let text = std::fs::read_to_string(Path::new(&path)).map_err(subject)?;
        // Whoever writes a file with an editor ends it with a line break.
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Failure::new(format!("{secret}_file ({path}) is empty.")));
        }
        read = read
            .set_override(secret, text)
            .map_err(|error| Failure::during(&format!("{secret}_file ({path})"), &error))?;
    }
    read.add_source(source).build().map_err(|error| Failure::during("Configuration", &error))
}
