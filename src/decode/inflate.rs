//! Gunzip: whole objects at libdeflate's speed.
//!
//! libdeflate wants all input and enough room for all output at once. The size in a gzip trailer
//! is only a hint (it wraps at 4 GiB, covers the last member alone, and can be forged), so it
//! sizes the first attempt and nothing more. What does not fit a bounded buffer, and whatever
//! libdeflate refuses, is left to the streaming reader, which also names the fault.

use std::ffi::c_void;
use std::ptr::NonNull;

use libdeflate_sys as sys;

/// The two bytes every gzip member begins with.
pub const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A reusable libdeflate decompressor.
pub struct Inflater(NonNull<sys::libdeflate_decompressor>);

// SAFETY: libdeflate keeps no thread-local state; a decompressor may move between threads.
unsafe impl Send for Inflater {}

/// Why an object was not inflated in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWhole {
    /// The content is larger than the limit.
    TooLarge,
    /// Not a sequence of whole, valid gzip members.
    Invalid,
}

enum Member {
    Done { read: usize, written: usize },
    NoRoom,
    Invalid,
}

impl Inflater {
    /// A new decompressor (about 11 kB).
    pub fn new() -> Self {
        // SAFETY: plain allocation; null means out of memory, which aborts as Rust's own does.
        let raw = unsafe { sys::libdeflate_alloc_decompressor() };
        Self(
            NonNull::new(raw).unwrap_or_else(|| {
                std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; 11 << 10]>())
            }),
        )
    }

    /// Inflates every member of `gzip` into `out`, which grows up to `limit` bytes and is never
    /// shrunk, so that it can be used again. Returns the length of the content.
    ///
    /// # Errors
    /// [`NotWhole`], with `out`'s contents unspecified.
    pub fn inflate(&mut self, gzip: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<usize, NotWhole> {
        let (mut read, mut written) = (0, 0);
        let mut room = size_hint(gzip).unwrap_or(0).max(64);
        while read < gzip.len() {
            if is_padding(&gzip[read..]) && read > 0 {
                break;
            }
            if written + room > limit {
                return Err(NotWhole::TooLarge);
            }
            if out.len() < written + room {
                out.resize(written + room, 0);
            }
            match self.member(&gzip[read..], &mut out[written..]) {
                Member::Done { read: r, written: w } => {
                    read += r;
                    written += w;
                }
                Member::NoRoom => room = (out.len() - written).saturating_mul(2),
                Member::Invalid => return Err(NotWhole::Invalid),
            }
        }
        Ok(written)
    }

    fn member(&mut self, input: &[u8], out: &mut [u8]) -> Member {
        let (mut read, mut written) = (0, 0);
        // SAFETY: both pointers are valid for the lengths given, for the length of the call.
        let result = unsafe {
            sys::libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                input.as_ptr().cast::<c_void>(),
                input.len(),
                out.as_mut_ptr().cast::<c_void>(),
                out.len(),
                &mut read,
                &mut written,
            )
        };
        match result {
            sys::libdeflate_result_LIBDEFLATE_SUCCESS => Member::Done { read, written },
            sys::libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => Member::NoRoom,
            _ => Member::Invalid,
        }
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        // SAFETY: allocated by `new`, freed once.
        unsafe { sys::libdeflate_free_decompressor(self.0.as_ptr()) }
    }
}

/// Size of the last member's content modulo 4 GiB, as its trailer says. No more than a hint.
pub fn size_hint(gzip: &[u8]) -> Option<usize> {
    let trailer = gzip.last_chunk::<4>()?;
    Some(u32::from_le_bytes(*trailer) as usize)
}

/// Zero bytes after the last member, as tapes and block devices leave them.
fn is_padding(rest: &[u8]) -> bool {
    rest.iter().all(|&byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, NotWhole> {
        let mut out = vec![];
        let length = Inflater::new().inflate(bytes, &mut out, limit)?;
        Ok(out[..length].to_vec())
    }

    #[test]
    fn members_follow_each_other() {
        let twins = [gzip(b"same"), gzip(b"same"), gzip(b""), gzip(&[7; 100_000])].concat();
        let expected = [b"samesame".as_slice(), &[7; 100_000]].concat();
        assert_eq!(inflate(&twins, 1 << 20).unwrap(), expected);
        assert_eq!(inflate(&[&twins[..], &[0; 512]].concat(), 1 << 20).unwrap(), expected);
    }

    #[test]
    fn forged_sizes_only_cost_a_second_try() {
        let mut forged = gzip(&[7; 10_000]);
        let end = forged.len();
        forged[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(inflate(&forged, 1 << 20), Err(NotWhole::TooLarge));
        forged[end - 4..].copy_from_slice(&1u32.to_le_bytes());
        assert_eq!(inflate(&forged, 1 << 20), Err(NotWhole::Invalid));
    }

    #[test]
    fn damage_is_noticed() {
        let whole = gzip(&[7; 10_000]);
        assert!(inflate(&whole[..whole.len() - 1], 1 << 20).is_err());
        assert!(inflate(&whole[..whole.len() / 2], 1 << 20).is_err());
        assert!(inflate(&[&whole[..], b"junk"].concat(), 1 << 20).is_err());
        assert_eq!(inflate(&whole, 9_999), Err(NotWhole::TooLarge));
    }
}
