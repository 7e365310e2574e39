//! Calls of the functions of SQL/JSON as they were read: values, and clauses.

use datafusion::sql::sqlparser::ast::{
    self, FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArgumentClause, FunctionArguments,
    Ident, Spanned,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::{Result, mismatch, syntax};
use crate::functions::trino::sql_json::Fallback;
use crate::sql::types::{self, SqlType};

/// A call as it was read.
pub(super) struct Call<'a> {
    pub at: Span,
    /// Values; those of an object's members have keys.
    pub values: Vec<(Option<&'a ast::Expr>, &'a ast::Expr)>,
    pub passed: Vec<(&'a Ident, &'a ast::Expr)>,
    /// Clauses, and the value of a `DEFAULT`.
    pub clauses: Vec<(&'a str, Option<&'a ast::Expr>)>,
    pub returning: Option<SqlType>,
}

/// Reads what the parser made of a call; see `sql/json_syntax.rs`.
pub(super) fn read(function: &ast::Function) -> Result<Call<'_>> {
    let at = function.name.span();
    let mut call = Call { at, values: vec![], passed: vec![], clauses: vec![], returning: None };
    let FunctionArguments::List(list) = &function.args else {
        return Err(syntax(at, "arguments are missing"));
    };
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => call.values.push((None, value)),
            FunctionArg::ExprNamed { name, arg: FunctionArgExpr::Expr(value), .. } => {
                call.values.push((Some(name), value));
            }
            FunctionArg::Named { name, arg, operator: FunctionArgOperator::Assignment } => {
                let default = if let FunctionArgExpr::Expr(value) = arg { Some(value) } else { None };
                call.clauses.push((&name.value, default));
            }
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => {
                call.passed.push((name, value))
            }
            other => return Err(super::unsupported(at, format!("Argument {other}"))),
        }
    }
    for clause in &list.clauses {
        let FunctionArgumentClause::JsonReturningClause(clause) = clause else { continue };
        let written = clause.data_type.to_string();
        let written = written.trim_matches('"');
        let parsed = types::parse(written);
        call.returning = Some(parsed.ok_or_else(|| mismatch(at, format!("Unknown type: {written}")))?);
    }
    Ok(call)
}

/// What stands instead of what is not there; `None` for clauses that say nothing of that.
pub(super) fn fallback(clause: &str) -> Option<Fallback> {
    let (what, _) = clause.split_once(" ON E")?;
    Some(match what {
        "ERROR" => Fallback::Error,
        "TRUE" => Fallback::Truth(true),
        "FALSE" => Fallback::Truth(false),
        "EMPTY ARRAY" => Fallback::EmptyArray,
        "EMPTY OBJECT" => Fallback::EmptyObject,
        _ => Fallback::Null,
    })
}
