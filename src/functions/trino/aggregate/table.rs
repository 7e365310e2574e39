//! Aggregates that keep a small table of what they have seen.
//!
//! An aggregate says what table it makes of some rows, how a table is made smaller without losing
//! anything that matters, and what the result is. Groups, parts of groups, `DISTINCT` and `ORDER BY`
//! are the same for all of them.

use std::hash::{Hash, Hasher};
use std::mem::take;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt32Array, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortColumn, SortOptions, concat, lexsort_to_indices, take_arrays};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;

use super::rows::distinct;
use super::sliding::SlidingAccumulator;

/// Rows that are added one by one before a table is made smaller.
const LEAST_PENDING: usize = 1024;

/// What an aggregate is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Types {
    /// The arguments.
    pub arguments: Vec<DataType>,
    /// The result.
    pub returns: DataType,
}

/// The columns of a table.
pub type Columns = Vec<ArrayRef>;

/// What an aggregate does.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// The table of some rows of arguments.
    pub prepare: fn(&[ArrayRef]) -> Result<Columns>,
    /// A smaller table for the same result.
    pub compact: fn(Columns) -> Result<Columns>,
    /// The result: an array of one value.
    pub finish: fn(&[ArrayRef], &Types) -> Result<ArrayRef>,
}

/// The table cannot be made smaller.
pub fn all(columns: Columns) -> Result<Columns> {
    Ok(columns)
}

/// An aggregate for arguments of the types given.
pub fn table_aggregate(
    name: &'static str,
    arguments: &[DataType],
    returns: &DataType,
    steps: Steps,
) -> Arc<AggregateUDF> {
    let types = Types { arguments: arguments.to_vec(), returns: returns.clone() };
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    Arc::new(AggregateUDF::from(TableAggregate { name, types, steps, signature }))
}

#[derive(Debug)]
struct TableAggregate {
    name: &'static str,
    types: Types,
    steps: Steps,
    signature: Signature,
}

impl PartialEq for TableAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.types == other.types
    }
}

impl Eq for TableAggregate {}

impl Hash for TableAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.types).hash(state);
    }
}

impl TableAggregate {
    /// The members of the table's rows: those of the arguments, with what they are ordered by, where
    /// that matters or each counts once, or else those of the prepared table.
    fn members(&self, raw: bool, order: &[DataType]) -> Result<Fields> {
        let types: Vec<_> = if raw {
            self.types.arguments.iter().chain(order).cloned().collect()
        } else {
            let none: Vec<_> = self.types.arguments.iter().map(new_empty_array).collect();
            (self.steps.prepare)(&none)?.iter().map(|column| column.data_type().clone()).collect()
        };
        let named = types.into_iter().enumerate();
        Ok(named.map(|(i, member)| Field::new(format!("c{i}"), member, true)).collect())
    }
}

impl AggregateUDFImpl for TableAggregate {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.types.returns.clone())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let order: Vec<_> = args.order_bys.iter().map(|order| order.options).collect();
        let ordered = args.order_bys.iter().map(|order| order.expr.data_type(args.schema));
        let raw = args.is_distinct || !order.is_empty();
        let members = self.members(raw, &ordered.collect::<Result<Vec<_>>>()?)?;
        let table = members.iter().map(|member| new_empty_array(member.data_type())).collect();
        Ok(Box::new(TableAccumulator {
            types: self.types.clone(),
            steps: self.steps,
            distinct: args.is_distinct,
            order,
            raw,
            members,
            table,
            pending: vec![],
            pending_rows: 0,
        }))
    }

    fn create_sliding_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(SlidingAccumulator::new(self.types.clone(), self.steps)))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let order: Vec<_> = args.ordering_fields.iter().map(|field| field.data_type().clone()).collect();
        let members = self.members(args.is_distinct || !order.is_empty(), &order)?;
        let table = DataType::List(Arc::new(Field::new_list_field(DataType::Struct(members), true)));
        Ok(vec![Arc::new(Field::new(format!("{}[table]", args.name), table, true))])
    }

    /// Nothing is gained by rows that come in order.
    fn with_beneficial_ordering(self: Arc<Self>, _: bool) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }

    /// Rows are put in order here, whatever order they come in.
    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::SoftRequirement
    }
}

#[derive(Debug)]
struct TableAccumulator {
    types: Types,
    steps: Steps,
    distinct: bool,
    order: Vec<SortOptions>,
    /// The table has the arguments as they are, and what they are ordered by.
    raw: bool,
    members: Fields,
    table: Columns,
    /// Rows that are not in the table yet.
    pending: Vec<Columns>,
    pending_rows: usize,
}

impl TableAccumulator {
    fn rows(&self) -> usize {
        self.table.first().map_or(0, |column| column.len())
    }

    /// Adds rows. They are copied: a slice would keep the whole batch that it is of.
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let rows = columns.first().map_or(0, |column| column.len());
        let all: UInt32Array = (0..rows).map(crate::functions::trino::lists::index).collect();
        self.pending.push(take_arrays(columns, &all, None)?);
        self.pending_rows += rows;
        if self.pending_rows >= LEAST_PENDING.max(self.rows()) { self.settle() } else { Ok(()) }
    }

    /// Takes all rows into the table, and makes that smaller.
    fn settle(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut parts = vec![take(&mut self.table)];
        parts.append(&mut self.pending);
        self.pending_rows = 0;
        let columns = (0..self.members.len()).map(|i| {
            let column: Vec<&dyn Array> =
                parts.iter().filter_map(|part| part.get(i).map(AsRef::as_ref)).collect();
            concat(&column)
        });
        let table = columns.collect::<Result<Columns, _>>()?;
        self.table = match (self.raw, self.distinct) {
            (false, _) => (self.steps.compact)(table)?,
            (true, true) => distinct(table, self.types.arguments.len())?,
            (true, false) => table,
        };
        Ok(())
    }

    /// The table of arguments in order.
    fn ordered(&self) -> Result<Columns> {
        let (arguments, order) = self.table.split_at(self.types.arguments.len().min(self.table.len()));
        if order.is_empty() {
            return Ok(arguments.to_vec());
        }
        let columns = order.iter().zip(&self.order);
        let columns: Vec<_> = columns
            .map(|(values, options)| SortColumn { values: values.clone(), options: Some(*options) })
            .collect();
        Ok(take_arrays(arguments, &lexsort_to_indices(&columns, None)?, None)?)
    }
}

impl Accumulator for TableAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if self.raw {
            return self.add(values);
        }
        let arguments = values.get(..self.types.arguments.len()).unwrap_or(values);
        let table = (self.steps.prepare)(arguments)?;
        self.add(&table)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.settle()?;
        let result = if self.raw {
            let table = (self.steps.compact)((self.steps.prepare)(&self.ordered()?)?)?;
            (self.steps.finish)(&table, &self.types)?
        } else {
            (self.steps.finish)(&self.table, &self.types)?
        };
        ScalarValue::try_from_array(&result, 0)
    }

    fn size(&self) -> usize {
        let pending = self.pending.iter().flatten();
        size_of_val(self)
            + self.table.iter().chain(pending).map(|column| column.get_array_memory_size()).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.settle()?;
        let rows = StructArray::try_new(self.members.clone(), self.table.clone(), None)?;
        let item = Arc::new(Field::new_list_field(DataType::Struct(self.members.clone()), true));
        let offsets = OffsetBuffer::from_lengths([rows.len()]);
        Ok(vec![ScalarValue::List(Arc::new(ListArray::try_new(item, offsets, Arc::new(rows), None)?))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(tables) = states.first().and_then(|state| state.as_list_opt::<i32>()) else {
            return internal_err!("the state of an aggregate is a list");
        };
        for table in tables.iter().flatten() {
            let Some(rows) = table.as_struct_opt() else {
                return internal_err!("the state of an aggregate is a list of rows");
            };
            self.add(rows.columns())?;
        }
        Ok(())
    }
}
