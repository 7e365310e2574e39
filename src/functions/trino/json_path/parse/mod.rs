//! Reads paths, by descent.

mod filter;

use super::token::{Token, tokens};
use super::{Accessor, Item, Method, Number, Operator, PathExpr, PathFault, Predicate};

/// Parentheses, filters and signs inside each other, at most: recursion has to end.
const DEEPEST: usize = 48;

/// Operators in a row, at most.
const MOST_OPERATORS: usize = 500;

type Result<T> = std::result::Result<T, PathFault>;

/// The mode of a path, whether it is strict, and what it asks for.
///
/// # Errors
/// If the text is no path.
pub fn path(text: &str) -> Result<(bool, PathExpr)> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, depth: 0, operators: 0 };
    let strict = match reader.token() {
        Token::Name(mode) if mode == "lax" => false,
        Token::Name(mode) if mode == "strict" => true,
        _ => return Err(reader.mismatched("{'lax', 'strict'}")),
    };
    reader.step();
    let root = reader.sum()?;
    match reader.token() {
        Token::End => Ok((strict, root)),
        _ => Err(reader.mismatched("<EOF>")),
    }
}

/// Adds the names of the variables that `expr` asks for.
pub fn variables<'a>(expr: &'a PathExpr, found: &mut Vec<&'a str>) {
    match expr {
        PathExpr::Variable(name) => found.push(name),
        PathExpr::Signed { operand, .. } => variables(operand, found),
        PathExpr::Arithmetic(_, left, right) => {
            variables(left, found);
            variables(right, found);
        }
        PathExpr::Access(base, accessors) => {
            variables(base, found);
            for accessor in accessors {
                match accessor {
                    Accessor::Elements(subscripts) => {
                        for (from, to) in subscripts {
                            variables(from, found);
                            to.iter().for_each(|to| variables(to, found));
                        }
                    }
                    Accessor::Filter(predicate) => variables_of(predicate, found),
                    _ => {}
                }
            }
        }
        PathExpr::Context | PathExpr::Current | PathExpr::Last | PathExpr::Literal(_) => {}
    }
}

fn variables_of<'a>(predicate: &'a Predicate, found: &mut Vec<&'a str>) {
    match predicate {
        Predicate::All(terms) | Predicate::Any(terms) => {
            terms.iter().for_each(|term| variables_of(term, found));
        }
        Predicate::Not(inner) | Predicate::IsUnknown(inner) => variables_of(inner, found),
        Predicate::Exists(path) => variables(path, found),
        Predicate::StartsWith(left, right) | Predicate::Compare(_, left, right) => {
            variables(left, found);
            variables(right, found);
        }
    }
}

struct Reader<'a> {
    /// Never empty: an end is the last.
    tokens: &'a [(Token, usize)],
    depth: usize,
    operators: usize,
}

impl Reader<'_> {
    fn token(&self) -> &Token {
        self.tokens.first().map_or(&Token::End, |(token, _)| token)
    }

    fn step(&mut self) {
        if let [_, rest @ ..] = self.tokens
            && !rest.is_empty()
        {
            self.tokens = rest;
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let taken = matches!(self.token(), Token::Sign(found) if *found == sign);
        if taken {
            self.step();
        }
        taken
    }

    fn take_word(&mut self, word: &str) -> bool {
        let taken = matches!(self.token(), Token::Name(found) if found == word);
        if taken {
            self.step();
        }
        taken
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        if self.take(sign) { Ok(()) } else { Err(self.mismatched(&format!("'{sign}'"))) }
    }

    fn fault(&self, message: impl Into<String>) -> PathFault {
        PathFault { message: message.into(), at: self.tokens.first().map_or(0, |(_, at)| *at) }
    }

    fn mismatched(&self, expected: &str) -> PathFault {
        let found = match self.token() {
            Token::Name(name) => name.clone(),
            Token::Variable(name) => format!("${name}"),
            Token::Text(text) => format!("\"{text}\""),
            Token::Number(number) => number.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
            Token::End => "<EOF>".to_owned(),
        };
        self.fault(format!("mismatched input '{found}' expecting {expected}"))
    }

    /// What `read` reads, one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEEPEST {
            return Err(self.fault("the path is nested too deeply"));
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn count_operator(&mut self) -> Result<()> {
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            Err(self.fault("the path has too many operators"))
        } else {
            Ok(())
        }
    }

    /// `a + b - c`
    fn sum(&mut self) -> Result<PathExpr> {
        let mut left = self.product()?;
        loop {
            let operator = match self.token() {
                Token::Sign("+") => Operator::Add,
                Token::Sign("-") => Operator::Subtract,
                _ => return Ok(left),
            };
            self.step();
            self.count_operator()?;
            left = PathExpr::Arithmetic(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    /// `a * b / c % d`
    fn product(&mut self) -> Result<PathExpr> {
        let mut left = self.signed()?;
        loop {
            let operator = match self.token() {
                Token::Sign("*") => Operator::Multiply,
                Token::Sign("/") => Operator::Divide,
                Token::Sign("%") => Operator::Modulus,
                _ => return Ok(left),
            };
            self.step();
            self.count_operator()?;
            left = PathExpr::Arithmetic(operator, Box::new(left), Box::new(self.signed()?));
        }
    }

    fn signed(&mut self) -> Result<PathExpr> {
        let negative = match self.token() {
            Token::Sign("-") => true,
            Token::Sign("+") => false,
            _ => return self.access(),
        };
        self.step();
        let operand = Box::new(self.deeper(Self::signed)?);
        Ok(PathExpr::Signed { negative, operand })
    }

    fn access(&mut self) -> Result<PathExpr> {
        let base = self.primary()?;
        let mut accessors = vec![];
        while let Some(accessor) = self.accessor()? {
            accessors.push(accessor);
        }
        Ok(if accessors.is_empty() { base } else { PathExpr::Access(Box::new(base), accessors) })
    }

    fn primary(&mut self) -> Result<PathExpr> {
        let found = match self.token().clone() {
            Token::Sign("$") => PathExpr::Context,
            Token::Sign("@") => PathExpr::Current,
            Token::Sign("(") => {
                self.step();
                let inner = self.deeper(Self::sum)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Variable(name) => PathExpr::Variable(name),
            Token::Text(text) => PathExpr::Literal(Item::text(&text)),
            Token::Number(number) => {
                let number = Number::of_literal(&number);
                PathExpr::Literal(Item::Number(number.ok_or_else(|| self.fault("the number is too large"))?))
            }
            Token::Name(name) => match name.as_str() {
                "last" => PathExpr::Last,
                "true" => PathExpr::Literal(Item::json("true")),
                "false" => PathExpr::Literal(Item::json("false")),
                "null" => PathExpr::Literal(Item::json("null")),
                _ => return Err(self.mismatched("a path")),
            },
            _ => return Err(self.mismatched("a path")),
        };
        self.step();
        Ok(found)
    }

    fn accessor(&mut self) -> Result<Option<Accessor>> {
        if self.take(".") {
            return self.member().map(Some);
        }
        if self.take("..") {
            return self.name().map(|name| Some(Accessor::Descendants(name)));
        }
        if self.take("[") {
            let accessor = if self.take("*") { Accessor::EveryElement } else { self.subscripts()? };
            self.expect("]")?;
            return Ok(Some(accessor));
        }
        if self.take("?") {
            self.expect("(")?;
            let predicate = self.deeper(Self::any)?;
            self.expect(")")?;
            return Ok(Some(Accessor::Filter(predicate)));
        }
        Ok(None)
    }

    /// What follows a dot.
    fn member(&mut self) -> Result<Accessor> {
        if self.take("*") {
            return Ok(Accessor::EveryMember);
        }
        let named = matches!(self.token(), Token::Name(_));
        let fault = self.fault("");
        let name = self.name()?;
        if !(named && self.take("(")) {
            return Ok(Accessor::Member(name));
        }
        let method = match name.as_str() {
            "abs" => Method::Abs,
            "ceiling" => Method::Ceiling,
            "double" => Method::Double,
            "floor" => Method::Floor,
            "keyvalue" => Method::KeyValue,
            "size" => Method::Size,
            "type" => Method::Type,
            _ => return Err(PathFault { message: format!("method {name}() is not supported"), ..fault }),
        };
        self.expect(")")?;
        Ok(Accessor::Method(method))
    }

    fn name(&mut self) -> Result<String> {
        let (Token::Name(name) | Token::Text(name)) = self.token().clone() else {
            return Err(self.mismatched("a name"));
        };
        self.step();
        Ok(name)
    }

    /// `0, 2 to last`
    fn subscripts(&mut self) -> Result<Accessor> {
        let mut found = vec![];
        loop {
            let from = self.deeper(Self::sum)?;
            let to = if self.take_word("to") { Some(self.deeper(Self::sum)?) } else { None };
            found.push((from, to));
            if !self.take(",") {
                return Ok(Accessor::Elements(found));
            }
        }
    }
}
