//! The path language of SQL/JSON: `lax $.items[*]?(@.cidr == "0.0.0.0/0").port`.
//!
//! Source: Trino documentation, "JSON functions and operators", "JSON path language". Paths give a
//! sequence of items. In lax mode arrays are unwrapped and made where they are asked for, and what is
//! not there is nothing; in strict mode it is an error. `datetime()` and `like_regex` are not read.

mod evaluate;
mod item;
mod methods;
mod number;
mod parse;
mod predicate;
mod token;

use std::hash::{Hash, Hasher};

pub use evaluate::Variable;
pub use item::Item;
pub use number::Number;

/// A path that was read.
#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    /// What does not fit the JSON is an error, rather than nothing.
    strict: bool,
    root: PathExpr,
}

/// Why a path is none: what is wrong, and before which byte of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFault {
    /// What is wrong.
    pub message: String,
    /// Bytes before it.
    pub at: usize,
}

/// What gives a sequence of items.
#[derive(Debug, Clone)]
enum PathExpr {
    /// `$`
    Context,
    /// `@`
    Current,
    /// `last`
    Last,
    /// `$name`
    Variable(String),
    Literal(Item<'static>),
    /// `-path`, and `+path`, which only asks for numbers.
    Signed {
        negative: bool,
        operand: Box<PathExpr>,
    },
    Arithmetic(Operator, Box<PathExpr>, Box<PathExpr>),
    /// A path, and what is taken of its items, one after the other.
    Access(Box<PathExpr>, Vec<Accessor>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulus,
}

#[derive(Debug, Clone)]
enum Accessor {
    /// `.name`
    Member(String),
    /// `.*`
    EveryMember,
    /// `..name`
    Descendants(String),
    /// `[0, 2 to last]`
    Elements(Vec<(PathExpr, Option<PathExpr>)>),
    /// `[*]`
    EveryElement,
    /// `?(…)`
    Filter(Predicate),
    /// `.size()`
    Method(Method),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Abs,
    Ceiling,
    Double,
    Floor,
    KeyValue,
    Size,
    Type,
}

/// What is true, false or unknown of an item.
#[derive(Debug, Clone)]
enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Exists(PathExpr),
    StartsWith(PathExpr, PathExpr),
    IsUnknown(Box<Predicate>),
    Compare(Comparison, PathExpr, PathExpr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    Greater,
    AtMost,
    AtLeast,
}

impl JsonPath {
    /// Reads a path, which begins with its mode.
    ///
    /// # Errors
    /// If it is none, or has what is not supported.
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        let (strict, root) = parse::path(text)?;
        Ok(Self { text: text.to_owned(), strict, root })
    }

    /// The names of the variables that the path asks for.
    pub fn variables(&self) -> Vec<&str> {
        let mut found = vec![];
        parse::variables(&self.root, &mut found);
        found
    }
}

/// Paths of one text are one path.
impl PartialEq for JsonPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for JsonPath {}

impl Hash for JsonPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

#[cfg(test)]
mod tests;
