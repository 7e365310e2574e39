//! What filters ask of items: true, false, or (`None`) unknown. They never fail.

use std::cmp::Ordering;

use super::evaluate::{Evaluation, Place};
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
                let pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
                self.any(pairs.map(|(left, right)| compared(*comparison, left, right)))
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

fn compared(comparison: Comparison, left: &Item, right: &Item) -> Option<bool> {
    let ordering = match (left.kind(), right.kind()) {
        (Kind::Null, Kind::Null) => return Some(comparison == Comparison::Equal),
        (Kind::Null, _) | (_, Kind::Null) => return Some(false),
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
