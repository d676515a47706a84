//! Signed agreements between proto and model.

use steward_kernel::Result;
use steward_kernel::page::{Page, PageRequest};
use steward_kernel::validate::Violations;
use steward_typeset::Picture;

use super::actions::Answer;
use super::model::{SignatureInput, SignedAgreement};
use crate::pb;
use crate::wire::{array, timestamp, whole};

/// Largest drawn signature, in bytes.
const LARGEST_IMAGE: usize = 200_000;

/// Reads what somebody signs with.
pub fn input(request: pb::SignAgreementRequest) -> Result<SignatureInput> {
    let pb::SignAgreementRequest {
        agreement_id,
        key,
        signer_name,
        signature_image,
        client_cleaner_request_id,
        accepted,
        sha256,
    } = request;
    let mut violations = Violations::below("");
    let agreement_id = violations.required_id("agreement_id", agreement_id);
    if !accepted {
        violations.required("accepted");
    }
    let image = signature_image.filter(|image| !image.is_empty());
    if let Some(image) = &image {
        if image.len() > LARGEST_IMAGE {
            violations.named("signature_image", "TOO_LONG", "The image is larger than 200 kB.");
        } else if Picture::png(image).is_err() {
            let message = "The image is no PNG of at most four million points.";
            violations.format("signature_image", message);
        }
    }
    let input = SignatureInput {
        agreement_id,
        key,
        signer_name: violations.required_tidy("signer_name", signer_name, 120),
        image,
        assignment: client_cleaner_request_id,
        sha256: violations.tidy("sha256", sha256, 64),
    };
    violations.finish(input)
}

/// Reads which page of a list is asked for.
pub fn page(number: Option<i32>, size: Option<i32>) -> Result<PageRequest> {
    let mut violations = Violations::below("");
    let query = whole(&mut violations, number, size, &[]);
    violations.finish(query.page)
}

/// Writes a signed agreement.
pub fn signed(answer: Answer) -> pb::SignedAgreement {
    let Answer { signed, image, pdf_url } = answer;
    let SignedAgreement {
        id,
        agreement_id,
        agreement_name,
        revision,
        user_id,
        assignment,
        signer_name,
        signer_email,
        is_drawn,
        signed_at,
        ip_address,
        user_agent,
        body,
        sha256,
        file_id: _,
        created_at,
        updated_at,
        version,
    } = signed;
    pb::SignedAgreement {
        id,
        agreement_id,
        agreement_name,
        revision,
        user_id,
        client_cleaner_request_id: assignment,
        signer_name,
        signer_email,
        signature_kind: if is_drawn { "drawn" } else { "typed" }.to_owned(),
        signature_image: image,
        signed_at: Some(timestamp(signed_at)),
        ip_address,
        user_agent,
        body,
        sha256,
        pdf_url,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes signed agreements.
pub fn list(page: Page<Answer>) -> pb::ListSignedAgreementsResponse {
    let (items, total_count, page_number, page_size) = array(page, signed);
    pb::ListSignedAgreementsResponse { items, total_count, page_number, page_size }
}
