//! An agreement that somebody has signed.

use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind};

/// What somebody signs with.
#[derive(Debug)]
pub struct SignatureInput {
    /// Id of the agreement.
    pub agreement_id: i64,
    /// The key of the link from the mail; empty without one.
    pub key: String,
    /// The name, as they type it.
    pub signer_name: String,
    /// The signature as it was drawn, a PNG.
    pub image: Option<Vec<u8>>,
    /// The assignment it is about.
    pub assignment: Option<i64>,
    /// SHA-256 of the text that was read, in hexadecimal digits.
    pub sha256: Option<String>,
}

/// An agreement that somebody has signed. All but the PDF stays as it was.
#[derive(Debug, Clone)]
pub struct SignedAgreement {
    /// Its id.
    pub id: i64,
    /// Id of the agreement.
    pub agreement_id: i64,
    /// The name the agreement had.
    pub agreement_name: String,
    /// The revision that was signed.
    pub revision: i32,
    /// Id of the user who signed.
    pub user_id: i64,
    /// The assignment it is about.
    pub assignment: Option<i64>,
    /// The name that was signed with.
    pub signer_name: String,
    /// The signer's e-mail address at that time.
    pub signer_email: Option<String>,
    /// Whether the signature was drawn.
    pub is_drawn: bool,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The network address it was signed from.
    pub ip_address: Option<String>,
    /// What the signer's program calls itself.
    pub user_agent: Option<String>,
    /// The text as it was shown.
    pub body: String,
    /// SHA-256 of the text, in hexadecimal digits.
    pub sha256: String,
    /// The file of the PDF, once it is made.
    pub file_id: Option<i64>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

impl SignedAgreement {
    /// What its PDF is called.
    pub fn filename(&self) -> String {
        let name: String = self.agreement_name.chars().filter(|c| !"/\\\"".contains(*c)).collect();
        format!("{} {}.pdf", name.trim(), self.id)
    }
}

/// The error for somebody who has signed before.
pub fn already_signed() -> Error {
    let message = "This revision of the agreement is signed.";
    Error::new(Kind::AlreadyExists, "ALREADY_SIGNED", message)
}
