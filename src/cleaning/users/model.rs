//! A person as the family knows them: what the platform knows, and the parts of the name.

use steward_platform::users::User;

/// What the family keeps of a user beside what the platform does.
#[derive(Debug, Clone)]
pub struct Details {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Telephone number, E.164.
    pub phone: Option<String>,
}

impl Details {
    /// Those of a user of whom only a whole name is known: the last word is the last name.
    pub fn of_name(name: &str) -> Self {
        let (first, last) = name.trim().rsplit_once(' ').unwrap_or((name.trim(), ""));
        Self { first_name: first.trim().to_owned(), last_name: last.to_owned(), phone: None }
    }
}

impl Details {
    /// First and last name.
    pub fn whole_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone)]
pub struct Person {
    /// What the platform knows.
    pub user: User,
    /// What the family knows.
    pub details: Details,
}

impl Person {
    /// What the person is called in full; what they sign in with where no name is known.
    pub fn full_name(&self) -> String {
        match self.details.whole_name() {
            name if name.is_empty() => self.user.username.clone(),
            name => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_last_name() {
        for (name, first, last) in [
            ("Ann Lee", "Ann", "Lee"),
            ("Mary Ann  Lee ", "Mary Ann", "Lee"),
            ("Ann", "Ann", ""),
            ("", "", ""),
        ] {
            let Details { first_name, last_name, .. } = Details::of_name(name);
            assert_eq!((&*first_name, &*last_name), (first, last), "{name}");
        }
    }
}
