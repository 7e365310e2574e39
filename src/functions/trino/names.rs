//! Names that were nearly right.

/// The name among `known` that is nearest to `given`, if it is near enough to be meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    // One typing error for every three letters.
    let most = given.chars().count().div_ceil(3).min(3);
    let near = known.into_iter().map(|name| (distance(&given, &name.to_lowercase()), name));
    near.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

/// Letters to insert, delete or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    datafusion::common::utils::datafusion_strsim::levenshtein(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        let known = ["eventtime", "eventname", "errorcode"];
        assert_eq!(nearest("EventNme", known), Some("eventname"));
        assert_eq!(nearest("errorcod", known), Some("errorcode"));
        assert_eq!(nearest("region", known), None);
    }
}
