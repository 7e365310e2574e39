//! The functions of SQL/JSON as they are written, whose clauses the parser does not know.
//!
//! Source: Trino's grammar (`SqlBase.g4`) and documentation, "JSON functions and operators".

use datafusion::sql::sqlparser::ast::{
    DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, JsonReturningClause,
};
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Token, Word};

use super::dialect::{called, type_until};
use super::words::is_word;

/// What stands before a value that is to be read as JSON, as a prefix of its expression.
pub const FORMAT_JSON: &str = "FORMAT JSON";

/// Clauses without a value.
const CLAUSES: [&[&str]; 20] = [
    &["NULL", "ON", "NULL"],
    &["ABSENT", "ON", "NULL"],
    &["NULL", "ON", "EMPTY"],
    &["ERROR", "ON", "EMPTY"],
    &["EMPTY", "ARRAY", "ON", "EMPTY"],
    &["EMPTY", "OBJECT", "ON", "EMPTY"],
    &["NULL", "ON", "ERROR"],
    &["ERROR", "ON", "ERROR"],
    &["TRUE", "ON", "ERROR"],
    &["FALSE", "ON", "ERROR"],
    &["UNKNOWN", "ON", "ERROR"],
    &["EMPTY", "ARRAY", "ON", "ERROR"],
    &["EMPTY", "OBJECT", "ON", "ERROR"],
    &["KEEP", "QUOTES"],
    &["OMIT", "QUOTES"],
    &["WITHOUT", "WRAPPER"],
    &["WITH", "WRAPPER"],
    &["WITH", "CONDITIONAL", "WRAPPER"],
    &["WITH", "UNCONDITIONAL", "WRAPPER"],
    &["WITH", "UNIQUE"],
];

/// The clauses of each function, by how they end or begin.
fn has_clause(function: &str, clause: &str) -> bool {
    let ends: &[&str] = match function {
        "json_exists" => &["TRUE ON ERROR", "FALSE ON ERROR", "UNKNOWN ON ERROR", "ERROR ON ERROR"],
        "json_query" => &["WRAPPER", "QUOTES", "ON EMPTY", "ON ERROR"],
        "json_value" => &["NULL ON EMPTY", "ERROR ON EMPTY", "NULL ON ERROR", "ERROR ON ERROR"],
        "json_object" => &["ON NULL", "WITH UNIQUE"],
        _ => &["ON NULL"],
    };
    let truths = ["TRUE", "FALSE", "UNKNOWN"].iter().any(|truth| clause.starts_with(truth));
    ends.iter().any(|end| clause.ends_with(end)) && (function == "json_exists" || !truths)
}

/// Whether a word names one of these functions.
pub fn is_json_function(word: &Word) -> bool {
    let names = ["JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_VALUE"];
    names.iter().any(|name| name.eq_ignore_ascii_case(&word.value))
}

/// Reads a call, from its name on.
///
/// Arguments are unnamed, those of `PASSING` have their name and a colon. Members of an object are
/// named by the expression of their key. Clauses are named arguments with `:=`: `DEFAULT ON EMPTY`
/// has its expression, others have `*`.
///
/// # Errors
/// What stands where something else has to.
pub fn parse_call(parser: &mut Parser, name: &Word) -> Result<Expr, ParserError> {
    let span = parser.next_token().span;
    parser.expect_token(&Token::LParen)?;
    let function = name.value.to_lowercase();
    let mut list = FunctionArgumentList { duplicate_treatment: None, args: vec![], clauses: vec![] };
    match function.as_str() {
        "json_object" => members(parser, &mut list.args)?,
        "json_array" => elements(parser, &mut list.args)?,
        _ => {
            list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(value(parser)?)));
            parser.expect_token(&Token::Comma)?;
            list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(parser.parse_expr()?)));
            passed(parser, &mut list.args)?;
        }
    }
    while parser.peek_token_ref().token != Token::RParen {
        clause(parser, &function, &mut list)?;
    }
    parser.expect_token(&Token::RParen)?;
    Ok(called(name, span, FunctionArguments::List(list)))
}

/// Takes words that follow one another.
fn take(parser: &mut Parser, words: &[&str]) -> bool {
    let begins = begins(parser, words);
    if begins {
        words.iter().for_each(|_| drop(parser.next_token()));
    }
    begins
}

/// Whether words follow one another from here on.
fn begins(parser: &Parser, words: &[&str]) -> bool {
    words.iter().enumerate().all(|(i, word)| is_word(&parser.peek_nth_token_ref(i).token, word))
}

fn expect(parser: &mut Parser, word: &str) -> Result<(), ParserError> {
    if take(parser, &[word]) { Ok(()) } else { parser.expected_ref(word, parser.peek_token_ref()) }
}

/// A value, and `FORMAT JSON` as its prefix.
fn value(parser: &mut Parser) -> Result<Expr, ParserError> {
    let expr = parser.parse_expr()?;
    if !format(parser)? {
        return Ok(expr);
    }
    Ok(Expr::Prefixed { prefix: Ident::new(FORMAT_JSON), value: Box::new(expr) })
}

/// `FORMAT JSON [ENCODING UTF8]`
fn format(parser: &mut Parser) -> Result<bool, ParserError> {
    if !take(parser, &["FORMAT", "JSON"]) {
        return Ok(false);
    }
    if take(parser, &["ENCODING"]) {
        expect(parser, "UTF8")?;
    }
    Ok(true)
}

/// `PASSING value AS name, …`
fn passed(parser: &mut Parser, args: &mut Vec<FunctionArg>) -> Result<(), ParserError> {
    if !take(parser, &["PASSING"]) {
        return Ok(());
    }
    loop {
        let value = value(parser)?;
        expect(parser, "AS")?;
        let name = parser.parse_identifier()?;
        let arg = FunctionArgExpr::Expr(value);
        args.push(FunctionArg::Named { name, arg, operator: FunctionArgOperator::Colon });
        if !parser.consume_token(&Token::Comma) {
            return Ok(());
        }
    }
}

/// Whether the list of arguments is empty, or a clause begins it.
fn has_no_values(parser: &Parser) -> bool {
    parser.peek_token_ref().token == Token::RParen
        || begins(parser, &["RETURNING"])
        || CLAUSES.iter().any(|clause| begins(parser, clause))
}

/// `value, …`
fn elements(parser: &mut Parser, args: &mut Vec<FunctionArg>) -> Result<(), ParserError> {
    if has_no_values(parser) {
        return Ok(());
    }
    loop {
        args.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(value(parser)?)));
        if !parser.consume_token(&Token::Comma) {
            return Ok(());
        }
    }
}

/// `key : value, KEY key VALUE value, key VALUE value, …`
fn members(parser: &mut Parser, args: &mut Vec<FunctionArg>) -> Result<(), ParserError> {
    if has_no_values(parser) {
        return Ok(());
    }
    loop {
        // A column can be called `key`.
        let next = &parser.peek_nth_token_ref(1).token;
        let named = !matches!(next, Token::Colon | Token::Period) && !is_word(next, "VALUE");
        let keyword = named && take(parser, &["KEY"]);
        let name = parser.parse_expr()?;
        if keyword || !parser.consume_token(&Token::Colon) {
            expect(parser, "VALUE")?;
        }
        let arg = FunctionArgExpr::Expr(value(parser)?);
        args.push(FunctionArg::ExprNamed { name, arg, operator: FunctionArgOperator::Colon });
        if !parser.consume_token(&Token::Comma) {
            return Ok(());
        }
    }
}

fn clause(parser: &mut Parser, function: &str, list: &mut FunctionArgumentList) -> Result<(), ParserError> {
    if function != "json_exists" && take(parser, &["RETURNING"]) {
        let data_type = returned_type(parser)?;
        list.clauses.push(FunctionArgumentClause::JsonReturningClause(JsonReturningClause { data_type }));
        format(parser)?;
        return Ok(());
    }
    if function == "json_value" && take(parser, &["DEFAULT"]) {
        let arg = FunctionArgExpr::Expr(parser.parse_expr()?);
        expect(parser, "ON")?;
        let name = if take(parser, &["EMPTY"]) {
            "DEFAULT ON EMPTY"
        } else {
            expect(parser, "ERROR")?;
            "DEFAULT ON ERROR"
        };
        list.args.push(named(name, arg));
        return Ok(());
    }
    if function == "json_object" && take(parser, &["WITHOUT", "UNIQUE"]) {
        take(parser, &["KEYS"]);
        return Ok(());
    }
    for words in CLAUSES {
        let name = words.join(" ");
        if has_clause(function, &name) && take_clause(parser, words) {
            list.args.push(named(&name, FunctionArgExpr::Wildcard));
            return Ok(());
        }
    }
    parser.expected_ref("')'", parser.peek_token_ref())
}

fn named(name: &str, arg: FunctionArgExpr) -> FunctionArg {
    FunctionArg::Named { name: Ident::new(name), arg, operator: FunctionArgOperator::Assignment }
}

/// Takes a clause with the words that it can have besides: `WITH ARRAY WRAPPER`, `EMPTY ON ERROR`,
/// `OMIT QUOTES ON SCALAR STRING`, `WITH UNIQUE KEYS`.
fn take_clause(parser: &mut Parser, words: &[&str]) -> bool {
    let taken = match words {
        [before @ .., "WRAPPER"] => {
            take(parser, &[before, &["ARRAY", "WRAPPER"]].concat()) || take(parser, words)
        }
        _ => take(parser, words),
    };
    match words {
        _ if !taken => {}
        [_, "QUOTES"] => drop(take(parser, &["ON", "SCALAR", "STRING"])),
        [_, "UNIQUE"] => drop(take(parser, &["KEYS"])),
        _ => {}
    }
    taken
}

/// A type, which ends where a clause begins.
fn returned_type(parser: &mut Parser) -> Result<DataType, ParserError> {
    const AFTER: [&str; 9] =
        ["ABSENT", "DEFAULT", "EMPTY", "ERROR", "FORMAT", "KEEP", "NULL", "OMIT", "TRUE"];
    type_until(parser, |parser| {
        let token = &parser.peek_token_ref().token;
        // `timestamp with time zone` is a type.
        let clause = is_word(token, "WITH") || is_word(token, "WITHOUT");
        let clause = clause && !is_word(&parser.peek_nth_token_ref(1).token, "TIME");
        clause || AFTER.iter().any(|word| is_word(token, word))
    })
}
