//! Values of a rule, and what modifiers make of them.

use arrow::array::StringArray;
use arrow::compute::regexp_is_match_scalar;
use datafusion::logical_expr::Operator;
use ipnetwork::IpNetwork;
use serde_json::Value;

use super::encode;
use super::modifier::Modifier;
use super::pattern::Pattern;

/// A value on its way through its modifiers.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// As the rule writes it.
    Raw(String),
    /// A number with its text.
    Number(f64, String),
    Flag(bool),
    Null,
    Text(Pattern),
    /// What is not to be read as text before it is encoded.
    Bytes(Vec<u8>),
    /// A regular expression and its flags.
    Regex(String, String),
    Network(IpNetwork),
    Compare(Operator, f64),
    /// A part of a time, in words of SQL's `date_part`.
    Part(&'static str, Operator, f64),
    Exists(bool),
    /// To a field by name, and whether the text has to begin and to end with what is there.
    Reference {
        name: String,
        starts: bool,
        ends: bool,
    },
}

/// What a modifier makes of a value: any of these.
type Change = Result<Vec<Draft>, String>;

impl Draft {
    /// A value of YAML.
    ///
    /// # Errors
    /// If it is a list or a map.
    pub fn read(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN), number.to_string()),
            Value::String(text) => Self::Raw(text.clone()),
            Value::Array(_) | Value::Object(_) => return Err("has a list or map for a value".into()),
        })
    }

    /// What `modifier` makes of it; several values stand for any of them.
    ///
    /// # Errors
    /// If the modifier is not for such values.
    pub fn apply(self, modifier: &Modifier) -> Change {
        let one = |draft| Ok(vec![draft]);
        match (modifier, self) {
            (Modifier::All | Modifier::Neq | Modifier::Cased, draft) => one(draft),
            (Modifier::Contains | Modifier::StartsWith | Modifier::EndsWith, draft) => {
                one(draft.open(modifier != &Modifier::StartsWith, modifier != &Modifier::EndsWith)?)
            }
            (Modifier::Re, Self::Raw(text) | Self::Number(_, text)) => one(Self::Regex(text, String::new())),
            (Modifier::Flag(flag), Self::Regex(text, flags)) => {
                one(Self::Regex(text, format!("{flags}{flag}")))
            }
            (Modifier::Cidr, Self::Raw(text)) => {
                let network = text.parse().map_err(|cause| format!("'{text}' is no network: {cause}"))?;
                one(Self::Network(network))
            }
            (Modifier::Exists, Self::Flag(flag)) => one(Self::Exists(flag)),
            (Modifier::Compare(operator), Self::Number(number, _)) => one(Self::Compare(*operator, number)),
            (Modifier::Compare(operator), Self::Part(part, Operator::Eq, number)) => {
                one(Self::Part(part, *operator, number))
            }
            (Modifier::Part(part), Self::Number(number, _)) => one(Self::Part(part, Operator::Eq, number)),
            (Modifier::Part(part), Self::Compare(operator, number)) => {
                one(Self::Part(part, operator, number))
            }
            (Modifier::FieldRef, draft) => {
                one(Self::Reference { name: draft.into_plain()?, starts: true, ends: true })
            }
            (Modifier::Expand, Self::Raw(text)) => one(Self::Raw(expand(&text)?)),
            (Modifier::Windash, draft) => windash(&draft.into_pattern()?.text()),
            (Modifier::Utf16 { little, mark }, draft) => {
                let text = draft.into_plain()?;
                let text = if *mark { format!("\u{feff}{text}") } else { text };
                one(Self::Bytes(encode::utf16(&text, *little)))
            }
            (Modifier::Base64, draft) => {
                one(Self::Text(Pattern::plain(encode::base64(&draft.into_bytes()?))))
            }
            (Modifier::Base64Offset, draft) => {
                let offsets = encode::base64_offsets(&draft.into_bytes()?);
                if offsets.iter().any(String::is_empty) {
                    return Err("has a value too short for |base64offset".into());
                }
                Ok(offsets.map(|text| Self::Text(Pattern::plain(text))).into())
            }
            (_, draft) => Err(format!("has {} that its modifiers are not for", draft.kind())),
        }
    }

    /// Ready to be compared: every text as a pattern.
    ///
    /// # Errors
    /// If it is no text that an event can hold, or no regular expression.
    pub fn finish(self) -> Result<Self, String> {
        match self {
            Self::Raw(text) => Ok(Self::Text(Pattern::parse(&text))),
            Self::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Self::Text(Pattern::plain(text))),
                Err(_) => Err("has an encoded value that is no text; add |base64".into()),
            },
            Self::Regex(text, flags) => Ok(Self::Regex(checked_regex(&text, &flags)?, flags)),
            other => Ok(other),
        }
    }

    /// The text as it stands in a string of JSON, if that looks different: policies are JSON in JSON.
    pub fn inside_json(&self) -> Option<Self> {
        let Self::Text(pattern) = self else { return None };
        let escaped = pattern.clone().map(|text| text.replace('\\', r"\\").replace('"', r#"\""#));
        (escaped != *pattern).then_some(Self::Text(escaped))
    }

    /// Whether it tests a text by itself.
    pub fn is_for_text(&self) -> bool {
        !matches!(self, Self::Null | Self::Exists(_) | Self::Part(..) | Self::Reference { .. })
    }

    /// Whether case can matter to it.
    pub fn has_case(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Reference { .. })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Raw(_) | Self::Text(_) => "a text",
            Self::Number(..) => "a number",
            Self::Flag(_) => "a boolean",
            Self::Null => "null",
            Self::Bytes(_) => "an encoded text",
            Self::Regex(..) => "a regular expression",
            Self::Network(_) => "a network",
            Self::Compare(..) => "a comparison",
            Self::Part(..) => "a part of a time",
            Self::Exists(_) => "an existence",
            Self::Reference { .. } => "a field",
        }
    }

    /// With anything `before` it, or `after`.
    fn open(self, before: bool, after: bool) -> Result<Self, String> {
        match self {
            // Regular expressions find what they are for anywhere; a prefix or suffix is held fast.
            Self::Regex(text, flags) => {
                let (start, end) = (if before { "" } else { r"\A" }, if after { "" } else { r"\z" });
                Ok(Self::Regex(format!("{start}(?:{text}){end}"), flags))
            }
            Self::Reference { name, starts, ends } => {
                Ok(Self::Reference { name, starts: starts && !before, ends: ends && !after })
            }
            other => {
                let pattern = other.into_pattern()?;
                let pattern = if before { pattern.after_any() } else { pattern };
                Ok(Self::Text(if after { pattern.before_any() } else { pattern }))
            }
        }
    }

    fn into_pattern(self) -> Result<Pattern, String> {
        match self {
            Self::Raw(text) => Ok(Pattern::parse(&text)),
            Self::Text(pattern) => Ok(pattern),
            Self::Number(_, text) => Ok(Pattern::plain(text)),
            Self::Flag(flag) => Ok(Pattern::plain(flag.to_string())),
            Self::Bytes(_) => self.finish()?.into_pattern(),
            other => Err(format!("has {} where its modifiers want a text", other.kind())),
        }
    }

    fn into_plain(self) -> Result<String, String> {
        let pattern = self.into_pattern()?;
        let plain = pattern.as_plain().map(ToOwned::to_owned);
        plain.ok_or_else(|| "has a wildcard in a value whose modifiers want plain text".into())
    }

    fn into_bytes(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            other => Ok(other.into_plain()?.into_bytes()),
        }
    }
}

/// The regular expression with its flags inside.
fn checked_regex(text: &str, flags: &str) -> Result<String, String> {
    let regex = if flags.is_empty() { text.to_owned() } else { format!("(?{flags}){text}") };
    match regexp_is_match_scalar(&StringArray::from(vec![""]), &regex, None) {
        Ok(_) => Ok(regex),
        Err(_) => Err(format!("has a regular expression that cannot be used: '{text}'")),
    }
}

/// The text without escapes of `%`; values for placeholders there are none.
fn expand(text: &str) -> Result<String, String> {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('%') {
        if let Some(before) = rest[..at].strip_suffix('\\') {
            plain.extend([before, "%"]);
            rest = &rest[at + 1..];
            continue;
        }
        plain.push_str(&rest[..at]);
        let name = rest[at + 1..].split_once('%').map(|(name, _)| name);
        if let Some(name) = name.filter(|name| !name.is_empty() && !name.contains(char::is_whitespace)) {
            return Err(format!("has a placeholder without values: %{name}%"));
        }
        plain.push('%');
        rest = &rest[at + 1..];
    }
    plain.push_str(rest);
    Ok(plain)
}

fn windash(text: &str) -> Change {
    let variants = encode::windash(text).ok_or("has a value with too many dashes for |windash")?;
    Ok(variants.into_iter().map(|text| Draft::Text(Pattern::parse(&text))).collect())
}
