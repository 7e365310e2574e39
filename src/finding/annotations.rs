//! Findings as marks on the rows of a timeline.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, ListBuilder, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use super::Finding;
use crate::detection::Severity;
use crate::error::Result;

/// Name of the column with the ids of a row's findings: `list<varchar>`, empty where there is none.
pub const FINDINGS: &str = "findings";
/// Name of the column with the worst of their severities: `varchar`, `NULL` where there is none.
const SEVERITY: &str = "severity";

/// What is found of each event, by where its record lies.
#[derive(Debug, Clone, Default)]
pub struct Annotations(HashMap<String, HashMap<i64, Mark>>);

#[derive(Debug, Clone)]
struct Mark {
    findings: Vec<String>,
    severity: Severity,
}

impl Annotations {
    /// The marks of findings, each event's worst first if the findings are.
    pub fn of(findings: &[Finding]) -> Self {
        let mut marks: HashMap<String, HashMap<i64, Mark>> = HashMap::new();
        for finding in findings {
            for event in &finding.evidence {
                let object = marks.entry(event.source_object.clone()).or_default();
                let mark = object
                    .entry(event.source_index)
                    .or_insert_with(|| Mark { findings: vec![], severity: finding.severity });
                mark.severity = mark.severity.max(finding.severity);
                if !mark.findings.contains(&finding.id) {
                    mark.findings.push(finding.id.clone());
                }
            }
        }
        Self(marks)
    }

    /// A timeline's schema with `findings` and `severity` behind its columns.
    pub fn schema(timeline: &SchemaRef) -> SchemaRef {
        let item = Arc::new(Field::new("item", DataType::Utf8, true));
        let mut fields: Vec<_> = timeline.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(FINDINGS, DataType::List(item), false)));
        fields.push(Arc::new(Field::new(SEVERITY, DataType::Utf8, true)));
        Arc::new(Schema::new(fields))
    }

    /// A timeline's batch with the marks of its rows.
    ///
    /// # Errors
    /// If the batch is not one of a timeline's answer.
    pub fn mark(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let schema = batch.schema();
        let object = batch.column(schema.index_of("source_object")?).as_string::<i32>();
        let index = batch.column(schema.index_of("source_index")?).as_primitive::<Int64Type>();
        let mut findings = ListBuilder::new(StringBuilder::new());
        let mut severities = vec![];
        for row in 0..batch.num_rows() {
            let mark = self.0.get(object.value(row)).and_then(|marks| marks.get(&index.value(row)));
            findings.append_value(mark.into_iter().flat_map(|mark| mark.findings.iter().map(Some)));
            severities.push(mark.map(|mark| mark.severity.name()));
        }
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(findings.finish()) as ArrayRef);
        columns.push(Arc::new(StringArray::from(severities)));
        Ok(RecordBatch::try_new(Self::schema(&schema), columns)?)
    }
}

/// The ids of a row's findings, if the batch has marks.
pub(crate) fn findings_of(batch: &RecordBatch, row: usize) -> Vec<String> {
    let lists = batch.column_by_name(FINDINGS).and_then(|column| column.as_list_opt::<i32>());
    let Some(ids) = lists.map(|lists| lists.value(row)) else { return vec![] };
    ids.as_string_opt::<i32>().into_iter().flatten().flatten().map(ToOwned::to_owned).collect()
}
