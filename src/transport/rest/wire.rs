//! The protobuf wire format: varints, tags and length prefixes.

/// Wire types in use.
pub(crate) const VARINT: u8 = 0;
pub(crate) const FIXED64: u8 = 1;
pub(crate) const LENGTH: u8 = 2;
pub(crate) const FIXED32: u8 = 5;

/// Appends a varint.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a tag.
#[inline]
pub(crate) fn put_tag(out: &mut Vec<u8>, number: u32, wire_type: u8) {
    put_varint(out, (u64::from(number) << 3) | u64::from(wire_type));
}

/// Appends a length-delimited value.
#[inline]
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a field as it was read.
pub(crate) fn put_raw(out: &mut Vec<u8>, number: u32, value: Raw<'_>) {
    match value {
        Raw::Varint(value) => {
            put_tag(out, number, VARINT);
            put_varint(out, value);
        }
        Raw::Fixed64(value) => {
            put_tag(out, number, FIXED64);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Raw::Fixed32(value) => {
            put_tag(out, number, FIXED32);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Raw::Bytes(bytes) => {
            put_tag(out, number, LENGTH);
            put_bytes(out, bytes);
        }
    }
}

/// Opens a length-delimited value whose length is not known yet; [`close`] takes the answer.
#[inline]
pub(crate) fn open(out: &mut Vec<u8>) -> usize {
    out.push(0);
    out.len()
}

/// Sets the length of the value that starts at `start`. Most are below 128 bytes and have
/// their one length byte waiting; longer ones are moved.
#[inline]
pub(crate) fn close(out: &mut Vec<u8>, start: usize) {
    let length = out.len() - start;
    if length < 0x80 {
        out[start - 1] = length as u8;
        return;
    }
    let mut prefix = [0_u8; 10];
    let mut size = 0;
    let mut rest = length;
    while rest >= 0x80 {
        prefix[size] = (rest & 0x7f) as u8 | 0x80;
        rest >>= 7;
        size += 1;
    }
    prefix[size] = rest as u8;
    size += 1;
    out.resize(out.len() + size - 1, 0);
    out.copy_within(start..start + length, start + size - 1);
    out[start - 1..start - 1 + size].copy_from_slice(&prefix[..size]);
}

/// Bytes that are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A value of a field as it lies on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Raw<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// Reads fields one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(Malformed)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).ok_or(Malformed)?;
        let bytes = self.bytes.get(self.at..end).ok_or(Malformed)?;
        self.at = end;
        Ok(bytes)
    }

    pub(crate) fn fixed64(&mut self) -> Result<u64, Malformed> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().map_err(|_| Malformed)?))
    }

    pub(crate) fn fixed32(&mut self) -> Result<u32, Malformed> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| Malformed)?))
    }

    /// The next field: its number and value.
    #[inline]
    pub(crate) fn field(&mut self) -> Result<(u32, Raw<'a>), Malformed> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Malformed)?;
        let value = match (tag & 7) as u8 {
            VARINT => Raw::Varint(self.varint()?),
            FIXED64 => Raw::Fixed64(self.fixed64()?),
            FIXED32 => Raw::Fixed32(self.fixed32()?),
            LENGTH => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Raw::Bytes(self.take(length)?)
            }
            _ => return Err(Malformed),
        };
        Ok((number, value))
    }
}

/// The last value of an integer field, 0 without one.
pub(crate) fn integer(message: &[u8], number: u32) -> u64 {
    let mut found = 0;
    let mut cursor = Cursor::new(message);
    while !cursor.is_at_end() {
        match cursor.field() {
            Ok((field, Raw::Varint(value))) if field == number => found = value,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}

/// The last value of a string field.
pub(crate) fn text(message: &[u8], number: u32) -> Option<&str> {
    std::str::from_utf8(bytes(message, number)?).ok()
}

/// The last value of a field that is written with its length.
pub(crate) fn bytes(message: &[u8], number: u32) -> Option<&[u8]> {
    let mut found = None;
    let mut cursor = Cursor::new(message);
    while !cursor.is_at_end() {
        match cursor.field() {
            Ok((field, Raw::Bytes(value))) if field == number => found = Some(value),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_any_size_are_set() {
        for length in [0, 1, 127, 128, 16_383, 16_384, 100_000] {
            let mut out = vec![7];
            let start = open(&mut out);
            out.extend((0..length).map(|index| index as u8));
            close(&mut out, start);
            let mut cursor = Cursor { bytes: &out, at: 1 };
            assert_eq!(cursor.varint(), Ok(length as u64));
            let body = cursor.take(length).expect("the whole body");
            assert!(body.iter().enumerate().all(|(index, byte)| *byte == index as u8));
            assert!(cursor.is_at_end());
        }
    }
}
