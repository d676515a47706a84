//! Passwords: the rule they follow, and how they are kept.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result};
use tokio::sync::Semaphore;

use super::model::folded_username;

/// Characters of a password, at least and at most.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// What drawn passwords are made of: nothing that is easily mistaken for something else.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The hash of a password nobody has, with the parameters of all others. A user who does not exist
/// costs the same comparison, so that time tells nothing.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
    c3Rld2FyZC1ub2JvZHkhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Each hash takes 19 MiB and a core for some 20 ms: as many run at a time as there are cores, and
/// the others wait, so that many who sign in at once fill no memory.
static RUNNING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// A password that was hashed: Argon2id with the parameters OWASP names, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed(pub(super) String);

/// Keeps hashes out of logs.
impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(..)")
    }
}

/// Passes a password on that its user may have. Refusals name `field`.
///
/// # Errors
/// INVALID_ARGUMENT for one that is too short or long, lacks a letter or a digit, or is the user
/// name.
pub fn checked(field: &str, password: SecretString, username: &str) -> Result<SecretString> {
    let mut violations = Violations::below("");
    let text = password.expose_secret();
    if !LENGTH.contains(&text.chars().count()) {
        violations.rule(field, "A password has between 8 and 128 characters.");
    }
    let has = |test: fn(char) -> bool| text.chars().any(test);
    if !has(char::is_alphabetic) || !has(char::is_numeric) {
        violations.rule(field, "A password has a letter and a digit.");
    }
    if folded_username(text) == folded_username(username) {
        violations.rule(field, "A password is not the user name.");
    }
    violations.finish(password)
}

/// Hashes a password.
///
/// # Errors
/// INTERNAL when that fails.
pub async fn hash(password: &SecretString) -> Result<Hashed> {
    let password = password.clone();
    run(move || {
        let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
        hash.map(|hash| Hashed(hash.to_string())).map_err(Error::internal)
    })
    .await
}

/// Whether a password is the one that was hashed. Takes the same time when nothing was.
///
/// # Errors
/// INTERNAL when that cannot be found out.
pub async fn verify(hashed: Option<&Hashed>, password: &SecretString) -> Result<bool> {
    let known = hashed.is_some();
    let hashed = hashed.map_or_else(|| NOBODY.to_owned(), |hashed| hashed.0.clone());
    let password = password.clone();
    let fits = run(move || {
        let hash = PasswordHash::new(&hashed).map_err(Error::internal)?;
        let password = password.expose_secret().as_bytes();
        Ok(Argon2::default().verify_password(password, &hash).is_ok())
    })
    .await?;
    Ok(fits && known)
}

/// Runs what keeps a core busy where it keeps nobody else waiting.
async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let permit = RUNNING.acquire().await.map_err(Error::internal)?;
    let done = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    drop(permit);
    done
}

/// Draws a password that is easily read and typed: 79 random bits.
#[must_use]
pub fn random() -> SecretString {
    loop {
        let text = drawn();
        // One in 66 lacks a digit, and is drawn again.
        if text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_lowercase())
        {
            return text.into();
        }
    }
}

fn drawn() -> String {
    let mut text = String::with_capacity(19);
    while text.len() < 19 {
        if matches!(text.len(), 4 | 9 | 14) {
            text.push('-');
        }
        // Bytes beyond the last multiple of 31 would make some letters likelier.
        for byte in crate::random::bytes(1).into_iter().filter(|byte| *byte < 248) {
            text.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() -> Result<()> {
        let password = random();
        let hashed = hash(&password).await?;
        assert!(verify(Some(&hashed), &password).await?);
        assert!(!verify(Some(&hashed), &random()).await?);
        assert!(!verify(None, &password).await?);
        assert_ne!(hash(&password).await?, hashed, "salted");
        // Whoever does not exist must cost what the others do.
        let parameters = |text: &str| text.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(&hashed.0), parameters(NOBODY));
        assert!(!format!("{hashed:?}").contains(&hashed.0));
        Ok(())
    }

    #[test]
    fn drawn_passwords_follow_the_rule() {
        for _ in 0..200 {
            let password = random();
            assert_eq!(password.expose_secret().len(), 19);
            assert!(checked("password", password, "ann").is_ok());
        }
    }

    #[test]
    fn refuses_weak_passwords() {
        let refused =
            |password: &str| checked("password", password.to_owned().into(), "Ann2026x").is_err();
        for password in
            ["", "short1", "nodigits", "12345678", "ann2026X", &"a1".repeat(65), "ann2026x "]
        {
            assert!(refused(password), "{password}");
        }
        for password in ["letters1", "ann2026xy", "pässwörd1", &"a1".repeat(64)] {
            assert!(!refused(password), "{password}");
        }
    }
}
