//! Builds the wanted columns from raw JSON, one record after another.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int32BufferBuilder, ListArray, MapArray, NullBufferBuilder, StringBuilder, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields};

use crate::schema::{Member, Shape, item_field, map_entries_field};

use super::json::{for_each_element, for_each_member, text_of};

/// Members of one struct that are wanted, as paths of lower-case names; `None` wants all of it.
pub type Members = Option<Vec<Vec<String>>>;

/// Collects the values of one column, or of one member of a struct.
#[derive(Debug)]
pub enum ColumnBuilder {
    Text(StringBuilder),
    Json(StringBuilder),
    Struct(StructBuilder),
    List { offsets: Int32BufferBuilder, items: StructBuilder, nulls: NullBufferBuilder },
    Map { offsets: Int32BufferBuilder, keys: StringBuilder, values: StringBuilder, nulls: NullBufferBuilder },
}

impl ColumnBuilder {
    /// A builder for fields of `shape`, with only the wanted members of structs.
    pub fn new(shape: &Shape, wanted: &Members) -> Self {
        match shape {
            Shape::Text => Self::Text(strings()),
            Shape::Json => Self::Json(strings()),
            Shape::Struct(members) => Self::Struct(StructBuilder::new(members, wanted)),
            Shape::List(members) => Self::List {
                offsets: first_offset(),
                items: StructBuilder::new(members, &None),
                nulls: NullBufferBuilder::new(0),
            },
            Shape::Map => Self::Map {
                offsets: first_offset(),
                keys: strings(),
                values: strings(),
                nulls: NullBufferBuilder::new(0),
            },
        }
    }

    /// Arrow type of the finished column.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) | Self::Json(_) => DataType::Utf8,
            Self::Struct(members) => DataType::Struct(members.fields.clone()),
            Self::List { items, .. } => DataType::List(item_field(DataType::Struct(items.fields.clone()))),
            Self::Map { .. } => DataType::Map(map_entries_field(), false),
        }
    }

    /// Appends one value: valid raw JSON, or `None` where the field is absent. What has not the
    /// column's shape is `NULL`, as are absent and `null` values.
    pub fn append(&mut self, raw: Option<&str>) {
        let raw = raw.filter(|raw| *raw != "null");
        match self {
            Self::Text(builder) => builder.append_option(raw.map(text_of)),
            Self::Json(builder) => builder.append_option(raw),
            Self::Struct(members) => members.append(raw),
            Self::List { offsets, items, nulls } => {
                let raw = raw.filter(|raw| raw.starts_with('['));
                if let Some(raw) = raw {
                    for_each_element(raw, |item| items.append(Some(item)));
                }
                offsets.append(items.nulls.len() as i32);
                nulls.append(raw.is_some());
            }
            Self::Map { offsets, keys, values, nulls } => {
                let raw = raw.filter(|raw| raw.starts_with('{'));
                if let Some(raw) = raw {
                    let _ = for_each_member(raw, |key, value| {
                        keys.append_value(key);
                        values.append_option(Some(value).filter(|v| *v != "null").map(text_of));
                    });
                }
                offsets.append(keys_len(keys));
                nulls.append(raw.is_some());
            }
        }
    }

    /// Takes the column and leaves the builder empty.
    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) | Self::Json(builder) => Arc::new(builder.finish()),
            Self::Struct(members) => Arc::new(members.finish()),
            Self::List { offsets, items, nulls } => {
                let items = items.finish();
                let field = item_field(DataType::Struct(items.fields().clone()));
                Arc::new(ListArray::new(field, take_offsets(offsets), Arc::new(items), nulls.finish()))
            }
            Self::Map { offsets, keys, values, nulls } => {
                let field = map_entries_field();
                let DataType::Struct(fields) = field.data_type() else { unreachable!("entries are structs") };
                let entries = StructArray::new(
                    fields.clone(),
                    vec![Arc::new(keys.finish()), Arc::new(values.finish())],
                    None,
                );
                Arc::new(MapArray::new(field, take_offsets(offsets), entries, nulls.finish(), false))
            }
        }
    }
}

/// Most batches have a handful of rows: arrow's default room for 1,024 would outweigh them.
fn strings() -> StringBuilder {
    StringBuilder::with_capacity(0, 0)
}

fn keys_len(keys: &StringBuilder) -> i32 {
    use arrow::array::ArrayBuilder;
    keys.len() as i32
}

fn first_offset() -> Int32BufferBuilder {
    let mut offsets = Int32BufferBuilder::new(1);
    offsets.append(0);
    offsets
}

fn take_offsets(offsets: &mut Int32BufferBuilder) -> OffsetBuffer<i32> {
    let finished = std::mem::replace(offsets, first_offset());
    OffsetBuffer::new(finished.build().into())
}

/// Collects structs of known members.
#[derive(Debug)]
pub struct StructBuilder {
    index: KeyIndex,
    members: Vec<ColumnBuilder>,
    fields: Fields,
    nulls: NullBufferBuilder,
}

/// More members than any struct of the schema has.
const MOST_MEMBERS: usize = 16;

impl StructBuilder {
    fn new(members: &'static [Member], wanted: &Members) -> Self {
        let chosen: Vec<(&Member, Members)> = members
            .iter()
            .filter_map(|member| Some((member, wanted_below(wanted, &member.name())?)))
            .collect();
        let builders: Vec<_> =
            chosen.iter().map(|(member, below)| ColumnBuilder::new(&member.1, below)).collect();
        let fields = chosen
            .iter()
            .zip(&builders)
            .map(|((member, _), builder)| Field::new(member.name(), builder.data_type(), true))
            .collect();
        Self {
            index: KeyIndex::new(chosen.iter().map(|(member, _)| member.0)),
            members: builders,
            fields,
            nulls: NullBufferBuilder::new(0),
        }
    }

    fn append(&mut self, raw: Option<&str>) {
        let mut found = [None; MOST_MEMBERS];
        let raw = raw.filter(|raw| raw.starts_with('{'));
        if let Some(raw) = raw {
            let _ = for_each_member(raw, |key, value| {
                for slot in self.index.slots(key) {
                    found[slot] = Some(value);
                }
            });
        }
        self.members.iter_mut().zip(found).for_each(|(member, value)| member.append(value));
        self.nulls.append(raw.is_some());
    }

    fn finish(&mut self) -> StructArray {
        let length = self.nulls.len();
        let columns = self.members.iter_mut().map(ColumnBuilder::finish).collect::<Vec<_>>();
        StructArray::try_new_with_length(self.fields.clone(), columns, self.nulls.finish(), length)
            .expect("members are appended together")
    }
}

/// What is wanted below the member `name`: `None` if nothing is, `Some(None)` if all of it.
fn wanted_below(wanted: &Members, name: &str) -> Option<Members> {
    let Some(paths) = wanted else { return Some(None) };
    let mut below: Vec<Vec<String>> = vec![];
    for path in paths.iter().filter(|path| path.first().is_some_and(|first| first == name)) {
        if path.len() == 1 {
            return Some(None);
        }
        below.push(path[1..].to_vec());
    }
    (!below.is_empty()).then_some(Some(below))
}

/// Finds the slots of a JSON key, whatever its case, by its length and ending first.
#[derive(Debug)]
pub struct KeyIndex {
    by_length: Vec<Vec<KnownKey>>,
}

#[derive(Debug, Clone)]
struct KnownKey {
    ending: u64,
    key: &'static str,
    slot: usize,
}

impl KeyIndex {
    /// An index in which each key's slot is its position; a key may have several.
    pub fn new(keys: impl IntoIterator<Item = &'static str>) -> Self {
        let mut by_length: Vec<Vec<_>> = vec![];
        for (slot, key) in keys.into_iter().enumerate() {
            by_length.resize(by_length.len().max(key.len() + 1), vec![]);
            by_length[key.len()].push(KnownKey { ending: ending(key), key, slot });
        }
        Self { by_length }
    }

    /// Every slot of `key`.
    pub fn slots(&self, key: &str) -> impl Iterator<Item = usize> {
        let same_length = self.by_length.get(key.len()).map_or(&[][..], Vec::as_slice);
        let ending = if same_length.is_empty() { 0 } else { ending(key) };
        let same = move |known: &&KnownKey| {
            known.ending == ending && (known.key == key || known.key.eq_ignore_ascii_case(key))
        };
        same_length.iter().filter(same).map(|known| known.slot)
    }
}

/// The last eight bytes of a key, equal for keys that differ in case alone. Most keys of one length
/// end differently.
fn ending(key: &str) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    let last = key.as_bytes().last_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    last.unwrap_or_else(|| key.bytes().fold(0, |all, byte| all << 8 | u64::from(byte))) | CASE
}

/// The text of the member at `path` below `raw`, `None` if there is none.
pub fn descend<'a>(raw: &'a str, path: &[&str]) -> Option<&'a str> {
    let Some((key, rest)) = path.split_first() else { return Some(raw) };
    if !raw.starts_with('{') {
        return None;
    }
    let mut found = None;
    for_each_member(raw, |member, value| {
        if member.eq_ignore_ascii_case(key) {
            found = Some(value);
        }
    })
    .ok()?;
    descend(found?, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_in_any_case() {
        let index = KeyIndex::new(["eventName", "detail", "eventTime", "detail"]);
        for (key, slots) in [
            ("eventName", &[0][..]),
            ("EVENTname", &[0]),
            ("eventTime", &[2]),
            ("detail", &[1, 3]),
            ("Detail", &[1, 3]),
            ("detai", &[]),
            ("details", &[]),
            ("eventType", &[]),
            ("xventName", &[]),
            ("", &[]),
        ] {
            assert_eq!(index.slots(key).collect::<Vec<_>>(), slots, "{key}");
        }
    }
}
