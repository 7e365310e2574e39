//! Written tables as DataFusion tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::DFSchema;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore};

use super::files::{NO_VALUE, unescaped};
use super::format::StoredFormat;
use super::place::{Place, location, open};
use crate::schema::timestamp;
use crate::source::Sources;
use crate::sql::statement::TableDefinition;
use crate::table::nothing;

/// What is known of the file that a row came from: its name, its size in bytes, and when it was written.
pub const FILE_COLUMNS: [&str; 3] = ["$path", "$file_size", "$file_modified_time"];

/// A table of files in Hive's folders. Behind the declared columns it has those of [`FILE_COLUMNS`].
#[derive(Debug)]
pub struct StoredTable {
    location: String,
    format: StoredFormat,
    /// How stores are reached.
    sources: Sources,
    schema: SchemaRef,
    files: SchemaRef,
    /// The columns that are the same for all rows of a file.
    of_files: Vec<FieldRef>,
    /// How many of them are partition columns.
    partitions: usize,
}

impl StoredTable {
    /// The table that `definition` declares, with files of this format. Columns of text files are
    /// texts, whatever is declared, and an empty one is `NULL`.
    pub fn new(definition: &TableDefinition, format: StoredFormat, sources: Sources) -> Self {
        let field = |column: &crate::sql::statement::ColumnDefinition| -> FieldRef {
            Arc::new(Field::new(&column.name, column.data_type.data_type(), true))
        };
        let files = definition.columns.iter().map(|column| match format {
            // Texts are read as they are: what stands for `NULL` is not of every type.
            StoredFormat::Text(_) => Arc::new(Field::new(&column.name, DataType::Utf8, true)),
            _ => field(column),
        });
        let files: Vec<FieldRef> = files.collect();
        let types = [DataType::Utf8, DataType::Int64, timestamp()];
        let known = FILE_COLUMNS.iter().zip(types).map(|(name, to)| Arc::new(Field::new(*name, to, true)));
        let of_files: Vec<FieldRef> = definition.partitioned_by.iter().map(field).chain(known).collect();
        let all: Vec<FieldRef> = files.iter().chain(&of_files).cloned().collect();
        Self {
            location: definition.location.clone(),
            format,
            sources,
            schema: Arc::new(Schema::new(all)),
            files: Arc::new(Schema::new(files)),
            partitions: definition.partitioned_by.len(),
            of_files,
        }
    }

    /// The table's files, with the values of their partitions.
    async fn list(&self, place: &Place) -> Result<Vec<PartitionedFile>> {
        let folder = (!place.folder.as_ref().is_empty()).then_some(&place.folder);
        let mut metas: Vec<ObjectMeta> = place.store.store.list(folder).try_collect().await?;
        metas.retain(|meta| {
            meta.size > 0 && !meta.location.filename().is_none_or(|name| name.starts_with(['.', '_']))
        });
        metas.sort_by(|a, b| a.location.cmp(&b.location));
        let columns = self.of_files.iter().take(self.partitions).map(|field| {
            let texts = metas.iter().map(|meta| partition_text(meta, field.name()));
            let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
            let options = CastOptions { safe: true, ..CastOptions::default() };
            Ok(cast_with_options(&texts, field.data_type(), &options)?)
        });
        let columns = columns.chain(file_columns(place, &metas).map(Ok)).collect::<Result<Vec<_>>>()?;
        let files = metas.into_iter().enumerate().map(|(row, meta)| {
            let values = columns.iter().map(|column| ScalarValue::try_from_array(column, row));
            let values = values.collect::<Result<Vec<_>>>()?;
            Ok(PartitionedFile::new_from_meta(meta).with_partition_values(values))
        });
        files.collect()
    }

    /// Those of `files` for which every filter can hold that asks for nothing else.
    fn prune(
        &self,
        state: &dyn Session,
        filters: &[Expr],
        files: Vec<PartitionedFile>,
    ) -> Result<Vec<PartitionedFile>> {
        let of_files = |filter: &&Expr| {
            let columns = filter.column_refs();
            let known =
                columns.iter().all(|column| self.of_files.iter().any(|field| *field.name() == column.name));
            known && !columns.is_empty() && !filter.is_volatile()
        };
        let filters: Vec<&Expr> = filters.iter().filter(of_files).collect();
        if filters.is_empty() || files.is_empty() {
            return Ok(files);
        }
        let schema = Arc::new(Schema::new(self.of_files.clone()));
        let columns = (0..self.of_files.len()).map(|at| {
            let values = files.iter().filter_map(|file| file.partition_values.get(at).cloned());
            ScalarValue::iter_to_array(values)
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<_>>()?)?;
        let schema = DFSchema::try_from(schema)?;
        let mut keep = vec![true; files.len()];
        for filter in filters {
            let Ok(filter) = state.create_physical_expr(filter.clone(), &schema) else { continue };
            let Ok(holds) = filter.evaluate(&batch).and_then(|holds| holds.into_array(files.len())) else {
                continue;
            };
            let Some(holds) = holds.as_boolean_opt() else { continue };
            keep.iter_mut().zip(holds).for_each(|(keep, holds)| *keep &= holds == Some(true));
        }
        Ok(files.into_iter().zip(keep).filter_map(|(file, keep)| keep.then_some(file)).collect())
    }
}

/// The values of [`FILE_COLUMNS`], a row each file.
fn file_columns(place: &Place, files: &[ObjectMeta]) -> impl Iterator<Item = ArrayRef> {
    let paths: StringArray = files.iter().map(|file| Some(place.name_of(&file.location))).collect();
    let sizes: Int64Array = files.iter().map(|file| file.size as i64).collect();
    let written = files.iter().map(|file| Some(file.last_modified.timestamp_millis()));
    let written = written.collect::<TimestampMillisecondArray>().with_timezone("UTC");
    [Arc::new(paths) as ArrayRef, Arc::new(sizes), Arc::new(written)].into_iter()
}

/// The text of a partition column in a file's name.
fn partition_text(meta: &ObjectMeta, column: &str) -> Option<String> {
    let name = meta.location.as_ref();
    let value = name.split('/').find_map(|folder| {
        let (key, value) = folder.split_once('=')?;
        unescaped(key).eq_ignore_ascii_case(column).then_some(value)
    })?;
    (value != NO_VALUE).then(|| unescaped(value))
}

#[async_trait]
impl TableProvider for StoredTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let external = |error: crate::Error| DataFusionError::External(Box::new(error));
        let place = location(&self.location)?;
        let place = open(&place, &self.sources).await.map_err(external)?;
        let url = ObjectStoreUrl::parse(place.store.url.as_str())?;
        state.runtime_env().register_object_store(&place.store.url, Arc::clone(&place.store.store));
        let files = self.prune(state, filters, self.list(&place).await?)?;
        if files.is_empty() {
            return nothing(&self.schema(), projection);
        }
        let reader = self.format.reader();
        let schema = TableSchema::builder(Arc::clone(&self.files))
            .with_table_partition_cols(self.of_files.clone())
            .build();
        let config = FileScanConfigBuilder::new(url, reader.file_source(schema))
            .with_projection_indices(projection.cloned())?
            .with_file_group(FileGroup::new(files))
            .build();
        reader.create_physical_plan(state, config).await
    }
}

/// Types that Hive has a name for and that this format can hold. `None` for others.
pub fn can_hold(format: StoredFormat, data_type: &DataType) -> bool {
    !(matches!(format, StoredFormat::Text(_)) && data_type.is_nested())
}
