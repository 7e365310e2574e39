//! The rows that a function is called on, and how a plain Rust function of values is applied to them.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;

use super::error::{ErrorCode, SqlError};
use super::value::{Get, Put};
use super::zone::Zone;

/// A call of a scalar function on some rows.
pub struct Call<'a> {
    arguments: Vec<Column>,
    /// How many rows there are.
    pub rows: usize,
    /// The type of the result.
    pub returns: &'a DataType,
    /// A row that fails gives `NULL`, as inside `TRY`.
    pub safe: bool,
}

/// The values of an argument.
struct Column {
    array: ArrayRef,
    /// All rows have the array's one value.
    constant: bool,
}

/// What a function of values gives for a row: a value, maybe, or an error.
pub trait Outcome {
    /// The type of the value.
    type Value: Put;
    /// The value, `None` for `NULL`.
    ///
    /// # Errors
    /// If the arguments cannot be used.
    fn into_result(self) -> Result<Option<Self::Value>, SqlError>;
}

impl<T: Put> Outcome for T {
    type Value = T;
    fn into_result(self) -> Result<Option<T>, SqlError> {
        Ok(Some(self))
    }
}

impl<T: Put> Outcome for Option<T> {
    type Value = T;
    fn into_result(self) -> Result<Option<T>, SqlError> {
        Ok(self)
    }
}

impl<T: Put> Outcome for Result<T, SqlError> {
    type Value = T;
    fn into_result(self) -> Result<Option<T>, SqlError> {
        self.map(Some)
    }
}

impl<T: Put> Outcome for Result<Option<T>, SqlError> {
    type Value = T;
    fn into_result(self) -> Self {
        self
    }
}

/// An argument that the function cannot use.
pub fn invalid(message: impl Into<String>) -> SqlError {
    SqlError::new(ErrorCode::InvalidFunctionArgument, message)
}

impl<'a> Call<'a> {
    /// A call on `rows` rows.
    ///
    /// # Errors
    /// If a constant has no array.
    pub fn new(args: &[ColumnarValue], rows: usize, returns: &'a DataType, safe: bool) -> Result<Self> {
        let arguments = args.iter().map(|arg| {
            Ok(match arg {
                ColumnarValue::Array(array) => Column { array: array.clone(), constant: false },
                ColumnarValue::Scalar(value) => Column { array: value.to_array()?, constant: true },
            })
        });
        Ok(Self { arguments: arguments.collect::<Result<_>>()?, rows, returns, safe })
    }

    /// How many arguments there are.
    pub fn len(&self) -> usize {
        self.arguments.len()
    }

    /// The type of an argument.
    ///
    /// # Errors
    /// If there is no such argument.
    pub fn data_type(&self, argument: usize) -> Result<&DataType> {
        Ok(self.column(argument)?.array.data_type())
    }

    /// The time zone of an argument; UTC if it has none.
    ///
    /// # Errors
    /// If there is no such argument.
    pub fn zone(&self, argument: usize) -> Result<Zone> {
        Ok(Zone::of(self.data_type(argument)?).unwrap_or(Zone::UTC))
    }

    /// The values of an argument, one for each row.
    ///
    /// # Errors
    /// If there is no such argument.
    pub fn array(&self, argument: usize) -> Result<ArrayRef> {
        let column = self.column(argument)?;
        if !column.constant || self.rows == 1 {
            return Ok(column.array.clone());
        }
        let rows = arrow::array::UInt32Array::from_value(0, self.rows);
        Ok(arrow::compute::take(&column.array, &rows, None)?)
    }

    /// The values of all arguments, one for each row.
    ///
    /// # Errors
    /// Never, but for arrays that DataFusion got wrong.
    pub fn arrays(&self) -> Result<Vec<ArrayRef>> {
        (0..self.len()).map(|argument| self.array(argument)).collect()
    }

    /// A reader of an argument's values.
    ///
    /// # Errors
    /// If there is no such argument, or it is of another type.
    pub fn read<T: Get<'a>>(&'a self, argument: usize) -> Result<Reader<'a, T>> {
        let column = self.column(argument)?;
        Ok(Reader { array: T::open(column.array.as_ref())?, step: usize::from(!column.constant) })
    }

    /// A row's outcome; in safe calls, `NULL` for an error.
    ///
    /// # Errors
    /// The row's, if the call is not safe.
    pub fn settle<T>(&self, outcome: Result<Option<T>, SqlError>) -> Result<Option<T>> {
        match outcome {
            Err(_) if self.safe => Ok(None),
            outcome => Ok(outcome?),
        }
    }

    /// Applies a function without arguments to each row.
    pub fn map0<O: Outcome>(&self, mut function: impl FnMut() -> O) -> Result<ArrayRef> {
        self.collect(|_| Some(function()))
    }

    /// Applies a function of one argument to each row.
    pub fn map1<A: Get<'a>, O: Outcome>(&'a self, mut function: impl FnMut(A) -> O) -> Result<ArrayRef> {
        let a = self.read::<A>(0)?;
        self.collect(|row| Some(function(a.get(row)?)))
    }

    /// Applies a function of two arguments to each row.
    pub fn map2<A: Get<'a>, B: Get<'a>, O: Outcome>(
        &'a self,
        mut function: impl FnMut(A, B) -> O,
    ) -> Result<ArrayRef> {
        let (a, b) = (self.read::<A>(0)?, self.read::<B>(1)?);
        self.collect(|row| Some(function(a.get(row)?, b.get(row)?)))
    }

    /// Applies a function of three arguments to each row.
    pub fn map3<A: Get<'a>, B: Get<'a>, C: Get<'a>, O: Outcome>(
        &'a self,
        mut function: impl FnMut(A, B, C) -> O,
    ) -> Result<ArrayRef> {
        let (a, b, c) = (self.read::<A>(0)?, self.read::<B>(1)?, self.read::<C>(2)?);
        self.collect(|row| Some(function(a.get(row)?, b.get(row)?, c.get(row)?)))
    }

    /// Applies a function of four arguments to each row.
    pub fn map4<A: Get<'a>, B: Get<'a>, C: Get<'a>, D: Get<'a>, O: Outcome>(
        &'a self,
        mut function: impl FnMut(A, B, C, D) -> O,
    ) -> Result<ArrayRef> {
        let (a, b) = (self.read::<A>(0)?, self.read::<B>(1)?);
        let (c, d) = (self.read::<C>(2)?, self.read::<D>(3)?);
        self.collect(|row| Some(function(a.get(row)?, b.get(row)?, c.get(row)?, d.get(row)?)))
    }

    /// The results of all rows; a row without one is `NULL`.
    pub fn collect<O: Outcome>(&self, mut of_row: impl FnMut(usize) -> Option<O>) -> Result<ArrayRef> {
        let mut builder = <O::Value as Put>::builder(self.returns, self.rows)?;
        for row in 0..self.rows {
            let value = match of_row(row) {
                Some(outcome) => self.settle(outcome.into_result())?,
                None => None,
            };
            <O::Value as Put>::put(value, &mut builder);
        }
        <O::Value as Put>::finish(builder, self.returns)
    }

    fn column(&self, argument: usize) -> Result<&Column> {
        self.arguments.get(argument).ok_or_else(|| {
            SqlError::new(ErrorCode::FunctionNotFound, format!("argument {argument} is missing")).into()
        })
    }
}

/// Reads an argument's values.
pub struct Reader<'a, T: Get<'a>> {
    array: T::Source,
    /// 0 if all rows have the first value.
    step: usize,
}

impl<'a, T: Get<'a>> Reader<'a, T> {
    /// A row's value; `None` if the function is not to be asked about the row, because it is `NULL`.
    pub fn get(&self, row: usize) -> Option<T> {
        T::get(self.array, row * self.step)
    }
}

/// What was made of the last text: patterns and paths are hardly ever anything but constants.
pub struct Memo<T> {
    last: Option<(String, Result<T, SqlError>)>,
    make: fn(&str) -> Result<T, SqlError>,
}

impl<T> Memo<T> {
    /// Remembers what `make` gives.
    pub fn new(make: fn(&str) -> Result<T, SqlError>) -> Self {
        Self { last: None, make }
    }

    /// What `make` gives for a text.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get(&mut self, text: &str) -> Result<&mut T, SqlError> {
        if self.last.as_ref().is_none_or(|(last, _)| last != text) {
            self.last = None;
        }
        let make = self.make;
        let (_, made) = self.last.get_or_insert_with(|| (text.to_owned(), make(text)));
        made.as_mut().map_err(|error| error.clone())
    }
}
