//! Any bytes, in any pieces: the splitter neither panics nor depends on how they arrive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailq::decode::split::{Piece, Splitter};

fn pieces(content: &[u8], step: usize) -> (Vec<String>, bool) {
    let (mut splitter, mut found, mut buffer) = (Splitter::new(1 << 20), vec![], vec![]);
    for piece in content.chunks(step.max(1)) {
        buffer.extend_from_slice(piece);
        let released = splitter.scan(&buffer, false, |piece: Piece| found.push(format!("{piece:?}")));
        buffer.drain(..released);
    }
    splitter.scan(&buffer, true, |piece: Piece| found.push(format!("{piece:?}")));
    (found, splitter.is_unfinished())
}

fuzz_target!(|input: (u8, &[u8])| {
    let (step, content) = input;
    assert_eq!(pieces(content, usize::from(step)), pieces(content, usize::MAX));
});
