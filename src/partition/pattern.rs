//! Patterns of dates in partition values, as Java's `DateTimeFormatter` writes them.
//!
//! Source: Athena user guide, "Supported types for partition projection", date type.

use chrono::{NaiveDate, NaiveDateTime};

/// A pattern such as `yyyy/MM/dd`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DatePattern(Vec<Item>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Item {
    /// A field's letter and how often it stands there.
    Field(char, usize),
    Text(String),
}

impl DatePattern {
    /// Reads a pattern; `None` if it has letters that mean nothing here.
    pub fn parse(pattern: &str) -> Option<Self> {
        let mut items = vec![];
        let mut rest = pattern.chars().peekable();
        while let Some(letter) = rest.next() {
            if letter == '\'' {
                let quoted: String = rest.by_ref().take_while(|c| *c != '\'').collect();
                // Two quotes are one.
                items.push(Item::Text(if quoted.is_empty() { "'".to_owned() } else { quoted }));
            } else if letter.is_ascii_alphabetic() {
                let mut count = 1;
                while rest.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                let letter = if letter == 'u' { 'y' } else { letter };
                if !"yMdHms".contains(letter) || count > 4 {
                    return None;
                }
                items.push(Item::Field(letter, count));
            } else {
                items.push(Item::Text(letter.to_string()));
            }
        }
        Some(Self(items))
    }

    /// The first instant that `text` names.
    pub fn read(&self, text: &str) -> Option<NaiveDateTime> {
        let (mut year, mut month, mut day, mut time) = (1970, 1, 1, [0; 3]);
        let mut rest = text;
        for item in &self.0 {
            match item {
                Item::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Item::Field(letter, count) => {
                    let most = if *count > 1 {
                        *count
                    } else if *letter == 'y' {
                        4
                    } else {
                        2
                    };
                    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                    let (digits, after) = rest.split_at_checked(length)?;
                    let number: u32 = digits.parse().ok().filter(|_| *count == 1 || length == *count)?;
                    rest = after;
                    match letter {
                        'y' if *count == 2 => year = 2000 + i32::try_from(number).ok()?,
                        'y' => year = i32::try_from(number).ok()?,
                        'M' => month = number,
                        'd' => day = number,
                        'H' => time[0] = number,
                        'm' => time[1] = number,
                        _ => time[2] = number,
                    }
                }
            }
        }
        let [hour, minute, second] = time;
        let found = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)?;
        rest.is_empty().then_some(found)
    }

    /// How many folders a value spans.
    pub fn folders(&self) -> usize {
        let slashes = self.0.iter().map(|item| match item {
            Item::Text(text) => text.matches('/').count(),
            Item::Field(..) => 0,
        });
        1 + slashes.sum::<usize>()
    }

    /// Whether it is `yyyy/MM/dd`, CloudTrail's own.
    pub fn is_folders_of_days(&self) -> bool {
        Self::parse("yyyy/MM/dd").as_ref() == Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_pattern() {
        let read = |pattern: &str, text: &str| {
            DatePattern::parse(pattern).unwrap().read(text).map(|time| time.to_string())
        };
        for (pattern, text, expected) in [
            ("yyyy/MM/dd", "2023/07/10", Some("2023-07-10 00:00:00")),
            ("yyyy/MM/dd", "2023/7/10", None),
            ("yyyy/MM/dd", "2023/02/30", None),
            ("yyyy/MM/dd", "2023/07/10/", None),
            ("yyyy-M-d", "2023-7-1", Some("2023-07-01 00:00:00")),
            ("yyyyMMddHH", "2023071005", Some("2023-07-10 05:00:00")),
            ("'dt='yyyy-MM", "dt=2023-07", Some("2023-07-01 00:00:00")),
            ("yyyy", "2023", Some("2023-01-01 00:00:00")),
            ("yyyy/MM/dd", "é", None),
        ] {
            assert_eq!(read(pattern, text).as_deref(), expected, "{pattern} {text}");
        }
        assert_eq!(DatePattern::parse("EEE"), None);
        assert_eq!(DatePattern::parse("yyyy/MM/dd/HH").unwrap().folders(), 4);
    }
}
