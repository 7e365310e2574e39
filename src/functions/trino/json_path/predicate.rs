//! What filters ask of items: true, false, or (`None`) unknown. They never fail: a path that has cost too
//! much fails after them.

use std::cmp::Ordering;

use super::evaluate::{Evaluation, ITEM, Place};
use super::item::Kind;
use super::{Comparison, Item, PathExpr, Predicate};

impl<'a> Evaluation<'_, 'a> {
    pub(super) fn holds(&self, predicate: &Predicate, place: Place<'_, 'a>) -> Option<bool> {
        match predicate {
            Predicate::All(terms) => self.first_or(terms, place, false),
            Predicate::Any(terms) => self.first_or(terms, place, true),
            Predicate::Not(inner) => self.holds(inner, place).map(|truth| !truth),
            Predicate::IsUnknown(inner) => Some(self.holds(inner, place).is_none()),
            Predicate::Exists(path) => self.items(path, place).ok().map(|items| !items.is_empty()),
            Predicate::StartsWith(text, prefix) => {
                let prefix = self.items(prefix, place).ok()?;
                let [prefix] = prefix.as_slice() else { return None };
                let prefix = prefix.string()?;
                let items = self.operands(text, place)?;
                self.any(items.iter().map(|item| Some(item.string()?.starts_with(prefix.as_ref()))))
            }
            Predicate::Compare(comparison, left, right) => {
                let (left, right) = (self.operands(left, place)?, self.operands(right, place)?);
                self.compare(*comparison, &left, &right)
            }
        }
    }

    /// The truth that decides, if a term has it; the other one if all have that.
    fn first_or(&self, terms: &[Predicate], place: Place<'_, 'a>, deciding: bool) -> Option<bool> {
        let mut result = Some(!deciding);
        for term in terms {
            match self.holds(term, place) {
                Some(truth) if truth == deciding => return Some(deciding),
                Some(_) => {}
                None => result = None,
            }
        }
        result
    }

    fn operands(&self, path: &PathExpr, place: Place<'_, 'a>) -> Option<Vec<Item<'a>>> {
        Some(self.unwrapped(self.items(path, place).ok()?))
    }

    /// Whether the comparison holds between an item of each side. What can be told from their classes
    /// comes first: it does not depend on their order.
    fn compare(&self, comparison: Comparison, left: &[Item], right: &[Item]) -> Option<bool> {
        let (left_has, right_has) = (Classes::of(left), Classes::of(right));
        if left_has.nested && right_has.known() || left_has.known() && right_has.nested {
            return None;
        }
        let found = match comparison {
            Comparison::Equal => left_has.null && right_has.null,
            Comparison::NotEqual => left_has.null && right_has.known() || left_has.known() && right_has.null,
            _ => false,
        };
        if found && !self.strict {
            return Some(true);
        }
        let pairs = scalars(left).flat_map(|left| scalars(right).map(move |right| (left, right)));
        let outcomes = pairs.map(|(left, right)| {
            self.spend(ITEM.saturating_add(left.bytes()).saturating_add(right.bytes())).ok()?;
            compared(comparison, left, right)
        });
        self.any(outcomes).map(|any| any || found)
    }

    /// Whether one holds: in strict mode if none fails, in lax mode if none fails before.
    fn any(&self, outcomes: impl Iterator<Item = Option<bool>>) -> Option<bool> {
        let mut found = false;
        for outcome in outcomes {
            found |= outcome?;
            if found && !self.strict {
                break;
            }
        }
        Some(found)
    }
}

/// What there is among items, as comparisons tell them apart.
#[derive(Default)]
struct Classes {
    null: bool,
    scalar: bool,
    /// Arrays and objects, which compare with nothing but null.
    nested: bool,
}

impl Classes {
    fn of(items: &[Item]) -> Self {
        let mut classes = Self::default();
        for item in items {
            match item.kind() {
                Kind::Null => classes.null = true,
                Kind::Array | Kind::Object => classes.nested = true,
                Kind::Boolean | Kind::Number | Kind::String => classes.scalar = true,
            }
        }
        classes
    }

    /// Whether anything is not null.
    fn known(&self) -> bool {
        self.scalar || self.nested
    }
}

fn scalars<'i, 'a>(items: &'i [Item<'a>]) -> impl Iterator<Item = &'i Item<'a>> {
    items.iter().filter(|item| !matches!(item.kind(), Kind::Null | Kind::Array | Kind::Object))
}

/// How two scalars compare; unknown between those of different kinds.
fn compared(comparison: Comparison, left: &Item, right: &Item) -> Option<bool> {
    let ordering = match (left.kind(), right.kind()) {
        (Kind::Number, Kind::Number) => left.number()?.compare(right.number()?),
        (Kind::String, Kind::String) => Some(left.string()?.cmp(&right.string()?)),
        (Kind::Boolean, Kind::Boolean) => Some(left.boolean()?.cmp(&right.boolean()?)),
        _ => None,
    }?;
    Some(match comparison {
        Comparison::Equal => ordering == Ordering::Equal,
        Comparison::NotEqual => ordering != Ordering::Equal,
        Comparison::Less => ordering == Ordering::Less,
        Comparison::Greater => ordering == Ordering::Greater,
        Comparison::AtMost => ordering != Ordering::Greater,
        Comparison::AtLeast => ordering != Ordering::Less,
    })
}
