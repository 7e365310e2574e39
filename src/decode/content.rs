//! An object's content as plain bytes, for what is not records.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::tally::ObjectError;
use super::{Body, is_gzip_start};

/// Bytes that are handed over at a time.
const PIECE: usize = 64 << 10;

/// Hands the content of an object, gunzipped if it is gzipped, to `sink`, piece by piece.
///
/// # Errors
/// [`ObjectError`]; content of more than `limit` bytes is one.
pub fn read_content(body: Body, limit: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), ObjectError> {
    match body {
        Body::Bytes(bytes) => read_stored(Cursor::new(bytes), limit, sink),
        Body::Path(path) => read_stored(BufReader::with_capacity(PIECE, File::open(path)?), limit, sink),
        Body::Read(reader) => read_stored(BufReader::with_capacity(PIECE, reader), limit, sink),
    }
}

fn read_stored(mut stored: impl BufRead, limit: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), ObjectError> {
    if is_gzip_start(stored.fill_buf()?) {
        read_plain(&mut MultiGzDecoder::new(stored), limit, sink)
    } else {
        read_plain(&mut stored, limit, sink)
    }
}

fn read_plain(content: &mut dyn Read, limit: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), ObjectError> {
    let mut buffer = vec![0; PIECE];
    let mut total = 0;
    loop {
        let read = match content.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause.into()),
        };
        total += read as u64;
        if total > limit {
            return Err(ObjectError::TooLarge(limit));
        }
        sink(buffer.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn read(stored: Vec<u8>, limit: u64) -> Result<Vec<u8>, String> {
        let mut content = vec![];
        let body = Body::Bytes(stored.into());
        read_content(body, limit, &mut |piece| content.extend_from_slice(piece))
            .map(|()| content)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn plain_and_in_members() {
        let large = vec![7; 3 * PIECE + 1];
        assert_eq!(read(b"{}".to_vec(), 2).unwrap(), b"{}");
        assert_eq!(read(vec![], 2).unwrap(), b"");
        let both = [gzip(b"a"), gzip(&large)].concat();
        assert_eq!(read(both.clone(), 1 << 20).unwrap(), [&b"a"[..], &large].concat());
        assert!(read(both[..both.len() - 1].to_vec(), 1 << 20).unwrap_err().contains("truncated"));
        assert!(read([&both[..], b"junk"].concat(), 1 << 20).unwrap_err().contains("gzip"));
        assert!(read(gzip(&large), PIECE as u64).unwrap_err().contains("inflates to more"));
    }
}
