//! Rejects records by searching their raw bytes, before any JSON is parsed.
//!
//! A predicate such as `useridentity.arn = '…role/deploy'` cannot hold for a record whose text
//! does not contain `deploy`. It may keep too much, never too little: JSON can write any character
//! as `\uXXXX`, so a record with such an escape for a character of the literal is kept.

use std::ops::Range;

use aho_corasick::packed;
use memchr::memmem::Finder;

/// What a raw search says about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The predicate cannot hold.
    Reject,
    /// The predicate may hold; parse and see.
    Candidate,
}

/// Texts a matching record must contain: of every clause at least one.
#[derive(Debug, Default)]
pub struct Prefilter {
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    needles: Needles,
    escape: Finder<'static>,
    /// Whether an ASCII character occurs in any of the needles.
    in_needles: [bool; 128],
}

/// How needles are searched for.
#[derive(Debug)]
enum Needles {
    /// One pass each: for a handful this is faster than any search for several at once.
    Each(Vec<Finder<'static>>),
    /// One pass for all.
    All(packed::Searcher),
}

/// More needles than these are searched for at once.
const A_HANDFUL: usize = 8;
/// How JSON writes an ASCII character it does not want to write.
const ESCAPE: &[u8] = br"\u00";
/// Shorter needles occur almost everywhere.
const SHORTEST: usize = 3;

impl Prefilter {
    /// A prefilter that lets pass what contains, for every clause, a fragment of one of its
    /// literals. A clause with a literal too short to search for is left out.
    pub fn new<S: AsRef<str>>(clauses: impl IntoIterator<Item = Vec<S>>) -> Self {
        let clauses = clauses.into_iter().filter_map(|literals| Clause::new(&literals)).collect();
        Self { clauses }
    }

    /// True if this passes everything.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Judges one record's raw JSON.
    pub fn judge(&self, raw: &[u8]) -> Verdict {
        self.search(raw, 0).judge(raw, 0)
    }

    /// Searches `content`, which begins at offset `origin` of its object, for the records in it.
    pub fn search<'a>(&'a self, content: &'a [u8], origin: u64) -> Search<'a> {
        let clauses = self.clauses.iter().map(|clause| (clause, clause.cursors())).collect();
        Search { content, origin, clauses }
    }
}

/// One search for all records of some content. As long as they come in order, every byte is looked
/// at once for each text, however many records there are.
#[derive(Debug)]
pub struct Search<'a> {
    content: &'a [u8],
    origin: u64,
    clauses: Vec<(&'a Clause, Vec<Cursor>)>,
}

impl Search<'_> {
    /// Judges the record `raw`, which stands at `offset` of the object.
    pub fn judge(&mut self, raw: &[u8], offset: u64) -> Verdict {
        let start = (offset - self.origin) as usize;
        let record = start..start + raw.len();
        let content = self.content;
        let may_match = |(clause, cursors): &mut (&Clause, Vec<Cursor>)| {
            let mut passes = cursors.iter_mut().enumerate();
            passes.any(|(pass, cursor)| cursor.reaches(&record, |from| clause.find(pass, content, from)))
        };
        if self.clauses.iter_mut().all(may_match) { Verdict::Candidate } else { Verdict::Reject }
    }
}

/// The first place of a text at or after `from`, which is past the content's end if there is none.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    from: usize,
    found: usize,
}

impl Cursor {
    /// Whether the text begins in `range`.
    fn reaches(&mut self, range: &Range<usize>, find: impl FnOnce(usize) -> Option<usize>) -> bool {
        if !(self.from..=self.found).contains(&range.start) {
            *self = Self { from: range.start, found: find(range.start).unwrap_or(usize::MAX) };
        }
        self.found < range.end
    }
}

impl Clause {
    fn new<S: AsRef<str>>(literals: &[S]) -> Option<Self> {
        let mut needles =
            literals.iter().map(|literal| searchable_run(literal.as_ref())).collect::<Option<Vec<_>>>()?;
        needles.sort_unstable();
        needles.dedup();
        let mut in_needles = [false; 128];
        needles.iter().flat_map(|needle| needle.bytes()).for_each(|b| in_needles[usize::from(b)] = true);
        let needles = if needles.len() > A_HANDFUL {
            Needles::All(packed::Searcher::new(&needles)?)
        } else {
            Needles::Each(needles.into_iter().map(|needle| Finder::new(needle).into_owned()).collect())
        };
        Some(Self { needles, escape: Finder::new(ESCAPE), in_needles })
    }

    /// A cursor for each pass: those for needles, and one for escapes. None has searched yet.
    fn cursors(&self) -> Vec<Cursor> {
        let passes = match &self.needles {
            Needles::Each(needles) => needles.len(),
            Needles::All(_) => 1,
        };
        vec![Cursor { from: usize::MAX, found: 0 }; passes + 1]
    }

    /// What pass number `pass` finds first in `content` at or after `from`: a needle, or in the
    /// last pass an escape that may hide one.
    fn find(&self, pass: usize, content: &[u8], from: usize) -> Option<usize> {
        let rest = &content[from..];
        let escape =
            || self.escape.find_iter(rest).find(|at| self.may_hide_needle(&rest[at + ESCAPE.len()..]));
        let found = match &self.needles {
            Needles::Each(needles) => needles.get(pass).map_or_else(escape, |needle| needle.find(rest)),
            Needles::All(needles) if pass == 0 => needles.find(rest).map(|found| found.start()),
            Needles::All(_) => escape(),
        };
        found.map(|at| from + at)
    }

    /// Whether `\u00` followed by `digits` may stand for a character of a needle. Also true of what
    /// another escape is made of (`\`, `u`, hex digits), for JSON that is text in JSON.
    fn may_hide_needle(&self, digits: &[u8]) -> bool {
        let code = digits.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(b'\\' | b'u' | b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => true,
            Some(character) => self.in_needles.get(usize::from(character)).is_some_and(|&hit| hit),
            None => false,
        }
    }
}

/// The longest run in `literal` of characters that JSON writers leave as they are.
fn searchable_run(literal: &str) -> Option<&str> {
    literal
        .split(|c: char| !c.is_ascii_graphic() && c != ' ' || r#""\/<>&'"#.contains(c))
        .max_by_key(|run| run.len())
        .filter(|run| run.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judge(literals: &[&str], raw: &str) -> Verdict {
        Prefilter::new([literals.to_vec()]).judge(raw.as_bytes())
    }

    #[test]
    fn rejects_what_cannot_match() {
        assert_eq!(judge(&["web-app"], r#"{"a":"web-apq"}"#), Verdict::Reject);
        assert_eq!(judge(&["web-app"], r#"{"a":"x\u0026y\u00e9"}"#), Verdict::Reject);
        assert_eq!(judge(&["web-app", "other"], r#"{"a":"another"}"#), Verdict::Candidate);
    }

    #[test]
    fn escapes_hide_nothing() {
        for raw in [
            r#"{"a":"web-app"}"#,
            r#"{"a":"web\u002dapp"}"#,
            r#"{"a":"\u0077eb-app"}"#,
            r#"{"a":"{\"b\":\"web-\\u0061pp\"}"}"#,
            r#"{"a":"{\"b\":\"web-\u005cu0061pp\"}"}"#,
            r#"{"a":"{\"b\":\"web-\\u\u003061pp\"}"}"#,
        ] {
            assert_eq!(judge(&["role/web-app"], raw), Verdict::Candidate, "{raw}");
        }
        // The needle overlaps what looks like an escape of a character it does not have.
        assert_eq!(judge(&["u0026-x"], r#"{"a":"\\u0026-x"}"#), Verdict::Candidate);
    }

    /// Records may be judged in any order; hits that reach over their ends belong to the first.
    #[test]
    fn one_search_serves_all_records() {
        let prefilter = Prefilter::new([vec!["web-app"], vec!["aXa", "other"]]);
        let records =
            ["aXaXa web-app", "aXaXa", "web-app", r"aX\u0061 web-app", r"other web\u002dapp", "", "aXa"];
        let content = records.concat();
        let mut search = prefilter.search(content.as_bytes(), 7);
        let ends = records.iter().scan(0, |end, record| {
            *end += record.len();
            Some((*end - record.len(), record.as_bytes()))
        });
        let ends: Vec<_> = ends.collect();
        for (start, record) in ends.iter().chain(ends.iter().rev()) {
            let expected = prefilter.judge(record);
            assert_eq!(search.judge(record, 7 + *start as u64), expected, "{}", record.escape_ascii());
        }
    }

    #[test]
    fn many_texts_are_found_as_few_are() {
        let texts: Vec<String> = (10..60).map(|n| format!("ASIA{n}")).collect();
        let prefilter = Prefilter::new([texts.clone()]);
        assert!(!prefilter.is_empty());
        for text in &texts {
            assert_eq!(prefilter.judge(format!("{{{text}}}").as_bytes()), Verdict::Candidate);
        }
        assert_eq!(prefilter.judge(br#"{"a":"ASIA60"}"#), Verdict::Reject);
        assert_eq!(prefilter.judge(br#"{"a":"A\u0053IA10"}"#), Verdict::Candidate);
    }

    #[test]
    fn what_is_too_short_to_search_for_passes_all() {
        assert!(Prefilter::new([vec!["ab"]]).is_empty());
        assert!(Prefilter::new([vec!["/\u{e9}/"]]).is_empty());
        assert_eq!(searchable_run("role/svc/web-app"), Some("web-app"));
    }

    proptest! {
        /// Whatever way a JSON writer spells a text, a search for it (or a part of it) finds it.
        #[test]
        fn no_false_negative(
            before in "[ -~é]{0,9}", text in "[ -~é]{1,12}", after in "[ -~é]{0,9}",
            escape in prop::collection::vec(0u8..3, 32), nested in any::<bool>(),
        ) {
            let whole = format!("{before}{text}{after}");
            let mut json = String::from("\"");
            for (i, c) in whole.chars().enumerate() {
                match (c, escape[i % escape.len()]) {
                    (c, 1) => json.push_str(&format!("\\u{:04x}", u32::from(c))),
                    (c, 2) => json.push_str(&format!("\\u{:04X}", u32::from(c))),
                    ('"' | '\\', _) => { json.push('\\'); json.push(c) }
                    (c, _) => json.push(c),
                }
            }
            json.push('"');
            prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &whole);
            if nested {
                json = serde_json::to_string(&json).unwrap();
            }
            prop_assert_eq!(judge(&[&text], &json), Verdict::Candidate);
        }
    }
}
