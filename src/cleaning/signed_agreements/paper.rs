//! What the PDF of a signed agreement says: the text, and a page that tells how it was signed.

use steward_kernel::Result;
use steward_platform::mail::Language;
use steward_typeset::{Block, Content, Document, Face, Paper, Picture, Run, blocks};

use super::model::SignedAgreement;
use super::words::PaperWords;
use crate::agreements::fill::clock;
use crate::tenants::model::Tenant;

/// Largest width and height of a drawn signature, in points.
const SIGNATURE: (f32, f32) = (240.0, 90.0);

/// The document of a signed agreement. Made of what was kept alone, so it is the same whenever it
/// is made.
pub fn document(
    signed: &SignedAgreement,
    company: &Tenant,
    image: Option<&[u8]>,
) -> Result<Document> {
    let words = PaperWords::of(Language::of_tag(&company.locale));
    let mut all = blocks(&signed.body);
    let has_title =
        all.first().is_some_and(|block| matches!(block.content, Content::Heading(1, _)));
    if !has_title {
        let title = vec![Run::plain(signed.agreement_name.as_str())];
        all.insert(0, Block::of(Content::Heading(1, title)));
    }
    all.push(Block::of(Content::PageBreak));
    all.push(Block::of(Content::Heading(1, vec![Run::plain(words.signature)])));
    all.push(match image {
        Some(image) => Block::of(Content::Picture(Picture::png(image)?, SIGNATURE)),
        None => {
            let name = Run { text: signed.signer_name.clone(), face: Face::Italic };
            Block::of(Content::Heading(2, vec![name]))
        }
    });
    all.push(Block::of(Content::Rule));
    let at = clock(signed.signed_at, &company.time_zone, "%Y-%m-%d %H:%M:%S (UTC%:z)")?;
    let method = if image.is_some() { words.drawn } else { words.typed };
    let reference = format!("{} / {}", company.id, signed.id);
    // In two lines that are as long.
    let hash = signed.sha256.split_at_checked(32).map(|(one, two)| format!("{one}\n{two}"));
    let facts = [
        (words.signed_by, Some(signed.signer_name.as_str())),
        (words.email, signed.signer_email.as_deref()),
        (words.method, Some(method)),
        (words.time, Some(at.as_str())),
        (words.address, signed.ip_address.as_deref()),
        (words.program, signed.user_agent.as_deref()),
        (words.company, Some(company.name.as_str())),
        (words.agreement, Some(signed.agreement_name.as_str())),
        (words.revision, Some(&*signed.revision.to_string())),
        (words.reference, Some(reference.as_str())),
        (words.hash, hash.as_deref()),
    ]
    .map(|(name, value)| Some(Block::of(Content::Pair(name.to_owned(), value?.to_owned()))));
    all.extend(facts.into_iter().flatten());
    Ok(Document {
        title: signed.agreement_name.clone(),
        author: company.name.clone(),
        language: company.locale.clone(),
        paper: Paper::of_locale(&company.locale),
        foot: format!("{} \u{b7} {}", company.name, signed.agreement_name),
        numbering: words.numbering.to_owned(),
        blocks: all,
    })
}
