//! A user.

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Family, Kind, Result, Role, TenantId};
use unicode_normalization::UnicodeNormalization;

use super::password::Hashed;
use crate::identities::Profile;

/// Longest name, in characters.
const LONGEST_NAME: usize = 200;

/// Longest user name, in characters: an e-mail address.
const LONGEST_USERNAME: usize = 254;

/// A person who uses steward for a tenant.
#[derive(Debug, Clone)]
pub struct User {
    /// The tenant the user belongs to.
    pub tenant: TenantId,
    /// The family whose RPCs the tenant uses.
    pub family: Family,
    /// Its id, over all tenants.
    pub id: i64,
    /// What the user signs in with, as it was written.
    pub username: String,
    /// Where mail goes; absent when another issuer signs the user in and does not say it.
    pub email: Option<String>,
    /// What people call the user; may be empty.
    pub name: String,
    /// What the user is to the tenant.
    pub role: Role,
    /// The hash of the password; absent until one is chosen.
    pub(crate) password: Option<Hashed>,
    /// The language the user reads (BCP 47).
    pub locale: Option<String>,
    /// Where a picture of the user is.
    pub picture_url: Option<String>,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// When the user was recorded.
    pub created_at: Timestamp,
    /// When something of this was changed last; signing in changes nothing.
    pub updated_at: Timestamp,
    /// When the user signed in last.
    pub last_login_at: Option<Timestamp>,
    /// Id of what the user is in the family, by the role: a client or a cleaner.
    pub profile: Option<i64>,
}

impl User {
    /// Whether the user has a password to sign in with.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

/// A user to be recorded.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub(super) username: String,
    pub(super) email: Option<String>,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) password: Option<Hashed>,
    pub(super) locale: Option<String>,
    pub(super) picture_url: Option<String>,
}

impl NewUser {
    /// A user with an e-mail, which is the user name as well. Everything else is absent.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for what is no e-mail, and an overlong name.
    pub fn new(email: &str, name: &str, role: Role) -> Result<Self> {
        let mut violations = Violations::below("");
        let email = violations.required_email("email", email.to_owned());
        let name = checked_name(&mut violations, name);
        let user = Self {
            username: email.clone(),
            email: Some(email),
            name,
            role,
            password: None,
            locale: None,
            picture_url: None,
        };
        violations.finish(user)
    }

    /// A user under a user name, of whom no e-mail is known.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for an empty or overlong user name, and an overlong name.
    pub fn without_email(username: &str, name: &str, role: Role) -> Result<Self> {
        let mut violations = Violations::below("");
        let user = Self {
            username: username.to_owned(),
            email: None,
            name: checked_name(&mut violations, name),
            role,
            password: None,
            locale: None,
            picture_url: None,
        };
        violations.finish(user)?.with_username(username)
    }

    /// A user whom another issuer signs in. The user name is the e-mail, if it is known, else the
    /// issuer's name for the person; nobody signs in with it.
    pub(crate) fn of_identity(subject: &str, profile: &Profile, role: Role) -> Self {
        let Profile { email, name, picture_url, locale } = profile.clone();
        Self {
            username: email.clone().unwrap_or_else(|| subject.to_owned()),
            email,
            name: name.unwrap_or_default(),
            role,
            password: None,
            locale,
            picture_url,
        }
    }

    /// The same user under another user name than the e-mail.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for an empty or overlong one.
    pub fn with_username(self, username: &str) -> Result<Self> {
        let mut violations = Violations::below("");
        let username = violations.required_text("username", username.to_owned(), LONGEST_USERNAME);
        violations.finish(Self { username, ..self })
    }

    /// The same user with a password.
    #[must_use]
    pub fn with_password(self, password: Hashed) -> Self {
        Self { password: Some(password), ..self }
    }

    /// The same user with a language (BCP 47).
    #[must_use]
    pub fn with_locale(self, locale: Option<String>) -> Self {
        Self { locale, ..self }
    }
}

fn checked_name(violations: &mut Violations, name: &str) -> String {
    violations.text("name", Some(name.trim().to_owned()), LONGEST_NAME).unwrap_or_default()
}

/// What an issuer says of a user that is not kept yet; nothing when all of it is.
pub(crate) fn news(user: &User, profile: Profile) -> Option<Profile> {
    let Profile { email, name, picture_url, locale } = profile;
    let new = |said: Option<String>, kept: Option<&str>| said.filter(|said| kept != Some(said));
    let news = Profile {
        email: new(email, user.email.as_deref()),
        name: new(name, Some(&user.name)),
        picture_url: new(picture_url, user.picture_url.as_deref()),
        locale: new(locale, user.locale.as_deref()),
    };
    (news != Profile::default()).then_some(news)
}

/// The form in which user names are compared: letter case and ways to write a letter do not
/// matter, accents do.
#[must_use]
pub fn folded_username(username: &str) -> String {
    username.trim().nfkc().flat_map(char::to_lowercase).nfc().collect()
}

/// The error for a user name that another user of the tenant has.
pub(super) fn username_taken() -> Error {
    let message = "A user of this name already exists.";
    Error::new(Kind::AlreadyExists, "USERNAME_TAKEN", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_compared_without_letter_case() {
        for (one, other) in
            [("Ann@Example.com", " ann@example.COM "), ("RENÉ", "rene\u{301}"), ("ﬁn", "FIN")]
        {
            assert_eq!(folded_username(one), folded_username(other), "{one}");
        }
        assert_ne!(folded_username("rene"), folded_username("rené"));
    }

    #[test]
    fn refuses_what_is_no_user() {
        assert!(NewUser::new("ann@example.com", "Ann", Role::Owner).is_ok());
        assert!(NewUser::new("ann", "Ann", Role::Owner).is_err());
        assert!(NewUser::new("", "Ann", Role::Owner).is_err());
        assert!(NewUser::new("ann@example.com", &"a".repeat(201), Role::Owner).is_err());
    }
}
