//! The report of a case, for people: one HTML file, the same as Markdown, and a text short enough
//! for a notification. All tell the same story, and the same case gives the same bytes.
//!
//! Texts of a case are as logged, that is, hostile. Templates escape whatever they are given
//! ([`output::text`](crate::output::text) knows how); only what is made markup here is passed
//! through.

mod attack;
mod chart;
mod coverage;
mod findings;
mod notification;
mod repeat;
mod sentence;
mod story;
mod subject;
mod template;
mod timeline;
mod view;
mod words;

use crate::case::Case;
use crate::error::Result;

pub use notification::{Notification, notification};

/// Rows of the timeline that a browser bears well, and that anybody reads in Markdown.
const HTML_ROWS: usize = 5_000;
const MARKDOWN_ROWS: usize = 200;

/// The report as one HTML file: nothing is loaded from elsewhere, and a Content-Security-Policy
/// lets nothing run but the report's own script, without which it is still readable.
///
/// # Errors
/// If the case's timeline is not one.
pub fn html(case: &Case) -> Result<String> {
    template::html(&view::Report::of(case, HTML_ROWS)?)
}

/// The report in Markdown (CommonMark with GitHub's tables).
///
/// # Errors
/// As [`html`].
pub fn markdown(case: &Case) -> Result<String> {
    template::markdown(&view::Report::of(case, MARKDOWN_ROWS)?)
}
