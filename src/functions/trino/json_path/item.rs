//! Items of the sequences that paths give.

use std::borrow::Cow;

use super::Number;
use crate::decode::json::{for_each_element, for_each_member, text_of};
use crate::functions::trino::json_text::{compact, write_string};

/// An item.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// Valid JSON, without spaces around it.
    Json(Cow<'a, str>),
    /// A number that was computed, or that is none of JSON's.
    Number(Number),
}

/// What an item is, as `type()` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// What `type()` says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl<'a> Item<'a> {
    /// The item of valid JSON.
    pub fn json(raw: &'a str) -> Self {
        Self::Json(Cow::Borrowed(raw.trim_matches([' ', '\t', '\r', '\n'])))
    }

    /// The item of a text.
    pub fn text(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        write_string(&mut json, text);
        Self::Json(Cow::Owned(json))
    }

    /// The bytes of its text, if it has one.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Json(json) => json.len(),
            Self::Number(_) => 0,
        }
    }

    pub fn kind(&self) -> Kind {
        let Self::Json(json) = self else { return Kind::Number };
        match json.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The number that the item is; `None` if it is none, or too large.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Json(json) if self.kind() == Kind::Number => Number::of_json(json),
            Self::Json(_) => None,
        }
    }

    /// The text that a string is, without quotes and escapes.
    pub fn string(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Json(json) if self.kind() == Kind::String => Some(text_of(json)),
            _ => None,
        }
    }

    /// The boolean that the item is.
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Json(json) if self.kind() == Kind::Boolean => Some(json.starts_with('t')),
            _ => None,
        }
    }

    /// The item as JSON, without spaces.
    pub fn written(&self) -> String {
        match self {
            Self::Json(json) => compact(json),
            Self::Number(number) => number.json(),
        }
    }

    /// The elements of an array; nothing of anything else.
    pub fn elements(&self) -> Vec<Item<'a>> {
        let mut found = vec![];
        match self {
            Self::Json(Cow::Borrowed(json)) => {
                for_each_element(json, |element| found.push(Item::json(element)))
            }
            Self::Json(Cow::Owned(json)) => {
                for_each_element(json, |element| found.push(Item::Json(Cow::Owned(element.to_owned()))));
            }
            Self::Number(_) => {}
        }
        found
    }

    /// The value of an object's member; of members of one name the last.
    pub fn member(&self, name: &str) -> Option<Item<'a>> {
        let mut found = None;
        self.for_each_member(|key, value| {
            if key == name {
                found = Some(value());
            }
        });
        found
    }

    /// The names and values of an object's members; of members of one name the last value.
    pub fn members(&self) -> Vec<(String, Item<'a>)> {
        let mut found: Vec<(String, Item<'a>)> = vec![];
        let mut places = std::collections::HashMap::new();
        self.for_each_member(|key, value| {
            let place = *places.entry(key.to_owned()).or_insert(found.len());
            match found.get_mut(place) {
                Some(member) => member.1 = value(),
                None => found.push((key.to_owned(), value())),
            }
        });
        found
    }

    fn for_each_member(&self, mut each: impl FnMut(&str, &dyn Fn() -> Item<'a>)) {
        // What was walked is what there is: the JSON is known to be valid.
        let _ = match self {
            Self::Json(Cow::Borrowed(json)) => {
                for_each_member(json, |key, value| each(key, &|| Item::json(value)))
            }
            Self::Json(Cow::Owned(json)) => {
                for_each_member(json, |key, value| each(key, &|| Item::Json(Cow::Owned(value.to_owned()))))
            }
            Self::Number(_) => Ok(()),
        };
    }
}
