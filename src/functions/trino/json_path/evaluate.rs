//! What paths give.

use std::cell::Cell;

use super::item::Kind;
use super::{Accessor, Item, JsonPath, Number, PathExpr};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::json_text::MOST_NESTED;

/// A value that is passed to a path.
#[derive(Debug, Clone)]
pub struct Variable<'a> {
    /// Its name, with regard to case.
    pub name: &'a str,
    /// The item; `None` for no item.
    pub item: Option<Item<'a>>,
}

/// Items, at most, that one path gives: paths such as `$[0 to 9, 0 to 9].*` make many of few.
const MOST_ITEMS: usize = 1_000_000;

/// What an evaluation may cost: bytes of the items that are read, and pairs of items that are compared.
/// Filters inside filters ask for every item anew, so that a short path can be endless work for few
/// items. This is a large event read a thousand times.
const MOST_WORK: usize = 1 << 28;

/// What an item costs besides its bytes.
pub(super) const ITEM: usize = 16;

pub(super) type Result<T> = std::result::Result<T, SqlError>;

/// The evaluation of a path for one input.
pub(super) struct Evaluation<'p, 'a> {
    pub strict: bool,
    input: Item<'a>,
    variables: &'p [Variable<'a>],
    /// Objects that `keyvalue()` has taken apart.
    pub objects: Cell<i64>,
    /// What the evaluation has cost, of [`MOST_WORK`].
    spent: Cell<usize>,
}

/// What stands for `@` and `last`.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'p, 'a> {
    pub current: Option<&'p Item<'a>>,
    last: Option<usize>,
}

impl JsonPath {
    /// The items that the path gives of `input`.
    ///
    /// # Errors
    /// Why the path cannot be followed.
    pub fn items<'a>(&self, input: Item<'a>, variables: &[Variable<'a>]) -> Result<Vec<Item<'a>>> {
        let (objects, spent) = (Cell::new(0), Cell::new(0));
        let evaluation = Evaluation { strict: self.strict, input, variables, objects, spent };
        evaluation.items(&self.root, Place::default())
    }
}

pub(super) fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::new(ErrorCode::PathEvaluationError, format!("path evaluation failed: {why}"))
}

pub(super) fn wrong_kind(expected: &str, item: &Item) -> SqlError {
    let actual = item.kind().name().to_uppercase();
    failed(format_args!("invalid item type. Expected: {expected}, actual: {actual}"))
}

impl<'a> Evaluation<'_, 'a> {
    /// The items that `expr` gives.
    pub fn items(&self, expr: &PathExpr, place: Place<'_, 'a>) -> Result<Vec<Item<'a>>> {
        let items = self.computed(expr, place)?;
        self.spend(cost(&items))?;
        Ok(items)
    }

    /// Counts work. What is spent stays spent: predicates take a failure for unknown, but whatever comes
    /// after them, the path as a whole too, fails again.
    pub fn spend(&self, work: usize) -> Result<()> {
        let spent = self.spent.get().saturating_add(work);
        self.spent.set(spent);
        if spent > MOST_WORK { Err(failed("too much work")) } else { Ok(()) }
    }

    fn computed(&self, expr: &PathExpr, place: Place<'_, 'a>) -> Result<Vec<Item<'a>>> {
        Ok(match expr {
            PathExpr::Context => vec![self.input.clone()],
            PathExpr::Current => place.current.cloned().into_iter().collect(),
            PathExpr::Last => {
                let last = place.last.and_then(|last| i64::try_from(last).ok());
                let last =
                    last.ok_or_else(|| failed("accessing the last array index with no enclosing array"))?;
                vec![Item::Number(Number::Integer(last))]
            }
            PathExpr::Variable(name) => {
                let found = self.variables.iter().find(|variable| variable.name == name);
                found.and_then(|variable| variable.item.clone()).into_iter().collect()
            }
            PathExpr::Literal(item) => vec![item.clone()],
            PathExpr::Signed { negative, operand } => {
                let items = self.unwrapped(self.items(operand, place)?);
                let signed = |item: Item<'a>| {
                    let number = item.number().ok_or_else(|| wrong_kind("NUMBER", &item))?;
                    let signed = if *negative { number.negated() } else { Some(number) };
                    signed.map(Item::Number).ok_or_else(|| failed("numeric overflow"))
                };
                items.into_iter().map(signed).collect::<Result<_>>()?
            }
            PathExpr::Arithmetic(operator, left, right) => {
                let (left, right) = (self.operand(left, place)?, self.operand(right, place)?);
                let result = left.operate(*operator, right);
                vec![Item::Number(result.ok_or_else(|| failed("numeric overflow or division by zero"))?)]
            }
            PathExpr::Access(base, accessors) => {
                let mut items = self.items(base, place)?;
                for accessor in accessors {
                    self.spend(cost(&items))?;
                    items = self.access(accessor, items)?;
                    if items.len() > MOST_ITEMS {
                        return Err(failed("too many items"));
                    }
                }
                items
            }
        })
    }

    /// The one number that an operand has to be.
    fn operand(&self, expr: &PathExpr, place: Place<'_, 'a>) -> Result<Number> {
        match self.unwrapped(self.items(expr, place)?).as_slice() {
            [item] => item.number().ok_or_else(|| wrong_kind("NUMBER", item)),
            _ => Err(failed("arithmetic binary expression requires singleton operands")),
        }
    }

    /// In lax mode, the elements of arrays instead of these.
    pub fn unwrapped(&self, items: Vec<Item<'a>>) -> Vec<Item<'a>> {
        if self.strict || items.iter().all(|item| item.kind() != Kind::Array) {
            return items;
        }
        let elements = items.into_iter().flat_map(|item| match item.kind() {
            Kind::Array => item.elements(),
            _ => vec![item],
        });
        elements.collect()
    }

    fn access(&self, accessor: &Accessor, items: Vec<Item<'a>>) -> Result<Vec<Item<'a>>> {
        match accessor {
            Accessor::Member(name) => self.members(items, |object, found| match object.member(name) {
                Some(value) => {
                    found.push(value);
                    Ok(())
                }
                None if self.strict => {
                    Err(failed(format_args!("structural error: missing member '{name}' in JSON object")))
                }
                None => Ok(()),
            }),
            Accessor::EveryMember => self.members(items, |object, found| {
                found.extend(object.members().into_iter().map(|(_, value)| value));
                Ok(())
            }),
            Accessor::Descendants(name) => self.descendants(items, name),
            Accessor::EveryElement => {
                let arrays = items.into_iter().map(|item| self.array(item)).collect::<Result<Vec<_>>>()?;
                Ok(arrays.into_iter().flatten().collect())
            }
            Accessor::Elements(subscripts) => {
                let mut found = vec![];
                for item in items {
                    self.elements(&self.array(item)?, subscripts, &mut found)?;
                }
                Ok(found)
            }
            Accessor::Filter(predicate) => {
                let mut kept = vec![];
                for item in self.unwrapped(items) {
                    self.spend(ITEM)?;
                    if self.holds(predicate, Place { current: Some(&item), last: None }) == Some(true) {
                        kept.push(item);
                    }
                }
                Ok(kept)
            }
            Accessor::Method(method) => self.method(*method, items),
        }
    }

    /// What `each` takes of objects; in lax mode, of those in arrays, and of nothing else.
    fn members(
        &self,
        items: Vec<Item<'a>>,
        each: impl Fn(&Item<'a>, &mut Vec<Item<'a>>) -> Result<()>,
    ) -> Result<Vec<Item<'a>>> {
        let mut found = vec![];
        for item in self.unwrapped(items) {
            match item.kind() {
                Kind::Object => each(&item, &mut found)?,
                _ if self.strict => return Err(wrong_kind("OBJECT", &item)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The elements of an array; in lax mode, anything else is the one of an array.
    pub fn array(&self, item: Item<'a>) -> Result<Vec<Item<'a>>> {
        match item.kind() {
            Kind::Array => Ok(item.elements()),
            _ if self.strict => Err(wrong_kind("ARRAY", &item)),
            _ => Ok(vec![item]),
        }
    }

    fn elements(
        &self,
        array: &[Item<'a>],
        subscripts: &[(PathExpr, Option<PathExpr>)],
        found: &mut Vec<Item<'a>>,
    ) -> Result<()> {
        // Of an empty array, `last` is -1, and so no place.
        let place = Place { current: None, last: array.len().checked_sub(1) };
        for (first, last) in subscripts {
            if array.is_empty() && !self.strict {
                continue;
            }
            let from = self.subscript(first, place)?;
            let to = last.as_ref().map_or(Ok(from), |last| self.subscript(last, place))?;
            let size = i64::try_from(array.len()).unwrap_or(i64::MAX);
            if self.strict && (from < 0 || from > to || to >= size) {
                let why = format!(
                    "structural error: invalid array subscript: [{from}, {to}] for array of size {size}"
                );
                return Err(failed(why));
            }
            let from = usize::try_from(from.max(0)).unwrap_or(usize::MAX);
            let Ok(to) = usize::try_from(to) else { continue };
            found.extend(array.iter().take(to.saturating_add(1)).skip(from).cloned());
            if found.len() > MOST_ITEMS {
                return Err(failed("too many items"));
            }
        }
        Ok(())
    }

    fn subscript(&self, expr: &PathExpr, place: Place<'_, 'a>) -> Result<i64> {
        let items = self.unwrapped(self.items(expr, place)?);
        let number = match items.as_slice() {
            [item] => item.number().and_then(Number::place),
            _ => None,
        };
        number.ok_or_else(|| failed("array subscript requires a singleton numeric value"))
    }

    /// The members of a name in objects at any depth, those of an object before those inside it.
    fn descendants(&self, items: Vec<Item<'a>>, name: &str) -> Result<Vec<Item<'a>>> {
        let mut found = vec![];
        let mut waiting: Vec<(Item<'a>, usize)> = items.into_iter().rev().map(|item| (item, 0)).collect();
        while let Some((item, depth)) = waiting.pop() {
            let inner = match item.kind() {
                // Every level is read anew. What is hidden below so many must not look as if it were
                // not there.
                Kind::Array | Kind::Object if depth >= MOST_NESTED => {
                    return Err(failed("nested too deeply"));
                }
                Kind::Array => item.elements(),
                Kind::Object => {
                    found.extend(item.member(name));
                    item.members().into_iter().map(|(_, value)| value).collect()
                }
                _ => vec![],
            };
            self.spend(item.bytes())?;
            waiting.extend(inner.into_iter().rev().map(|item| (item, depth + 1)));
        }
        Ok(found)
    }
}

/// What it costs to read items.
fn cost(items: &[Item]) -> usize {
    items.iter().fold(ITEM, |cost, item| cost.saturating_add(ITEM + item.bytes()))
}
