//! CloudTrail objects as a DataFusion table.

mod injected;
mod literals;
mod opener;
mod prune;
mod pushdown;
mod scan;
mod window;

use std::sync::Arc;
use std::time::Instant;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;
use object_store::ObjectMeta;
use tokio::sync::OnceCell;

use crate::coverage::{Recorder, Scans};
use crate::custody::Custody;
use crate::decode::Limits;
use crate::key::{PruneReason, Scope};
use crate::schema::table_schema;
use crate::source::{Listing, LogObject, Sources, StoreObjects};

pub use scan::CloudTrailSource;

use prune::ObjectFilters;

/// The table over what sources hold for a scope.
#[derive(Debug)]
pub struct CloudTrailTable {
    sources: Sources,
    scope: Scope,
    limits: Limits,
    listings: Listings,
    custody: Option<Arc<Custody>>,
}

/// When sources are listed, and who counts what is read of them.
#[derive(Debug)]
enum Listings {
    /// Once, when the table is first asked for; every scan adds to one recorder.
    Once { created: Instant, listed: OnceCell<Listed> },
    /// For each scan, and no more than it needs; every scan has a recorder of its own.
    EachScan(Arc<Scans>),
}

#[derive(Debug, Clone)]
struct Listed {
    listing: Arc<Listing>,
    recorder: Arc<Recorder>,
}

/// The objects of a partition, which one file of the scan stands for.
///
/// A file stream opens its files one after another; this way it is the opener that says what is
/// fetched and decoded when, and a batch can hold rows of many objects.
#[derive(Debug)]
struct Bundle(Arc<[LogObject]>);

impl CloudTrailTable {
    /// A table over what `sources` hold for `scope`.
    pub fn new(sources: Sources, scope: Scope, limits: Limits) -> Self {
        let listings = Listings::Once { created: Instant::now(), listed: OnceCell::new() };
        Self { sources, scope, limits, listings, custody: None }
    }

    /// The same table, which also takes down every object that is opened.
    pub fn with_custody(self, custody: Option<Arc<Custody>>) -> Self {
        Self { custody, ..self }
    }

    /// A table over what `sources` hold, listed anew for each scan, as far as its filters need it;
    /// `scans` collects the coverage.
    pub fn listed_by_scans(sources: Sources, limits: Limits, scans: Arc<Scans>) -> Self {
        Self { sources, scope: Scope::default(), limits, listings: Listings::EachScan(scans), custody: None }
    }

    /// Lists the objects for a scan that needs those of `scope` which `filters` do not exclude.
    ///
    /// # Errors
    /// If nothing at all could be listed, or the sources are empty.
    async fn list(&self, scope: &Scope, filters: &ObjectFilters) -> crate::Result<Listed> {
        match &self.listings {
            Listings::Once { created, listed } => {
                let list = async || {
                    let listing = self.sources.list(&self.scope).await?;
                    Ok::<_, crate::Error>(Listed::new(listing, *created, self.custody.clone()))
                };
                listed.get_or_try_init(list).await.cloned()
            }
            Listings::EachScan(scans) => {
                let folders = filters.folder_filter();
                let listing = self.sources.list_folders(scope, folders.as_ref()).await?;
                let listed = Listed::new(listing, scans.started(), self.custody.clone());
                scans.add(Arc::clone(&listed.recorder));
                Ok(listed)
            }
        }
    }

    /// What collects the coverage of this table's scans. Lists the objects if they are not yet.
    ///
    /// # Errors
    /// If nothing at all could be listed, or the sources are empty.
    pub async fn recorder(&self) -> crate::Result<Arc<Recorder>> {
        Ok(self.list(&self.scope, &ObjectFilters::default()).await?.recorder)
    }

    fn scan_store(
        &self,
        store: &StoreObjects,
        recorder: &Arc<Recorder>,
        pruning: Pruning<'_>,
        partitions: usize,
        projection: Option<&Vec<usize>>,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let groups = file_groups(store, recorder, pruning, partitions)?;
        if groups.is_empty() {
            return Ok(None);
        }
        let source = CloudTrailSource::new(Arc::clone(recorder), self.limits.clone());
        let url = ObjectStoreUrl::parse(store.store.url.as_str())?;
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_projection_indices(projection.cloned())?
            .with_file_groups(groups)
            .build();
        Ok(Some(DataSourceExec::from_data_source(config)))
    }
}

#[async_trait]
impl TableProvider for CloudTrailTable {
    fn schema(&self) -> SchemaRef {
        table_schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters prune objects here; the optimizer hands the same ones to the scan, which applies
    /// them exactly.
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
        injected::check(filters)?;
        let mut scope = self.scope.clone();
        scope.window = window::intersect(scope.window, window::of_filters(filters));
        let partitions = state.config().target_partitions().max(1);
        let mut plans = vec![];
        let filters = ObjectFilters::new(state, filters)?;
        let listed = self.list(&scope, &filters).await;
        let Listed { listing, recorder } = listed.map_err(|e| DataFusionError::External(e.into()))?;
        let pruning = Pruning { scope: &scope, filters: &filters };
        for store in &listing.stores {
            state.runtime_env().register_object_store(&store.store.url, Arc::clone(&store.store.store));
            plans.extend(self.scan_store(store, &recorder, pruning, partitions, projection)?);
        }
        if plans.is_empty() {
            return nothing(&self.schema(), projection);
        }
        UnionExec::try_new(plans)
    }
}

/// A scan that finds no row.
pub(crate) fn nothing(schema: &SchemaRef, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = match projection {
        Some(indices) => Arc::new(schema.project(indices)?),
        None => Arc::clone(schema),
    };
    Ok(Arc::new(EmptyExec::new(schema)))
}

/// What decides which of the listed objects a scan needs.
#[derive(Clone, Copy)]
struct Pruning<'a> {
    scope: &'a Scope,
    filters: &'a ObjectFilters,
}

impl Listed {
    fn new(listing: Listing, started: Instant, custody: Option<Arc<Custody>>) -> Self {
        let recorder = Arc::new(Recorder::new(&listing, started).with_custody(custody));
        Self { listing: Arc::new(listing), recorder }
    }
}

/// Deals the objects that `pruning` leaves to partitions, large ones first and each to the
/// partition with the fewest bytes, so that all end together.
fn file_groups(
    store: &StoreObjects,
    recorder: &Recorder,
    pruning: Pruning<'_>,
    partitions: usize,
) -> Result<Vec<FileGroup>> {
    let listed: Vec<&LogObject> = store.objects.iter().collect();
    let keep = pruning.filters.keep(&listed)?;
    let mut objects: Vec<&LogObject> = vec![];
    for (object, keep) in listed.into_iter().zip(keep) {
        let reason = pruning.scope.prune(object.meta.location.as_ref()).filter(|_| !object.named);
        match reason.or((!keep).then_some(PruneReason::Partition)) {
            Some(reason) => recorder.pruned(reason, object),
            None => objects.push(object),
        }
    }
    objects.sort_by_key(|object| std::cmp::Reverse(object.meta.size));
    let mut bundles: Vec<(u64, Vec<LogObject>)> = vec![Default::default(); partitions];
    for object in objects {
        let smallest = bundles.iter_mut().min_by_key(|(bytes, _)| *bytes);
        let (bytes, bundle) = smallest.expect("there is a partition");
        *bytes += object.meta.size;
        bundle.push(object.clone());
    }
    let groups = bundles.into_iter().filter_map(|(size, bundle)| {
        let meta = ObjectMeta { size, ..bundle.first()?.meta.clone() };
        let file = PartitionedFile::new_from_meta(meta).with_extension(Bundle(bundle.into()));
        Some(FileGroup::new(vec![file]))
    });
    Ok(groups.collect())
}
