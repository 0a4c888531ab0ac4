//! The bytes of a document to text: UTF-8, UTF-16 by its byte-order mark, and Latin-1 where it is declared.

/// The text. Bytes that fit no encoding become the replacement character.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2).skip(1).filter_map(|pair| pair.try_into().ok().map(read));
        String::from_utf16_lossy(&pairs.collect::<Vec<u16>>())
    };
    match bytes {
        [0xFE, 0xFF, ..] => utf16(u16::from_be_bytes),
        [0xFF, 0xFE, ..] => utf16(u16::from_le_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if declares_latin(bytes) => bytes.iter().map(|byte| char::from(*byte)).collect(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

/// Whether the declaration names ISO 8859-1 or one of its relatives.
fn declares_latin(bytes: &[u8]) -> bool {
    const HEAD: usize = 200;
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes)).to_ascii_lowercase();
    let declaration = head.split("?>").next().unwrap_or_default();
    ["iso-8859-1", "latin1", "windows-1252", "us-ascii"].iter().any(|name| declaration.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_encodings_are_read() {
        assert_eq!(decode("<a>é</a>".as_bytes()), "<a>é</a>");
        let little: Vec<u8> = "\u{feff}<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}<a>é</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little), "<a>é</a>");
        assert_eq!(decode(&big), "<a>é</a>");
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
        assert!(decode(latin).ends_with("<a>é</a>"));
        assert_eq!(decode(b"<a>\xe9</a>"), "<a>\u{fffd}</a>");
    }
}
