//! A case in plain sentences, the same for every format: what happened, from where, how far it
//! spread, what is still open, what to do, and how sure all this is.

mod future;
mod past;
mod verdict;

use serde::Serialize;

use crate::case::Case;
use crate::report::sentence::Sentence;

pub use verdict::{Verdict, verdict};

/// A few sentences on one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The question.
    pub heading: &'static str,
    /// The answer, a few sentences each.
    pub paragraphs: Vec<Vec<Sentence>>,
    /// What it consists of, item by item.
    pub points: Vec<Sentence>,
    /// How many more points the report has in a section of their own.
    pub more: usize,
}

/// Points told of a list.
const TOLD: usize = 5;

impl Section {
    fn of(heading: &'static str, paragraphs: Vec<Vec<Sentence>>, points: Vec<Sentence>) -> Self {
        let paragraphs = paragraphs.into_iter().filter(|sentences| !sentences.is_empty()).collect();
        Self { heading, paragraphs, points, more: 0 }
    }

    /// With the first few points of a list.
    fn listing(self, points: impl ExactSizeIterator<Item = Sentence>) -> Self {
        let more = points.len().saturating_sub(TOLD);
        Self { points: points.take(TOLD).collect(), more, ..self }
    }
}

/// The sections in which a case is told, in order.
pub fn story(case: &Case) -> Vec<Section> {
    let sections = [
        past::happened(case),
        past::sources(case),
        past::spread(case),
        future::open(case),
        future::steps(case),
        future::certainty(case),
    ];
    sections.into_iter().filter(|section| !section.paragraphs.is_empty()).collect()
}
