//! Filters that an object's name, size and time decide: they are applied to what was listed, and
//! to folders before they are, and the objects of other partitions are never read.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, col};
use datafusion::physical_expr::PhysicalExpr;

use crate::functions::partition_value_of;
use crate::partition::PartitionValue;
use crate::schema::{SOURCE_MODIFIED, SOURCE_OBJECT, SOURCE_SIZE, table_schema};
use crate::source::{FolderFilter, LogObject};

/// What is known of an object before it is read.
const OBJECT_COLUMNS: [&str; 3] = [SOURCE_OBJECT, SOURCE_SIZE, SOURCE_MODIFIED];

/// Combinations of partition values that a folder is tried with. One that stands for more is listed.
const MOST_COMBINATIONS: usize = 4096;

/// The filters of a scan that concern objects, not their records.
#[derive(Debug, Default)]
pub(super) struct ObjectFilters {
    objects: Vec<Arc<dyn PhysicalExpr>>,
    folders: Vec<FolderPredicate>,
}

/// A filter on partition values alone.
#[derive(Debug, Clone)]
struct FolderPredicate {
    /// Of the columns of [`schema`](Self::schema), in order.
    values: Vec<PartitionValue>,
    schema: Arc<Schema>,
    predicate: Arc<dyn PhysicalExpr>,
}

impl ObjectFilters {
    /// Those of `filters`, all of which have to hold.
    pub fn new(state: &dyn Session, filters: &[Expr]) -> Result<Self> {
        let schema = Arc::new(table_schema().project(&object_columns())?);
        let objects = DFSchema::try_from(Arc::clone(&schema))?;
        let mut found = Self::default();
        for filter in filters.iter().flat_map(split_conjunction).filter(|filter| is_of_objects(filter)) {
            // What cannot be planned here is left to the scan.
            found.objects.extend(state.create_physical_expr(filter.clone(), &objects).ok());
            found.folders.extend(FolderPredicate::new(state, filter)?);
        }
        Ok(found)
    }

    /// Whether each of `objects` can have rows for which all filters hold.
    pub fn keep(&self, objects: &[&LogObject]) -> Result<Vec<bool>> {
        if self.objects.is_empty() || objects.is_empty() {
            return Ok(vec![true; objects.len()]);
        }
        let batch = batch_of(objects)?;
        let mut keep = vec![true; objects.len()];
        for filter in &self.objects {
            // An error is the scan's to tell, if it gets there.
            let Ok(holds) = evaluate(filter, &batch) else { continue };
            keep.iter_mut().zip(holds.iter()).for_each(|(keep, holds)| *keep &= holds == Some(true));
        }
        Ok(keep)
    }

    /// Says of a folder whether it can hold objects that are kept; `None` if any can.
    pub fn folder_filter(&self) -> Option<FolderFilter> {
        let predicates = self.folders.clone();
        let filter: FolderFilter =
            Arc::new(move |folder: &str| predicates.iter().all(|predicate| predicate.can_hold(folder)));
        (!self.folders.is_empty()).then_some(filter)
    }
}

fn object_columns() -> Vec<usize> {
    OBJECT_COLUMNS.iter().filter_map(|name| table_schema().index_of(name).ok()).collect()
}

fn is_of_objects(filter: &Expr) -> bool {
    let columns = filter.column_refs();
    let known = columns.iter().all(|column| OBJECT_COLUMNS.contains(&column.name.as_str()));
    let has_subquery = filter.exists(|expr| {
        Ok(matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::Placeholder(_)
        ))
    });
    !columns.is_empty() && known && !filter.is_volatile() && !has_subquery.unwrap_or(true)
}

fn batch_of(objects: &[&LogObject]) -> Result<RecordBatch> {
    let names: StringArray = objects.iter().map(|object| Some(object.name.as_str())).collect();
    let sizes: Int64Array = objects.iter().map(|object| i64::try_from(object.meta.size).ok()).collect();
    let times = objects.iter().map(|object| object.meta.last_modified.timestamp_millis());
    let times = TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC");
    let schema = Arc::new(table_schema().project(&object_columns())?);
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| -> ArrayRef {
            match field.name().as_str() {
                SOURCE_OBJECT => Arc::new(names.clone()),
                SOURCE_SIZE => Arc::new(sizes.clone()),
                _ => Arc::new(times.clone()),
            }
        })
        .collect();
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn evaluate(predicate: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<BooleanArray> {
    let values = predicate.evaluate(batch)?.into_array(batch.num_rows())?;
    match values.as_boolean_opt() {
        Some(values) => Ok(values.clone()),
        // `NULL` of no type.
        None => Ok(BooleanArray::new_null(values.len())),
    }
}

impl FolderPredicate {
    /// `filter`, if all it asks of an object are partition values.
    fn new(state: &dyn Session, filter: &Expr) -> Result<Option<Self>> {
        let mut values: Vec<PartitionValue> = vec![];
        let rewritten = filter.clone().transform_down(|expr| {
            let Expr::ScalarFunction(call) = &expr else { return Ok(Transformed::no(expr)) };
            let [Expr::Column(_)] = call.args.as_slice() else { return Ok(Transformed::no(expr)) };
            let Some(value) = partition_value_of(&call.func) else { return Ok(Transformed::no(expr)) };
            let at = values.iter().position(|known| known == value).unwrap_or_else(|| {
                values.push(value.clone());
                values.len() - 1
            });
            Ok(Transformed::new(col(column_name(at)), true, TreeNodeRecursion::Jump))
        })?;
        let names: BTreeSet<String> = (0..values.len()).map(column_name).collect();
        if !rewritten.data.column_refs().iter().all(|column| names.contains(&column.name)) {
            return Ok(None);
        }
        let fields = (0..values.len()).map(|at| Field::new(column_name(at), DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let planned = state.create_physical_expr(rewritten.data, &DFSchema::try_from(Arc::clone(&schema))?);
        Ok(planned.ok().map(|predicate| Self { values, schema, predicate }))
    }

    /// Whether the predicate can hold for an object below `folder`.
    fn can_hold(&self, folder: &str) -> bool {
        let Some(columns) = self.combinations(folder) else { return true };
        let columns = columns.into_iter().map(|values| -> ArrayRef { Arc::new(StringArray::from(values)) });
        let Ok(batch) = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect()) else {
            return true;
        };
        // As with objects, what fails is not for this to decide.
        evaluate(&self.predicate, &batch).map_or(true, |holds| holds.true_count() > 0)
    }

    /// Every combination of values that objects below `folder` can have, by column.
    fn combinations(&self, folder: &str) -> Option<Vec<Vec<Option<String>>>> {
        let mut columns: Vec<Vec<Option<String>>> = vec![];
        let mut rows = 1_usize;
        for value in &self.values {
            let values = value.below(folder)?;
            let more = rows.checked_mul(values.len()).filter(|more| *more <= MOST_COMBINATIONS)?;
            for column in &mut columns {
                *column = std::mem::take(column).into_iter().flat_map(|v| vec![v; values.len()]).collect();
            }
            columns.push(values.iter().cycle().take(more).cloned().collect());
            rows = more;
        }
        Some(columns)
    }
}

fn column_name(at: usize) -> String {
    format!("value_{at}")
}
