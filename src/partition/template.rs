//! `storage.location.template`: where in an object's name the values of its partition stand.

use super::layout::days_below;
use super::projection::Projection;

/// Where the objects of a projected table lie.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    /// How names begin, up to the template's first placeholder.
    roots: Vec<String>,
    pieces: Vec<Piece>,
    columns: Vec<Projection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Text(String),
    /// The value of the column at this position.
    Column(usize),
}

/// How far a name follows a template.
enum Followed {
    /// To the end: the values of all columns.
    Whole(Vec<String>),
    /// As far as the name goes: the values so far, and what has begun of the next.
    Part(Vec<(usize, String)>, String),
    /// It lies elsewhere.
    No,
}

/// The part of a template before its first placeholder, up to its last `/`, and the rest.
pub fn split_static(template: &str) -> (&str, &str) {
    let fixed = template.find("${").map_or(template, |at| template.get(..at).unwrap_or_default());
    let end = fixed.rfind('/').map_or(0, |at| at + 1);
    template.split_at_checked(end).unwrap_or(("", template))
}

impl Template {
    /// A template whose placeholders begin after `roots` (folders, with a `/` at their end);
    /// `dynamic` is the rest of it.
    ///
    /// # Errors
    /// In words, if a placeholder names no column, or a column has none.
    pub fn new(
        roots: Vec<String>,
        dynamic: &str,
        columns: Vec<(String, Projection)>,
    ) -> Result<Self, String> {
        let mut pieces = vec![];
        let mut rest = dynamic.trim_end_matches('/');
        while let Some((text, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("has a placeholder without an end")?;
            let column = columns.iter().position(|(column, _)| column.eq_ignore_ascii_case(name));
            pieces.push(Piece::Text(text.to_owned()));
            pieces.push(Piece::Column(
                column.ok_or_else(|| format!("names {name}, which is no partition column"))?,
            ));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        if let Some(at) = (0..columns.len()).find(|at| !pieces.contains(&Piece::Column(*at))) {
            let name = columns.get(at).map_or("", |(name, _)| name.as_str());
            return Err(format!("has no placeholder for {name}"));
        }
        Ok(Self { roots, pieces, columns: columns.into_iter().map(|(_, projection)| projection).collect() })
    }

    /// Whether `column` has the values that a query names.
    pub fn is_injected(&self, column: usize) -> bool {
        matches!(self.columns.get(column), Some(Projection::Injected))
    }

    /// The value that `column` has for the object called `name`; `None` if the object is not in
    /// the table.
    pub fn of(&self, column: usize, name: &str) -> Option<String> {
        self.roots.iter().find_map(|root| match self.follow(name.strip_prefix(root.as_str())?, false) {
            Followed::Whole(values) => values.into_iter().nth(column),
            Followed::Part(..) | Followed::No => None,
        })
    }

    /// Every value that `column` can have in objects below `folder`; `None` if it can be anything.
    pub fn below(&self, column: usize, folder: &str) -> Option<Vec<Option<String>>> {
        if self.roots.iter().any(|root| root.starts_with(folder)) {
            return None;
        }
        let mut found = vec![None];
        for rest in self.roots.iter().filter_map(|root| folder.strip_prefix(root.as_str())) {
            match self.follow(rest, true) {
                Followed::Whole(values) => found.extend(values.into_iter().nth(column).map(Some)),
                Followed::Part(values, begun) => match values.iter().find(|(known, _)| *known == column) {
                    Some((_, value)) => found.push(Some(value.clone())),
                    None => found.extend(self.begun(column, values.len(), &begun)?),
                },
                Followed::No => {}
            }
        }
        Some(found)
    }

    /// The values of `column` if it is the one that has begun, and they can be told.
    fn begun(&self, column: usize, told: usize, begun: &str) -> Option<Vec<Option<String>>> {
        let mut placeholders = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column(column) => Some(*column),
            Piece::Text(_) => None,
        });
        let Some(projection @ Projection::Date { pattern, .. }) = self.columns.get(column) else {
            return None;
        };
        if placeholders.nth(told) != Some(column) || begun.is_empty() || !pattern.is_folders_of_days() {
            return None;
        }
        let days = days_below(begun.trim_end_matches('/'))?;
        Some(days.into_iter().filter(|day| projection.has(day)).map(Some).collect())
    }

    /// Follows the template along `rest`, a name below its root. A `folder` may end early.
    fn follow(&self, mut rest: &str, folder: bool) -> Followed {
        let mut values: Vec<(usize, String)> = vec![];
        for (at, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => match rest.strip_prefix(text.as_str()) {
                    Some(after) => rest = after,
                    None if folder && text.starts_with(rest) => return Followed::Part(values, String::new()),
                    None => return Followed::No,
                },
                Piece::Column(column) => {
                    let Some(projection) = self.columns.get(*column) else { return Followed::No };
                    match value(projection, rest, self.pieces.get(at + 1)) {
                        Some(value) if projection.has(value) => {
                            rest = rest.get(value.len()..).unwrap_or_default();
                            values.push((*column, value.to_owned()));
                        }
                        Some(_) => return Followed::No,
                        None if folder => return Followed::Part(values, rest.to_owned()),
                        None => return Followed::No,
                    }
                }
            }
        }
        if !rest.starts_with('/') {
            return Followed::No;
        }
        let value =
            |column| values.iter().find(|(known, _)| *known == column).map(|(_, value)| value.clone());
        match (0..self.columns.len()).map(value).collect() {
            Some(values) => Followed::Whole(values),
            None => Followed::No,
        }
    }
}

/// The text of a value at the beginning of `rest`: as many folders as its projection has, or up to
/// the text that follows it in its last folder. `None` if `rest` ends before it does.
fn value<'a>(projection: &Projection, rest: &'a str, next: Option<&Piece>) -> Option<&'a str> {
    if let Projection::Enum(values) = projection {
        let mut known: Vec<&String> =
            values.iter().filter(|value| rest.starts_with(value.as_str())).collect();
        known.sort_by_key(|value| std::cmp::Reverse(value.len()));
        if let Some(value) = known.first().filter(|value| rest.len() > value.len()) {
            return rest.get(..value.len());
        }
    }
    let (end, _) = rest.match_indices('/').nth(projection.folders().checked_sub(1)?)?;
    let value = rest.get(..end)?;
    match next {
        Some(Piece::Text(text)) if !text.is_empty() && !text.starts_with('/') => {
            let last_folder = value.rfind('/').map_or(0, |at| at + 1);
            let mark = text.split('/').next().unwrap_or_default();
            let (_, tail) = value.split_at_checked(last_folder)?;
            tail.find(mark).and_then(|at| value.get(..last_folder + at))
        }
        _ => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn projection(properties: &[(&str, &str)]) -> Projection {
        let get = |name: &str| properties.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Projection::read(get, "2024-03-10T12:00:00Z".parse().unwrap()).unwrap()
    }

    fn days() -> Projection {
        projection(&[("type", "date"), ("format", "yyyy/MM/dd"), ("range", "2023/07/10,NOW")])
    }

    /// An organisation's template, with a region of two and any account.
    fn organisation() -> Template {
        let template = "s3://b/AWSLogs/${account}/CloudTrail/${region}/${timestamp}/";
        let (root, dynamic) = split_static(template);
        assert_eq!(root, "s3://b/AWSLogs/");
        let regions = projection(&[("type", "enum"), ("values", "us-east-1,us-east-10")]);
        let columns = vec![
            ("region".to_owned(), regions),
            ("timestamp".to_owned(), days()),
            ("account".to_owned(), Projection::Injected),
        ];
        Template::new(vec![root.to_owned()], dynamic, columns).unwrap()
    }

    #[test]
    fn values_stand_at_their_places() {
        let template = organisation();
        let values = |name: &str| (0..3).map(|column| template.of(column, name)).collect::<Option<Vec<_>>>();
        let base = "s3://b/AWSLogs/1/CloudTrail/us-east-10/2023/07/10";
        let expected = vec!["us-east-10".to_owned(), "2023/07/10".to_owned(), "1".to_owned()];
        assert_eq!(values(&format!("{base}/x.json")), Some(expected.clone()));
        assert_eq!(values(&format!("{base}/more/x.json")), Some(expected));
        for name in [
            base,
            "s3://b/AWSLogs/1/CloudTrail/us-east-1/2023/07/09/x.json",
            "s3://b/AWSLogs/1/CloudTrail/eu-west-1/2023/07/10/x.json",
            "s3://b/AWSLogs/1/Config/us-east-1/2023/07/10/x.json",
            "s3://b/AWSLogs/o-1/1/CloudTrail/us-east-1/2023/07/10/x.json",
            "s3://c/AWSLogs/1/CloudTrail/us-east-1/2023/07/10/x.json",
            "",
        ] {
            assert_eq!(values(name), None, "{name}");
        }
    }

    #[test]
    fn values_within_a_folders_name() {
        let columns = vec![("d".to_owned(), days()), ("r".to_owned(), Projection::Injected)];
        let template = Template::new(vec!["x/".to_owned()], "region=${r}-at/dt=${d}", columns).unwrap();
        let name = "x/region=us-at/dt=2023/07/10/f";
        assert_eq!(template.of(1, name).as_deref(), Some("us"));
        assert_eq!(template.of(0, name).as_deref(), Some("2023/07/10"));
    }

    #[test]
    fn folders_bound_what_lies_below() {
        let template = organisation();
        let below = |column: usize, folder: &str| template.below(column, folder);
        assert_eq!(below(0, "s3://b/"), None);
        assert_eq!(below(0, "s3://b/AWSLogs/1/"), None);
        assert_eq!(below(2, "s3://b/AWSLogs/1/"), Some(vec![None, Some("1".into())]));
        assert_eq!(below(2, "s3://b/AWSLogs/1/Config/"), Some(vec![None]));
        assert_eq!(below(0, "s3://b/elsewhere/"), Some(vec![None]));
        assert_eq!(below(0, "s3://b/AWSLogs/1/CloudTrail/eu-west-1/"), Some(vec![None]));
        let region = "s3://b/AWSLogs/1/CloudTrail/us-east-1/";
        assert_eq!(below(1, region), None);
        assert_eq!(below(1, &format!("{region}2023/")).unwrap().len(), 1 + 22 + 31 + 30 + 31 + 30 + 31);
        assert_eq!(below(1, &format!("{region}2022/")), Some(vec![None]));
        assert_eq!(below(1, &format!("{region}2023/08/")).unwrap().len(), 32);
    }

    #[test]
    fn every_column_has_its_place() {
        let new = |dynamic: &str| Template::new(vec![], dynamic, vec![("a".to_owned(), days())]).unwrap_err();
        assert_eq!(new("x/"), "has no placeholder for a");
        assert_eq!(new("${a}/${b}"), "names b, which is no partition column");
        assert_eq!(new("${a"), "has a placeholder without an end");
    }

    proptest! {
        /// Whatever an object below a folder is called, its values are among those of the folder.
        #[test]
        fn no_value_escapes_its_folder(
            name in "s3://[bc]/(AWSLogs/)?(1|2)/(CloudTrail/)?(us-east-1|us-east-10|x)/(2023|2024|2025)/(0[1-9]|1|07)/([0-3][0-9]|10)?/?x"
        ) {
            let template = organisation();
            for column in 0..3 {
                for (end, _) in name.match_indices('/') {
                    if let Some(values) = template.below(column, &name[..=end]) {
                        prop_assert!(values.contains(&template.of(column, &name)));
                    }
                }
            }
        }
    }
}
