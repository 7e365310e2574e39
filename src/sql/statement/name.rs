//! Names as people and clients write them.

use super::Name;

impl Name {
    /// The name as messages show it: without quotes.
    pub fn plain(&self) -> String {
        match &self.database {
            Some(database) => format!("{database}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A name that is given beside a statement, as the catalog keeps it: in lower case, and without the
/// backticks or double quotes that some clients put around it (awswrangler's `repair_table`).
pub fn folded(given: &str) -> String {
    let given = given.trim();
    let inner = ['`', '"'].into_iter().find_map(|quote| {
        let inner = given.strip_prefix(quote)?.strip_suffix(quote)?;
        Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
    });
    inner.unwrap_or_else(|| given.to_owned()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded() {
        for given in ["CredentialMapper", "`credentialmapper`", "\"CredentialMapper\"", " credentialmapper "]
        {
            assert_eq!(folded(given), "credentialmapper", "{given}");
        }
        for (given, expected) in [("`a``b`", "a`b"), ("`", "`"), ("``", ""), ("`a\"", "`a\""), ("", "")] {
            assert_eq!(folded(given), expected, "{given}");
        }
    }

    #[test]
    fn messages_show_no_quotes() {
        let name = Name { database: Some("security".to_owned()), name: "x-y".to_owned() };
        assert_eq!((name.to_string(), name.plain()), ("`security`.`x-y`".into(), "security.x-y".into()));
    }
}
