//! Lists in pages.

use serde::Deserialize;

use crate::athena::error::{ApiError, ApiResult};
use crate::athena::protocol::page_size;

/// Which page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Page {
    /// Where the last page ended.
    pub next_token: Option<String>,
    /// The most items that it may hold.
    pub max_results: Option<i64>,
}

impl Page {
    /// This page of `items`, and the token of the next one.
    ///
    /// # Errors
    /// If the size is out of bounds or the token is none of ours.
    pub fn of<T>(&self, items: Vec<T>, most: usize) -> ApiResult<(Vec<T>, Option<String>)> {
        let size = page_size(self.max_results, most, most)?;
        let first = self.next_token.as_deref().map_or(Ok(0), position)?;
        let end = first.saturating_add(size);
        let next = (end < items.len()).then(|| token(end));
        Ok((items.into_iter().skip(first).take(size).collect(), next))
    }
}

fn token(position: usize) -> String {
    format!("p{position:x}")
}

fn position(token: &str) -> ApiResult<usize> {
    let digits = token.strip_prefix('p');
    digits
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .ok_or_else(|| ApiError::input(format!("The nextPageToken is malformed: {token}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let items: Vec<u32> = (0..120).collect();
        let mut page = Page { max_results: Some(50), ..Page::default() };
        let mut all = vec![];
        loop {
            let (some, next) = page.of(items.clone(), 50).unwrap();
            all.extend(some);
            let Some(next) = next else { break };
            page.next_token = Some(next);
        }
        assert_eq!(all, items);
        for token in ["", "x", "p", "pzz", "p99999999999999999999"] {
            let page = Page { next_token: Some(token.into()), max_results: None };
            assert!(page.of(items.clone(), 50).is_err(), "{token}");
        }
    }
}
