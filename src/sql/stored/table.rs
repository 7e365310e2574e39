//! Written tables as DataFusion tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
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
use crate::source::Sources;
use crate::sql::statement::TableDefinition;
use crate::table::nothing;

/// A table of files in Hive's folders.
#[derive(Debug)]
pub struct StoredTable {
    location: String,
    format: StoredFormat,
    /// How stores are reached.
    sources: Sources,
    schema: SchemaRef,
    files: SchemaRef,
    partitions: Vec<FieldRef>,
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
        let partitions: Vec<FieldRef> = definition.partitioned_by.iter().map(field).collect();
        let all: Vec<FieldRef> = files.iter().chain(&partitions).cloned().collect();
        Self {
            location: definition.location.clone(),
            format,
            sources,
            schema: Arc::new(Schema::new(all)),
            files: Arc::new(Schema::new(files)),
            partitions,
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
        let texts: Vec<Vec<Option<String>>> = self
            .partitions
            .iter()
            .map(|field| metas.iter().map(|meta| partition_text(meta, field.name())).collect())
            .collect();
        let columns = texts.into_iter().zip(&self.partitions).map(|(texts, field)| {
            let texts: ArrayRef = Arc::new(StringArray::from(texts));
            let options = CastOptions { safe: true, ..CastOptions::default() };
            cast_with_options(&texts, field.data_type(), &options)
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let files = metas.into_iter().enumerate().map(|(row, meta)| {
            let values = columns.iter().map(|column| ScalarValue::try_from_array(column, row));
            let values = values.collect::<Result<Vec<_>>>()?;
            Ok(PartitionedFile::new_from_meta(meta).with_partition_values(values))
        });
        files.collect()
    }

    /// Those of `files` for whose partitions every filter can hold.
    fn prune(
        &self,
        state: &dyn Session,
        filters: &[Expr],
        files: Vec<PartitionedFile>,
    ) -> Result<Vec<PartitionedFile>> {
        let of_partitions = |filter: &&Expr| {
            let columns = filter.column_refs();
            let known =
                columns.iter().all(|column| self.partitions.iter().any(|field| *field.name() == column.name));
            known && !columns.is_empty() && !filter.is_volatile()
        };
        let filters: Vec<&Expr> = filters.iter().filter(of_partitions).collect();
        if filters.is_empty() || files.is_empty() {
            return Ok(files);
        }
        let schema = Arc::new(Schema::new(self.partitions.clone()));
        let columns = (0..self.partitions.len()).map(|at| {
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
            .with_table_partition_cols(self.partitions.clone())
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
