//! Patterns of `LIKE`: in Trino nothing escapes a wildcard unless `ESCAPE` says so, in DataFusion `\`
//! does.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::error::{ErrorCode, SqlError};

/// `pattern` with `\` as its escape character, whatever its own is.
///
/// # Errors
/// If the escape character stands before anything but a wildcard or itself.
pub fn escaped(pattern: &str, escape: Option<char>) -> Result<String, String> {
    let mut rewritten = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if Some(character) == escape {
            let next = characters.next().filter(|next| matches!(next, '%' | '_') || Some(*next) == escape);
            let Some(next) = next else {
                return Err(
                    "Escape character must be followed by '%', '_' or the escape character itself".into()
                );
            };
            if matches!(next, '%' | '_' | '\\') {
                rewritten.push('\\');
            }
            rewritten.push(next);
        } else {
            if character == '\\' {
                rewritten.push('\\');
            }
            rewritten.push(character);
        }
    }
    Ok(rewritten)
}

/// The same for a pattern that is known only when the query runs.
pub fn pattern(pattern: Expr, escape: Option<char>) -> Expr {
    ScalarUDF::from(LikePattern {
        escape,
        signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
    })
    .call(vec![pattern])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LikePattern {
    escape: Option<char>,
    signature: Signature,
}

impl ScalarUDFImpl for LikePattern {
    fn name(&self) -> &str {
        "like_pattern"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let patterns = arrays[0].as_string::<i32>().iter();
        let rewritten =
            patterns.map(|pattern| pattern.map(|pattern| escaped(pattern, self.escape)).transpose());
        let rewritten = rewritten
            .collect::<Result<StringArray, String>>()
            .map_err(|message| SqlError::new(ErrorCode::InvalidFunctionArgument, message))?;
        Ok(ColumnarValue::Array(Arc::new(rewritten)))
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn patterns() {
        assert_eq!(escaped(r"a\%_", None).unwrap(), r"a\\%_");
        assert_eq!(escaped("50#%#_##%", Some('#')).unwrap(), r"50\%\_#%");
        assert_eq!(escaped(r"a\\b\%", Some('\\')).unwrap(), r"a\\b\%");
        assert!(escaped("a#b", Some('#')).is_err());
        assert!(escaped("a#", Some('#')).is_err());
    }
}
