//! Values as attackers' tools write them: Base64, UTF-16, and a dash for every dash.

/// Characters that introduce a flag of a Windows command.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let known = digit <= chunk.len();
            let index = (bits >> (18 - 6 * digit)) as usize % 64;
            text.push(if known { char::from(DIGITS[index]) } else { '=' });
        }
    }
    text
}

/// What of `bytes` is sure to stand in the Base64 of a text that holds them, for each of the three
/// places where they may begin.
pub fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    [0, 1, 2].map(|shift| {
        let padded = [&b"  "[..shift], bytes].concat();
        let text = base64(&padded);
        // Digits that also hold bits of what stands before, or after.
        let start = [0, 2, 3][shift];
        let end = text.len() - [0, 3, 2][padded.len() % 3];
        text.get(start..end).unwrap_or_default().to_owned()
    })
}

/// UTF-16, `little` end first or big.
pub fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

/// `text` with every combination of dashes where it has one before a word; `None` if there are
/// too many to be meant.
pub fn windash(text: &str) -> Option<Vec<String>> {
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    let mut variants = vec![String::new()];
    let (mut before, mut rest) = (None, text.chars().peekable());
    while let Some(c) = rest.next() {
        let flag = DASHES.contains(&c) && !before.as_ref().is_some_and(word) && rest.peek().is_some_and(word);
        let choices = if flag { DASHES.as_slice() } else { std::slice::from_ref(&c) };
        let longer = |variant: &String| choices.iter().map(|choice| format!("{variant}{choice}")).collect();
        variants = variants.iter().flat_map::<Vec<_>, _>(longer).collect();
        if variants.len() > 1000 {
            return None;
        }
        before = Some(c);
    }
    Some(variants)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_and_offsets_do_not() {
        for (text, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        for text in ["f", "foobar", "http://", "é"] {
            let offsets = base64_offsets(text.as_bytes());
            for (shift, offset) in offsets.iter().enumerate() {
                for after in ["", "y", "zz", "123"] {
                    let whole = base64(format!("{}{text}{after}", &"xyz"[..shift]).as_bytes());
                    assert!(whole.contains(offset), "{whole} has no {offset}");
                }
            }
        }
    }

    #[test]
    fn utf16_both_ways() {
        assert_eq!(utf16("aé", true), [b'a', 0, 0xe9, 0]);
        assert_eq!(utf16("aé", false), [0, b'a', 0, 0xe9]);
    }

    #[test]
    fn dashes_of_flags_only() {
        assert_eq!(windash("a-b").unwrap(), ["a-b"]);
        let variants = windash("x -enc-y").unwrap();
        assert_eq!(variants.len(), 5);
        assert!(variants.contains(&"x /enc-y".to_owned()) && variants.contains(&"x -enc-y".to_owned()));
        assert_eq!(windash("-a /b").unwrap().len(), 25);
        assert_eq!(windash("-a -a -a -a -a"), None);
    }
}
