//! Rows as the bytes of a result file, and where in it they lie.

use arrow::array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::csv;
use crate::functions::trino::text::text;

/// Rows between two entries of an index.
pub const INDEX_STEP: u64 = 1000;

/// How a result file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Of a query: see [`csv`].
    Csv,
    /// Of `SHOW` and the like: a line a row, values with a tab between them, no `\n` at the end.
    Text,
}

/// Where the rows of a result file lie.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowIndex {
    /// Rows, a header among them.
    pub rows: u64,
    /// Bytes.
    pub length: u64,
    /// The offset of every [`INDEX_STEP`]th row, from the first on.
    pub offsets: Vec<u64>,
}

impl RowIndex {
    fn row_starts(&mut self) {
        if self.rows.is_multiple_of(INDEX_STEP) {
            self.offsets.push(self.length);
        }
        self.rows += 1;
    }

    /// The bytes to read for the rows from `first` up to `end`, and the row that they begin with.
    pub fn range(&self, first: u64, end: u64) -> (std::ops::Range<u64>, u64) {
        let offset = |step: u64| {
            let step = usize::try_from(step).unwrap_or(usize::MAX);
            self.offsets.get(step).copied().unwrap_or(self.length)
        };
        let step = first / INDEX_STEP;
        (offset(step)..offset(end.div_ceil(INDEX_STEP)), step * INDEX_STEP)
    }
}

/// Turns rows into the bytes of a result file.
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    index: RowIndex,
    bytes: Vec<u8>,
}

impl Encoder {
    /// An encoder of an empty file.
    pub fn new(format: Format) -> Self {
        Self { format, index: RowIndex::default(), bytes: vec![] }
    }

    /// A row of these values.
    pub fn row(&mut self, values: &[Option<&str>]) {
        match self.format {
            Format::Csv => {
                self.index.row_starts();
                let start = self.bytes.len();
                csv::write_line(&mut self.bytes, values.iter().copied());
                self.index.length += (self.bytes.len() - start) as u64;
            }
            Format::Text => {
                let values: Vec<_> = values.iter().map(|value| value.unwrap_or_default()).collect();
                // A value of several lines is as many rows, as Athena has it.
                values.join("\t").split('\n').for_each(|line| self.line(line));
            }
        }
    }

    fn line(&mut self, line: &str) {
        if self.index.rows > 0 {
            self.bytes.push(b'\n');
            self.index.length += 1;
        }
        self.index.row_starts();
        self.bytes.extend_from_slice(line.as_bytes());
        self.index.length += line.len() as u64;
    }

    /// The rows of a batch.
    pub fn batch(&mut self, batch: &RecordBatch) {
        for row in 0..batch.num_rows() {
            let values: Vec<Option<String>> =
                batch.columns().iter().map(|column| text(column, row)).collect();
            let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
            self.row(&values);
        }
    }

    /// The bytes since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Where everything lies.
    pub fn finish(self) -> RowIndex {
        self.index
    }
}

/// Reads the rows of a piece of a file, which begins with a row.
///
/// # Errors
/// If the bytes are not what was written.
pub fn decode(format: Format, piece: &[u8]) -> Result<Vec<Vec<Option<String>>>, csv::NotAthenasCsv> {
    match format {
        Format::Csv => csv::Lines::new(piece).collect(),
        Format::Text => {
            let piece = std::str::from_utf8(piece).map_err(|_| csv::NotAthenasCsv)?;
            Ok(piece.split('\n').map(|line| vec![Some(line.to_owned())]).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(format: Format, rows: u64) -> (Vec<u8>, RowIndex) {
        let mut encoder = Encoder::new(format);
        (0..rows).for_each(|row| encoder.row(&[Some(&row.to_string())]));
        (encoder.take(), encoder.finish())
    }

    #[test]
    fn any_rows_are_found_by_their_offsets() {
        for format in [Format::Csv, Format::Text] {
            for rows in [1, 999, 1000, 1001, 3500] {
                let (bytes, index) = encoded(format, rows);
                assert_eq!((index.rows, index.length), (rows, bytes.len() as u64));
                for first in [0, 1, 998, 1000, 2999, rows - 1].into_iter().filter(|first| *first < rows) {
                    let end = (first + 700).min(rows);
                    let (range, begins) = index.range(first, end);
                    let piece = &bytes[range.start as usize..range.end as usize];
                    let found = decode(format, piece).unwrap();
                    let skipped = (first - begins) as usize;
                    assert_eq!(found[skipped], [Some(first.to_string())], "{format:?} {rows} {first}");
                    let last = (end - 1 - begins) as usize;
                    assert_eq!(found[last], [Some((end - 1).to_string())], "{format:?} {rows} {first}");
                }
            }
        }
    }

    #[test]
    fn text_of_several_columns_and_lines() {
        let mut encoder = Encoder::new(Format::Text);
        encoder.row(&[Some("a"), None, Some("c")]);
        encoder.row(&[Some("one\ntwo")]);
        assert_eq!(encoder.take(), b"a\t\tc\none\ntwo");
        assert_eq!(encoder.finish().rows, 3);
    }
}
