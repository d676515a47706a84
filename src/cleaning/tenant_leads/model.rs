//! A company that would like to be a tenant.

use sha2::{Digest, Sha256};
use steward_kernel::time::Timestamp;

/// What somebody asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenantLead {
    /// Name of who asks.
    pub name: String,
    /// E-mail address to answer to, in lower case.
    pub email: String,
    /// Name of the company.
    pub company: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// What the company would like.
    pub message: Option<String>,
}

impl NewTenantLead {
    /// The same for the same words.
    pub(super) fn digest(&self) -> [u8; 32] {
        let Self { name, email, company, phone, message } = self;
        let mut hash = Sha256::new();
        for text in [Some(name), Some(email), company.as_ref(), phone.as_ref(), message.as_ref()] {
            // No text holds this byte, so where one ends is never in doubt.
            hash.update(text.map_or("", String::as_str));
            hash.update([0xff]);
        }
        hash.finalize().into()
    }
}

/// A lead that was kept.
#[derive(Debug, Clone)]
pub struct TenantLead {
    /// Its id.
    pub id: i64,
    /// What was asked.
    pub asked: NewTenantLead,
    /// When.
    pub created_at: Timestamp,
    /// When the operator was mailed of it.
    pub mailed_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::NewTenantLead;

    #[test]
    fn a_word_in_another_place_is_another_lead() {
        let lead = NewTenantLead {
            name: "Ann".to_owned(),
            email: "ann@example.com".to_owned(),
            company: Some("Bright".to_owned()),
            phone: None,
            message: None,
        };
        assert_eq!(lead.digest(), lead.clone().digest());
        let moved = NewTenantLead { company: None, message: lead.company.clone(), ..lead.clone() };
        assert_ne!(lead.digest(), moved.digest());
    }
}
