//! Any bytes, in any pieces: the splitter neither panics nor depends on how they arrive, nor on whether
//! members are looked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailq::decode::split::{Piece, Splitter};

/// A piece without its members.
fn text(piece: Piece) -> String {
    match piece {
        Piece::Record { bytes, offset, .. } => format!("{:?}", (bytes, offset)),
        piece => format!("{piece:?}"),
    }
}

fn pieces(mut splitter: Splitter, content: &[u8], step: usize) -> (Vec<String>, bool) {
    let (mut found, mut buffer) = (vec![], vec![]);
    for piece in content.chunks(step.max(1)) {
        buffer.extend_from_slice(piece);
        let released = splitter.scan(&buffer, false, |piece| found.push(text(piece)));
        buffer.drain(..released);
    }
    splitter.scan(&buffer, true, |piece| found.push(text(piece)));
    (found, splitter.is_unfinished())
}

fuzz_target!(|input: (u8, &[u8])| {
    let (step, content) = input;
    let plain = || Splitter::new(1 << 20);
    let whole = pieces(plain(), content, usize::MAX);
    assert_eq!(pieces(plain(), content, usize::from(step)), whole);
    assert_eq!(pieces(plain().with_members(), content, usize::from(step)), whole);
});
