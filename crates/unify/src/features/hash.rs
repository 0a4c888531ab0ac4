//! A fast 64-bit hash of bytes. Nothing trusts it: equal hashes are followed by a comparison of the bytes, and work
//! on texts with equal hashes grows no faster than sorting them.

const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
const MIX: u64 = 0xD1B5_4A32_D192_ED03;

/// The hash of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut state = fold(bytes.len() as u64 ^ MIX, ODD);
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), MIX);
    }
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    fold(state ^ u64::from_le_bytes(last), ODD)
}

/// Both halves of a product, which depend on all bits of both factors.
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_little_have_different_hashes() {
        let texts: Vec<String> = (0..20_000).map(|n| format!("customer-{n}@example.com")).collect();
        let mut hashes: Vec<u64> = texts.iter().map(|text| hash(text.as_bytes())).collect();
        hashes.extend([hash(b""), hash(b"\0"), hash(b"\0\0"), hash(b"12345678"), hash(b"12345678\0")]);
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 20_005);
    }
}
