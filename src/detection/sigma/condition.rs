//! Conditions: how search identifiers are combined.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast, lit};

use super::expr::{all_of, any_of, sum_of};
use super::search::Notes;

/// Parentheses and negations inside each other.
const DEEPEST: usize = 64;

/// A search identifier's expression, and how many tests it comes to.
pub type Searches = BTreeMap<String, (Expr, usize)>;

/// Whether an event meets `condition`; never `NULL`.
///
/// # Errors
/// Why that cannot be said.
pub fn compile(condition: &str, searches: &Searches, notes: &mut Notes) -> Result<Expr, String> {
    let spaced = condition.replace('(', " ( ").replace(')', " ) ");
    let words = spaced.split_whitespace().collect::<Vec<_>>();
    let mut parser = Parser { words: &words, searches, notes };
    let expr = parser.any(0)?;
    match parser.words {
        [] => Ok(expr),
        [word, ..] => Err(format!("condition cannot be read from '{word}' on")),
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
    searches: &'a Searches,
    notes: &'a mut Notes,
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Result<Expr, String> {
        let mut found = vec![self.all(depth)?];
        while self.take("or") {
            found.push(self.all(depth)?);
        }
        Ok(any_of(found))
    }

    fn all(&mut self, depth: usize) -> Result<Expr, String> {
        let mut found = vec![self.one(depth)?];
        while self.take("and") {
            found.push(self.one(depth)?);
        }
        Ok(all_of(found))
    }

    fn one(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > DEEPEST {
            return Err("condition is nested too deeply".into());
        }
        if self.take("not") {
            return Ok(!self.one(depth + 1)?);
        }
        if self.take("(") {
            let inside = self.any(depth + 1)?;
            return if self.take(")") { Ok(inside) } else { Err("condition lacks a ')'".into()) };
        }
        let Some((word, rest)) = self.words.split_first() else {
            return Err("condition ends too early".into());
        };
        self.words = rest;
        if self.take("of") { self.some_of(word) } else { self.search(word) }
    }

    fn search(&mut self, name: &str) -> Result<Expr, String> {
        let unknown = || format!("condition names '{name}', which is no search identifier of the rule");
        let (expr, tests) = self.searches.get(name).ok_or_else(unknown)?;
        self.notes.count(*tests)?;
        Ok(expr.clone())
    }

    /// `all of …`, `1 of …`.
    fn some_of(&mut self, quantity: &str) -> Result<Expr, String> {
        let Some((pattern, rest)) = self.words.split_first() else {
            return Err("condition ends too early".into());
        };
        self.words = rest;
        // Identifiers that begin with an underscore are only meant where that is written.
        let hidden = |name: &str| name.starts_with('_') && !pattern.starts_with('_');
        let all = pattern.eq_ignore_ascii_case("them");
        let searches = self.searches;
        let named = searches.keys().filter(|name| !hidden(name) && (all || glob(pattern, name)));
        let found: Vec<Expr> = named.map(|name| self.search(name)).collect::<Result<_, _>>()?;
        if found.is_empty() {
            return Err(format!("condition asks for '{pattern}', which is no search identifier of the rule"));
        }
        match quantity.to_ascii_lowercase().as_str() {
            "all" => Ok(all_of(found)),
            "1" | "any" => Ok(any_of(found)),
            number => at_least(number, found),
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let taken = self.words.first().is_some_and(|next| next.eq_ignore_ascii_case(word));
        if taken {
            self.words = &self.words[1..];
        }
        taken
    }
}

fn at_least(number: &str, found: Vec<Expr>) -> Result<Expr, String> {
    let number: u32 = number.parse().map_err(|_| format!("condition asks for '{number} of'"))?;
    let counts = found.into_iter().map(|expr| cast(expr, DataType::Int64));
    Ok(sum_of(counts).gt_eq(lit(i64::from(number))))
}

/// Whether `name` is as `pattern` says, in which `*` stands for anything.
pub fn glob(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(at) = name.find(piece) else { return false };
        name = &name[at + piece.len()..];
    }
    name.ends_with(last)
}
