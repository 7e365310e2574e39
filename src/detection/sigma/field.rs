//! Where the table keeps a field of a CloudTrail record.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField};
use datafusion::common::Column as ColumnName;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions_nested::expr_fn::{array_any_match, array_concat, array_to_string, map_values};
use datafusion::logical_expr::expr::LambdaVariable;
use datafusion::logical_expr::{Expr, lambda, lit};
use datafusion::scalar::ScalarValue;

use crate::functions::{json_values, member_values};
use crate::schema::{COLUMNS, Column, EVENT_TIMESTAMP, Member, Origin, Shape};

use super::expr::any_of;

/// A field of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its text or texts.
    texts: Texts,
    /// Whether the record has it.
    exists: Expr,
    /// It is a part of no column: no record has it.
    pub unknown: bool,
    /// There is raw JSON among its texts.
    pub is_json: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Texts {
    /// One at most: an expression of type varchar.
    One(Expr),
    /// Any number: an expression of type varchar[].
    Many(Expr),
    /// One of several expressions.
    Anywhere(Vec<Expr>),
}

/// `column` as an expression; `col` would fold its case and split it at dots.
pub fn column(name: &str) -> Expr {
    Expr::Column(ColumnName::from_name(name))
}

impl Field {
    /// The field of this path of keys, joined by dots; keys match in any ASCII case.
    pub fn named(path: &str) -> Self {
        let keys: Vec<&str> = path.split('.').collect();
        let held = COLUMNS.iter().filter_map(|column| Some((column, below(column, &keys)?)));
        // Of the columns that can hold it the one that says most about it.
        let best = held.min_by_key(|(_, (_, rest))| rest.len());
        let field = best.and_then(|(held, (shape, rest))| Self::inside(column(held.name), shape, rest));
        field.unwrap_or_else(|| Self {
            texts: Texts::One(lit(ScalarValue::Utf8(None))),
            exists: lit(false),
            unknown: true,
            is_json: false,
        })
    }

    /// All texts of an event.
    pub fn anywhere() -> Self {
        let mut texts = vec![];
        for held in COLUMNS {
            if let Origin::Record(_, shape, _) = &held.origin {
                leaves(&column(held.name), shape, &mut texts);
            }
        }
        Self { texts: Texts::Anywhere(texts), exists: lit(true), unknown: false, is_json: true }
    }

    /// The time of an event as such, if that is what the field is.
    pub fn as_time(&self) -> Self {
        let texts = if self.texts == Texts::One(column("eventtime")) {
            Texts::One(column(EVENT_TIMESTAMP))
        } else {
            self.texts.clone()
        };
        Self { texts, ..self.clone() }
    }

    /// Whether `test` holds for one of its texts; never `NULL`.
    pub fn any(&self, test: impl Fn(Expr) -> Expr) -> Expr {
        self.any_named(ELEMENT, test)
    }

    /// Whether `test` holds for one of its texts and one of the other's; never `NULL`.
    pub fn any_pair(&self, other: &Self, test: impl Fn(Expr, Expr) -> Expr) -> Expr {
        self.any(|text| other.any_named(OTHER, |other| test(text.clone(), other)))
    }

    fn any_named(&self, name: &str, test: impl Fn(Expr) -> Expr) -> Expr {
        match &self.texts {
            Texts::One(_) if self.unknown => lit(false),
            Texts::One(text) => test(text.clone()).is_true(),
            Texts::Many(texts) => array_any_match(texts.clone(), each(name, test)).is_true(),
            Texts::Anywhere(texts) => any_of(texts.iter().map(|text| test(text.clone()).is_true())),
        }
    }

    /// Whether the record has it, be it empty; never `NULL`. Of fields with a column of their own
    /// nothing tells `null` from absent.
    pub fn exists(&self) -> Expr {
        self.exists.clone()
    }

    /// Whether it is absent or `null`; never `NULL`.
    pub fn is_null(&self) -> Expr {
        match &self.texts {
            Texts::One(_) if self.unknown => lit(true),
            Texts::One(text) => text.clone().is_null(),
            Texts::Many(_) => (!self.exists.clone()).or(self.any(|text| text.is_null())),
            Texts::Anywhere(_) => !self.exists.clone(),
        }
    }

    /// Its text, several of them joined, of type varchar; `NULL` if there is none.
    pub fn text(&self) -> Expr {
        match &self.texts {
            Texts::One(text) => text.clone(),
            Texts::Many(texts) => array_to_string(texts.clone(), lit(",")),
            Texts::Anywhere(_) => lit(ScalarValue::Utf8(None)),
        }
    }

    /// Whether asking for it takes reading JSON or many columns.
    pub fn is_costly(&self) -> bool {
        !matches!(self.texts, Texts::One(_))
    }

    /// What stands at `keys` in a value of this shape.
    fn inside(value: Expr, shape: &Shape, keys: &[&str]) -> Option<Self> {
        let (texts, exists) = match (shape, keys) {
            (Shape::Text | Shape::Json, []) => (Texts::One(value.clone()), value.is_not_null()),
            (Shape::Json, keys) => {
                let found = json_values(value, &keys.join("."));
                (Texts::Many(found.clone()), found.is_not_null())
            }
            (Shape::Struct(members), [key, rest @ ..]) => {
                let Member(name, shape) = member(members, key)?;
                return Self::inside(get_field(value, name.to_ascii_lowercase()), shape, rest);
            }
            (Shape::Struct(_), []) => {
                let mut texts = vec![];
                leaves(&value, shape, &mut texts);
                (Texts::Anywhere(texts), value.is_not_null())
            }
            (Shape::List(members), []) => {
                let of = |member: &Member| member_values(value.clone(), member.name());
                (Texts::Many(array_concat(members.iter().map(of).collect())), value.is_not_null())
            }
            (Shape::List(members), [key]) => {
                let found = member_values(value, member(members, key)?.name());
                let exists =
                    array_any_match(found.clone(), each(ELEMENT, |text| text.is_not_null())).is_true();
                (Texts::Many(found), exists)
            }
            (Shape::Map, []) => (Texts::Many(map_values(value.clone())), value.is_not_null()),
            (Shape::Map, keys) => {
                // Its keys are names of claims, dots and all.
                let found = get_field(value, keys.join("."));
                (Texts::One(found.clone()), found.is_not_null())
            }
            (Shape::Text | Shape::List(_), _) => return None,
        };
        let is_json = matches!((shape, keys), (Shape::Json, []));
        Some(Self { texts, exists, unknown: false, is_json })
    }
}

/// The fields whose last key is that of `path`, for a person who wrote something else.
pub fn alike(path: &str) -> Vec<String> {
    let last = path.rsplit('.').next().unwrap_or(path);
    let mut found = vec![];
    for held in COLUMNS {
        if let Origin::Record(path, shape, _) = &held.origin {
            collect_alike(&path.join("."), shape, last, &mut found);
        }
    }
    found
}

fn collect_alike(path: &str, shape: &Shape, last: &str, found: &mut Vec<String>) {
    if path.rsplit('.').next().is_some_and(|key| key.eq_ignore_ascii_case(last)) {
        found.push(path.to_owned());
    }
    if let Shape::Struct(members) | Shape::List(members) = shape {
        members.iter().for_each(|m| collect_alike(&format!("{path}.{}", m.0), &m.1, last, found));
    }
}

/// The column's shape and what of `keys` lies inside it, if its path begins them.
fn below<'a, 'k>(column: &'a Column, keys: &'k [&'k str]) -> Option<(&'a Shape, &'k [&'k str])> {
    let Origin::Record(path, shape, _) = &column.origin else { return None };
    let begins =
        path.len() <= keys.len() && path.iter().zip(keys).all(|(own, key)| own.eq_ignore_ascii_case(key));
    begins.then(|| (shape, &keys[path.len()..]))
}

fn member<'a>(members: &'a [Member], key: &str) -> Option<&'a Member> {
    members.iter().find(|member| member.0.eq_ignore_ascii_case(key))
}

/// Every text in `value`, which has this shape.
fn leaves(value: &Expr, shape: &Shape, texts: &mut Vec<Expr>) {
    match shape {
        Shape::Text | Shape::Json => texts.push(value.clone()),
        Shape::Struct(members) => {
            for member in *members {
                leaves(&get_field(value.clone(), member.name()), &member.1, texts);
            }
        }
        Shape::List(members) => {
            let joined = members
                .iter()
                .map(|member| array_to_string(member_values(value.clone(), member.name()), lit(" ")));
            texts.extend(joined);
        }
        Shape::Map => texts.push(array_to_string(map_values(value.clone()), lit(" "))),
    }
}

/// Names of the variables that stand for an element.
const ELEMENT: &str = "v";
const OTHER: &str = "w";

/// `name -> test(name)` for texts.
fn each(name: &str, test: impl Fn(Expr) -> Expr) -> Expr {
    // Nothing resolves variables of expressions outside of plans, so this one knows its type.
    let field = Arc::new(ArrowField::new(name, DataType::Utf8, true));
    lambda([name], test(Expr::LambdaVariable(LambdaVariable::new(name.to_owned(), Some(field)))))
}
