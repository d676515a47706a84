//! Uploads between proto and model.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use steward_kernel::Result;
use steward_kernel::validate::Violations;
use steward_platform::files::{Announced, LARGEST, Upload};

use crate::pb;
use crate::wire::timestamp;

/// Bytes of an MD5.
const MD5: usize = 16;

/// Reads a file that is announced, and its checksum.
pub fn announced(message: Option<pb::UploadUrl>) -> Result<(Announced, Option<String>)> {
    let mut violations = Violations::below("upload_url");
    let message = violations.required_message(message);
    let checksum = violations.tidy("checksum", message.checksum, 24);
    let is_md5 = |text: &String| STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == MD5);
    if checksum.as_ref().is_some_and(|text| !is_md5(text)) {
        violations.format("checksum", "Checksum is not an MD5 in base64.");
    }
    let content_type = violations.required_tidy("content_type", Some(message.content_type), 200);
    let file = Announced {
        filename: violations.required_tidy("filename", Some(message.filename), 255),
        content_type,
        byte_size: message.byte_size,
    };
    violations.finish((file, checksum))
}

/// Writes where a file is to be put.
pub fn upload(file: Announced, checksum: Option<String>, upload: Upload) -> pb::UploadUrl {
    let Announced { filename, content_type, byte_size } = file;
    let Upload { signed_id, url, headers, expires_at } = upload;
    let mut sent: Map<String, Value> =
        headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    if let Some(checksum) = &checksum {
        sent.insert("content-md5".to_owned(), checksum.as_str().into());
    }
    pb::UploadUrl {
        id: signed_id.clone(),
        filename,
        content_type,
        byte_size,
        checksum,
        signed_id,
        method: "PUT".to_owned(),
        url,
        headers: Value::Object(sent).to_string(),
        expires_at: Some(timestamp(expires_at)),
        max_bytes: LARGEST,
    }
}
