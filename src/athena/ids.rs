//! Identifiers of queries and requests.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The operating system's randomness, as the standard library offers it: a hash with a random key.
static KEYS: LazyLock<(RandomState, RandomState)> =
    LazyLock::new(|| (RandomState::new(), RandomState::new()));
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A new identifier in the form of a random UUID (version 4), as Athena's are. It names something;
/// it does not protect it.
pub fn new_id() -> String {
    let count = COUNT.fetch_add(1, Relaxed);
    let time = std::time::SystemTime::now();
    let half = |keys: &RandomState| u128::from(keys.hash_one((count, time)));
    let bits = half(&KEYS.0) << 64 | half(&KEYS.1);
    let versioned = bits & !(0xf000 << 64) & !(0xc << 60) | 0x4000 << 64 | 0x8 << 60;
    let hex = format!("{versioned:032x}");
    // 32 ASCII digits: every cut lies between two of them.
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Whether `text` has the form of such an identifier.
pub fn is_id(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| {
            if hyphens.contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert!(is_id(&id), "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
        assert!(!is_id("../../../etc/passwd-aaaaaaaaaaaaaaaa"));
    }
}
