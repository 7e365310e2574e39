//! Signatures of functions, written as Trino writes them:
//! `(array(T), function(T, boolean)) -> array(T)`.

mod parse;
mod unify;

use std::fmt;

use arrow::datatypes::DataType;

use super::types;

pub use unify::Bindings;

/// What a function takes and gives.
#[derive(Debug, Clone)]
pub struct Signature {
    parameters: Vec<Pattern>,
    /// The last parameter can be given more than once.
    variadic: bool,
    returns: Pattern,
    /// The parameters as they were written: `varchar, timestamp(p)`.
    text: &'static str,
}

/// A type with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(DataType),
    /// `any`: any type.
    Any,
    /// `T`: any type, the same everywhere.
    Variable(&'static str),
    /// `decimal(p,s)`, with sums of numbers and variables such as `p-s+1`.
    Decimal(Sum, Sum),
    /// `timestamp(p)` of any precision.
    Timestamp,
    /// `timestamp(p) with time zone` of any precision, in any zone.
    TimestampWithZone,
    /// `time(p)` of any precision.
    Time,
    /// `interval day to second`, of both Arrow types that stand for it.
    Interval,
    Array(Box<Pattern>),
    Map(Box<Pattern>, Box<Pattern>),
    Row(Vec<Pattern>),
    /// `function(T, U, R)`: a lambda's parameters, and last what it gives.
    Function(Vec<Pattern>, Box<Pattern>),
}

/// Numbers and variables of a decimal type, each to be added or not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sum(Vec<(bool, Term)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Number(i16),
    Variable(&'static str),
}

/// What is known of an argument.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    /// A value of a type.
    Value(&'a DataType),
    /// A lambda of so many parameters, and what its body gives, as soon as that is known.
    Lambda { parameters: usize, returns: Option<&'a DataType> },
}

/// A signature that takes the arguments.
#[derive(Debug, Clone)]
pub struct Match {
    /// The type of each argument, as the function gets it; that of a lambda is what its body has to
    /// give, `None` if that is open.
    pub arguments: Vec<Option<DataType>>,
    /// What the function gives; `None` if that depends on a lambda's body that is not known yet.
    pub returns: Option<DataType>,
    /// How far the arguments are from what the signature says.
    pub distance: u32,
}

impl Signature {
    /// Reads a signature: `(varchar, bigint...) -> array(T)`. A capital letter is a type variable.
    pub fn parse(text: &'static str) -> Option<Self> {
        parse::signature(text)
    }

    /// Holds arguments against the signature; `None` if it does not take them.
    pub fn matches(&self, arguments: &[Argument]) -> Option<Match> {
        let patterns = self.patterns(arguments.len())?;
        let mut bindings = Bindings::default();
        let pairs = || patterns.iter().copied().zip(arguments);
        pairs().try_for_each(|(pattern, argument)| bindings.bind_argument(pattern, argument))?;
        let mut distance = 0;
        let mut types = Vec::with_capacity(arguments.len());
        for (pattern, argument) in pairs() {
            let (cost, target) = bindings.target(pattern, argument)?;
            distance += cost;
            types.push(target);
        }
        // Between signatures that are as near, one that says how many arguments it takes is nearer.
        let distance = distance * 2 + u32::from(self.variadic);
        Some(Match { arguments: types, returns: bindings.instantiate(&self.returns), distance })
    }

    /// The types of the parameters of the lambda at `position`, as far as the arguments tell:
    /// `None` for arguments that are not known yet.
    pub fn lambda_parameters(&self, known: &[Option<DataType>], position: usize) -> Option<Vec<DataType>> {
        let patterns = self.patterns(known.len())?;
        let Pattern::Function(parameters, _) = patterns.get(position)? else { return None };
        let mut bindings = Bindings::default();
        for (pattern, known) in patterns.iter().zip(known) {
            let Some(known) = known else { continue };
            let pattern = if let Pattern::Function(_, returns) = pattern { returns } else { *pattern };
            bindings.bind(pattern, known)?;
        }
        parameters.iter().map(|parameter| bindings.instantiate(parameter)).collect()
    }

    /// The pattern of each of `count` arguments.
    fn patterns(&self, count: usize) -> Option<Vec<&Pattern>> {
        let given = self.parameters.len();
        if count < given || (count > given && !self.variadic) {
            return None;
        }
        let repeated = self.parameters.last().into_iter().cycle().take(count - given);
        Some(self.parameters.iter().chain(repeated).collect())
    }
}

/// The parameters, as they were written.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({})", self.text)
    }
}

/// What Trino calls an argument's type.
impl fmt::Display for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(data_type) => f.write_str(&types::type_name(data_type)),
            Self::Lambda { .. } => f.write_str("<function>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::trino::types::{JSON, VARCHAR, array, map};

    fn returns(signature: &'static str, arguments: &[DataType]) -> Option<DataType> {
        let signature = Signature::parse(signature).unwrap();
        let arguments: Vec<_> = arguments.iter().map(Argument::Value).collect();
        signature.matches(&arguments)?.returns
    }

    #[test]
    fn variables_take_the_common_type() {
        let (integer, bigint) = (DataType::Int32, DataType::Int64);
        for (signature, arguments, expected) in [
            ("(array(T), T) -> T", vec![array(integer.clone()), bigint.clone()], Some(bigint.clone())),
            ("(array(T), T) -> T", vec![array(VARCHAR), integer.clone()], None),
            ("(map(K,V), K) -> V", vec![map(VARCHAR, JSON), VARCHAR], Some(JSON)),
            (
                "(T...) -> array(T)",
                vec![integer.clone(), DataType::Null, bigint],
                Some(array(DataType::Int64)),
            ),
            ("(varchar, varchar...) -> varchar", vec![VARCHAR], None),
            (
                "(decimal(p,s)) -> decimal(p-s+1,0)",
                vec![DataType::Decimal128(5, 2)],
                Some(DataType::Decimal128(4, 0)),
            ),
            ("(decimal(p,s)) -> decimal(38,s)", vec![integer], Some(DataType::Decimal128(38, 0))),
        ] {
            assert_eq!(returns(signature, &arguments), expected, "{signature} {arguments:?}");
        }
    }

    #[test]
    fn lambdas_get_the_types_of_elements() {
        let signature = Signature::parse("(array(T), S, function(S, T, S), function(S, R)) -> R").unwrap();
        let known = [Some(array(VARCHAR)), Some(DataType::Int64), None, None];
        assert_eq!(signature.lambda_parameters(&known, 2), Some(vec![DataType::Int64, VARCHAR]));
        assert_eq!(signature.lambda_parameters(&known, 3), Some(vec![DataType::Int64]));
        let (list, state) = (array(VARCHAR), DataType::Int64);
        let lambda = |parameters, returns| Argument::Lambda { parameters, returns };
        let given =
            [Argument::Value(&list), Argument::Value(&state), lambda(2, Some(&state)), lambda(1, None)];
        assert_eq!(signature.matches(&given).unwrap().returns, None);
        let given = [Argument::Value(&list), Argument::Value(&state), lambda(2, None), lambda(2, None)];
        assert!(signature.matches(&given).is_none(), "the last lambda takes one parameter");
    }

    #[test]
    fn zones_and_units_are_kept() {
        let zoned =
            DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("Europe/Berlin".into()));
        let signature = "(varchar, timestamp(p) with time zone) -> timestamp(p) with time zone";
        assert_eq!(returns(signature, &[VARCHAR, zoned.clone()]), Some(zoned));
    }
}
