//! The scan of CloudTrail objects: what DataFusion pushes down becomes a decoder.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::{FileOpener, FileScanConfig, FileSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::LambdaVariable;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::utils::reassign_expr_columns;
use datafusion::physical_expr::{PhysicalExpr, conjunction};
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::filter_pushdown::{FilterPushdownPropagation, PushedDown};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use object_store::ObjectStore;

use super::opener::{CloudTrailOpener, Scan};
use super::{literals, pushdown};
use crate::coverage::Recorder;
use crate::decode::{Decoder, Limits};
use crate::schema::table_schema;
use crate::source::fetch::Fetcher;

/// A scan of CloudTrail objects with a projection and a predicate of its own.
#[derive(Clone)]
pub struct CloudTrailSource {
    recorder: Arc<Recorder>,
    limits: Limits,
    schema: TableSchema,
    projection: ProjectionExprs,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    metrics: ExecutionPlanMetricsSet,
}

impl CloudTrailSource {
    /// A scan of all columns and records.
    pub fn new(recorder: Arc<Recorder>, limits: Limits) -> Self {
        let schema = table_schema();
        let indices: Vec<_> = (0..schema.fields().len()).collect();
        Self {
            recorder,
            limits,
            projection: ProjectionExprs::from_indices(&indices, &schema),
            schema: schema.into(),
            predicate: None,
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    fn scan(&self) -> Result<Scan> {
        let outputs: Vec<_> = self.projection.expr_iter().collect();
        let columns = pushdown::projection(outputs.iter().chain(&self.predicate));
        let built: SchemaRef = columns.schema();
        let on_built = |expr: Arc<dyn PhysicalExpr>| {
            behind_columns(reassign_expr_columns(expr, &built)?, built.fields().len())
        };
        let prefilter = literals::prefilter(self.predicate.as_ref());
        Ok(Scan {
            outputs: outputs.into_iter().map(on_built).collect::<Result<_>>()?,
            output_schema: Arc::new(self.projection.project_schema(self.schema.table_schema())?),
            predicate: self.predicate.clone().map(on_built).transpose()?,
            decoder: Decoder {
                projection: columns,
                prefilter: Arc::new(prefilter),
                limits: self.limits.clone(),
            },
            recorder: Arc::clone(&self.recorder),
        })
    }
}

/// Parameters of lambdas come behind all columns. What moves an expression to other columns leaves
/// their numbers as they are, and some of its columns may have come behind them.
fn behind_columns(expr: Arc<dyn PhysicalExpr>, columns: usize) -> Result<Arc<dyn PhysicalExpr>> {
    let moved = expr.transform_down(|expr| {
        let Some(variable) = expr.downcast_ref::<LambdaVariable>() else { return Ok(Transformed::no(expr)) };
        let behind = LambdaVariable::new(variable.index() + columns, Arc::clone(variable.field()));
        Ok(Transformed::new(Arc::new(behind), true, TreeNodeRecursion::Jump))
    });
    moved.data()
}

impl FileSource for CloudTrailSource {
    fn create_file_opener(
        &self,
        store: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        _partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let partitions = config.file_groups.len().max(1);
        let fetcher = Fetcher::new(config.object_store_url.as_ref(), store);
        let opener = CloudTrailOpener::new(self.scan()?, fetcher, partitions);
        Ok(Arc::new(opener))
    }

    fn table_schema(&self) -> &TableSchema {
        &self.schema
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        let mut source = self.clone();
        source.limits.batch_rows = batch_size;
        Arc::new(source)
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.predicate.clone()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        Some(&self.projection)
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    fn file_type(&self) -> &str {
        "cloudtrail"
    }

    fn fmt_extra(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.predicate {
            Some(predicate) => write!(f, ", predicate={predicate}"),
            None => Ok(()),
        }
    }

    /// gzip cannot be entered in the middle.
    fn supports_repartitioning(&self) -> bool {
        false
    }

    /// Takes every filter: the scan applies them exactly.
    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn FileSource>>> {
        let taken = vec![PushedDown::Yes; filters.len()];
        let result = FilterPushdownPropagation::with_parent_pushdown_result(taken);
        // Also called with no filter at all, whose conjunction would be `true`.
        if filters.is_empty() {
            return Ok(result);
        }
        let mut source = self.clone();
        source.predicate = Some(conjunction(source.predicate.into_iter().chain(filters)));
        Ok(result.with_updated_node(Arc::new(source) as Arc<dyn FileSource>))
    }

    fn try_pushdown_projection(&self, projection: &ProjectionExprs) -> Result<Option<Arc<dyn FileSource>>> {
        let mut source = self.clone();
        source.projection = self.projection.try_merge(projection)?;
        Ok(Some(Arc::new(source)))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let outputs: Vec<_> = self.projection.expr_iter().collect();
        for expr in outputs.iter().chain(&self.predicate) {
            if f(expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }
}
