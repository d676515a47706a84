//! Random text from the operating system's generator.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::rand_core::{OsRng, RngCore};

/// `size` random bytes in base64url.
pub(crate) fn text(size: usize) -> String {
    URL_SAFE_NO_PAD.encode(bytes(size))
}

/// `size` random bytes in lower-case hexadecimal.
pub(crate) fn hex(size: usize) -> String {
    steward_kernel::text::hex(&bytes(size))
}

/// A key of 256 random bits.
pub(crate) fn key() -> [u8; 32] {
    let mut key = [0; 32];
    OsRng.fill_bytes(&mut key);
    key
}

/// `size` random bytes.
pub(crate) fn bytes(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    OsRng.fill_bytes(&mut bytes);
    bytes
}
