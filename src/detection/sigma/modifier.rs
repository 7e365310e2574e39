//! The modifiers of a field.

use datafusion::logical_expr::Operator;

/// What stands behind a field's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Modifier {
    All,
    Neq,
    Cased,
    Contains,
    StartsWith,
    EndsWith,
    Re,
    /// Of a regular expression.
    Flag(char),
    Cidr,
    Exists,
    Compare(Operator),
    /// In words of SQL's `date_part`.
    Part(&'static str),
    FieldRef,
    Expand,
    Windash,
    Utf16 {
        little: bool,
        /// A byte order mark goes first.
        mark: bool,
    },
    Base64,
    Base64Offset,
}

impl Modifier {
    /// The modifier of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "neq" => Self::Neq,
            "cased" => Self::Cased,
            "contains" => Self::Contains,
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "re" => Self::Re,
            "i" | "ignorecase" => Self::Flag('i'),
            "m" | "multiline" => Self::Flag('m'),
            "s" | "dotall" => Self::Flag('s'),
            "cidr" => Self::Cidr,
            "exists" => Self::Exists,
            "lt" => Self::Compare(Operator::Lt),
            "lte" => Self::Compare(Operator::LtEq),
            "gt" => Self::Compare(Operator::Gt),
            "gte" => Self::Compare(Operator::GtEq),
            "minute" => Self::Part("minute"),
            "hour" => Self::Part("hour"),
            "day" => Self::Part("day"),
            "week" => Self::Part("week"),
            "month" => Self::Part("month"),
            "year" => Self::Part("year"),
            "fieldref" => Self::FieldRef,
            "expand" => Self::Expand,
            "windash" => Self::Windash,
            "wide" | "utf16le" => Self::Utf16 { little: true, mark: false },
            "utf16be" => Self::Utf16 { little: false, mark: false },
            "utf16" => Self::Utf16 { little: true, mark: true },
            "base64" => Self::Base64,
            "base64offset" => Self::Base64Offset,
            _ => return None,
        })
    }
}
