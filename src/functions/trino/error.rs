//! Errors in Athena's shape: a code, a position and a message.

use std::fmt;

use datafusion::error::DataFusionError;

/// Why Athena would refuse a statement, or give up on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// What kind of error it is.
    pub code: ErrorCode,
    /// Line and column in the statement, counted from 1; `None` where there is none to point at.
    pub at: Option<(u64, u64)>,
    /// What is wrong.
    pub message: String,
}

/// Trino's names of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// Not a statement, or one that makes no sense of its words.
    SyntaxError,
    /// No column of this name, or none that can be seen from here.
    ColumnNotFound,
    /// No table of this name.
    TableNotFound,
    /// No database of this name.
    SchemaNotFound,
    /// No function of this name, or none for such arguments.
    FunctionNotFound,
    /// Types that do not go together.
    TypeMismatch,
    /// A name that several relations have.
    AmbiguousName,
    /// A select item that is neither grouped nor an aggregate.
    ExpressionNotAggregate,
    /// An aggregate or a window function where each row has to have its own value.
    ExpressionNotScalar,
    /// An aggregate of an aggregate.
    NestedAggregation,
    /// A clause of aggregates with a function that is none.
    FunctionNotAggregate,
    /// A position that the select list does not have.
    InvalidColumnReference,
    /// More or fewer names than columns.
    MismatchedColumnAliases,
    /// A table's column without a name.
    MissingColumnName,
    /// An argument that a function cannot use.
    InvalidFunctionArgument,
    /// A value that cannot be cast.
    InvalidCastArgument,
    /// A text that is to be read as JSON, and is none.
    JsonInputConversionError,
    /// What a JSON path gives, and no JSON can be made of.
    JsonOutputConversionError,
    /// What a JSON path gives, and no value can be made of.
    JsonValueResultError,
    /// A JSON path that JSON does not fit.
    PathEvaluationError,
    /// A text that is no value of the type before it.
    InvalidLiteral,
    /// A text that is no JSON path.
    InvalidPath,
    /// A number that its type cannot hold.
    NumericValueOutOfRange,
    /// A division by zero.
    DivisionByZero,
    /// What trailq does not do, or Athena does not.
    NotSupported,
    /// A window frame that ends before it starts, or that no rows can be counted for.
    InvalidWindowFrame,
    /// A view that reads itself.
    InvalidView,
    /// A query that stands for a value and has several.
    SubqueryMultipleRows,
    /// A property that tables do not have.
    InvalidTableProperty,
    /// Where results may not be written.
    InvalidLocation,
    /// A condition that a table asks of its queries, and that is not there.
    ConstraintViolation,
}

impl ErrorCode {
    /// Trino's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SyntaxError => "SYNTAX_ERROR",
            Self::ColumnNotFound => "COLUMN_NOT_FOUND",
            Self::TableNotFound => "TABLE_NOT_FOUND",
            Self::SchemaNotFound => "SCHEMA_NOT_FOUND",
            Self::FunctionNotFound => "FUNCTION_NOT_FOUND",
            Self::TypeMismatch => "TYPE_MISMATCH",
            Self::AmbiguousName => "AMBIGUOUS_NAME",
            Self::ExpressionNotAggregate => "EXPRESSION_NOT_AGGREGATE",
            Self::ExpressionNotScalar => "EXPRESSION_NOT_SCALAR",
            Self::NestedAggregation => "NESTED_AGGREGATION",
            Self::FunctionNotAggregate => "FUNCTION_NOT_AGGREGATE",
            Self::InvalidColumnReference => "INVALID_COLUMN_REFERENCE",
            Self::MismatchedColumnAliases => "MISMATCHED_COLUMN_ALIASES",
            Self::MissingColumnName => "MISSING_COLUMN_NAME",
            Self::InvalidFunctionArgument => "INVALID_FUNCTION_ARGUMENT",
            Self::InvalidCastArgument => "INVALID_CAST_ARGUMENT",
            Self::JsonInputConversionError => "JSON_INPUT_CONVERSION_ERROR",
            Self::JsonOutputConversionError => "JSON_OUTPUT_CONVERSION_ERROR",
            Self::JsonValueResultError => "JSON_VALUE_RESULT_ERROR",
            Self::PathEvaluationError => "PATH_EVALUATION_ERROR",
            Self::InvalidLiteral => "INVALID_LITERAL",
            Self::InvalidPath => "INVALID_PATH",
            Self::NumericValueOutOfRange => "NUMERIC_VALUE_OUT_OF_RANGE",
            Self::DivisionByZero => "DIVISION_BY_ZERO",
            Self::NotSupported => "NOT_SUPPORTED",
            Self::InvalidWindowFrame => "INVALID_WINDOW_FRAME",
            Self::InvalidView => "INVALID_VIEW",
            Self::SubqueryMultipleRows => "SUBQUERY_MULTIPLE_ROWS",
            Self::InvalidTableProperty => "INVALID_TABLE_PROPERTY",
            Self::InvalidLocation => "INVALID_LOCATION",
            Self::ConstraintViolation => "CONSTRAINT_VIOLATION",
        }
    }
}

impl SqlError {
    /// An error at a position.
    pub fn at(code: ErrorCode, position: (u64, u64), message: impl Into<String>) -> Self {
        Self { code, at: Some(position), message: message.into() }
    }

    /// The same, at a position if it has none.
    pub fn or_at(self, position: (u64, u64)) -> Self {
        Self { at: self.at.or(Some(position)), ..self }
    }

    /// An error of a whole statement.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, at: None, message: message.into() }
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code.name())?;
        if let Some((line, column)) = self.at {
            write!(f, "line {line}:{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlError {}

/// As functions hand it to DataFusion.
impl From<SqlError> for DataFusionError {
    fn from(error: SqlError) -> Self {
        Self::External(Box::new(error))
    }
}
