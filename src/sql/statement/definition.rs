//! What `CREATE EXTERNAL TABLE` declares, and its text as Athena shows it.

use std::fmt;

use super::Name;
use super::hive_type::HiveType;

/// A declared table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// Its name.
    pub name: Name,
    /// `IF NOT EXISTS` was said.
    pub if_not_exists: bool,
    /// The columns of its records.
    pub columns: Vec<ColumnDefinition>,
    /// What it is for.
    pub comment: Option<String>,
    /// The columns whose values stand in the objects' keys.
    pub partitioned_by: Vec<ColumnDefinition>,
    /// How a row is read.
    pub row_format: Option<RowFormat>,
    /// How an object is read.
    pub stored_as: Option<StoredAs>,
    /// Where its objects lie.
    pub location: String,
    /// `TBLPROPERTIES`, in the order they were given.
    pub properties: Properties,
}

/// Names and values, as `TBLPROPERTIES` and `SERDEPROPERTIES` have them.
pub type Properties = Vec<(String, String)>;

/// A declared column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// Its name in lower case.
    pub name: String,
    /// Its type.
    pub data_type: HiveType,
    /// What it holds.
    pub comment: Option<String>,
}

/// `ROW FORMAT`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFormat {
    /// `SERDE 'class' [WITH SERDEPROPERTIES (…)]`
    Serde {
        /// The Java class that reads rows.
        class: String,
        /// What it is told.
        properties: Properties,
    },
    /// `DELIMITED`: text with separators. Its clauses (such as `FIELDS TERMINATED BY`) and values.
    Delimited(Properties),
}

/// `STORED AS`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredAs {
    /// A format by its name, in upper case, such as `TEXTFILE`.
    Format(String),
    /// `INPUTFORMAT 'class' OUTPUTFORMAT 'class'`
    Classes {
        /// The Java class that reads objects.
        input: String,
        /// The Java class that writes them.
        output: String,
    },
}

impl TableDefinition {
    /// The value of a table property.
    pub fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Sets a table property.
    pub fn set_property(&mut self, name: &str, value: &str) {
        match self.properties.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => value.clone_into(known),
            None => self.properties.push((name.to_owned(), value.to_owned())),
        }
    }

    /// A property of the SerDe.
    pub fn serde_property(&self, name: &str) -> Option<&str> {
        let Some(RowFormat::Serde { properties, .. }) = &self.row_format else { return None };
        let found = properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The last part of the SerDe's class, such as `CloudTrailSerde`.
    pub fn serde(&self) -> Option<&str> {
        let Some(RowFormat::Serde { class, .. }) = &self.row_format else { return None };
        class.rsplit('.').next()
    }

    /// The statement as `SHOW CREATE TABLE` words it, in Hive's layout. Where a SerDe says what the
    /// columns are, that is their comment.
    pub fn shown(&self) -> impl fmt::Display {
        let mut shown = self.clone();
        shown.name.database = None;
        if matches!(shown.row_format, Some(RowFormat::Serde { .. })) {
            for column in &mut shown.columns {
                column.comment.get_or_insert_with(|| FROM_DESERIALIZER.to_owned());
            }
        }
        shown
    }
}

/// The comment that Hive gives columns which a SerDe reads.
pub const FROM_DESERIALIZER: &str = "from deserializer";

/// A name in backticks.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0.replace('`', "``"))
    }
}

/// A text in single quotes.
pub struct Literal<'a>(pub &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

/// The statement that declares it, in Hive's layout.
impl fmt::Display for TableDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE EXTERNAL TABLE {}", self.name)?;
        f.write_str("(\n")?;
        write_columns(f, &self.columns)?;
        if let Some(comment) = &self.comment {
            write!(f, "\nCOMMENT {}", Literal(comment))?;
        }
        if !self.partitioned_by.is_empty() {
            f.write_str("\nPARTITIONED BY ( \n")?;
            write_columns(f, &self.partitioned_by)?;
        }
        if let Some(format) = &self.row_format {
            write!(f, "\n{format}")?;
        }
        if let Some(stored) = &self.stored_as {
            write!(f, "\n{stored}")?;
        }
        write!(f, "\nLOCATION\n  {}", Literal(&self.location))?;
        if !self.properties.is_empty() {
            f.write_str("\nTBLPROPERTIES ")?;
            write_properties(f, &self.properties)?;
        }
        Ok(())
    }
}

fn write_columns(f: &mut fmt::Formatter<'_>, columns: &[ColumnDefinition]) -> fmt::Result {
    for (at, column) in columns.iter().enumerate() {
        write!(f, "  {} {}", Quoted(&column.name), column.data_type)?;
        if let Some(comment) = &column.comment {
            write!(f, " COMMENT {}", Literal(comment))?;
        }
        f.write_str(if at + 1 < columns.len() { ", \n" } else { ")" })?;
    }
    Ok(())
}

/// `(…)`, a property a line.
pub fn write_properties(f: &mut fmt::Formatter<'_>, properties: &Properties) -> fmt::Result {
    f.write_str("( \n")?;
    for (at, (name, value)) in properties.iter().enumerate() {
        let end = if at + 1 < properties.len() { ", \n" } else { ")" };
        write!(f, "  {}={}{end}", Literal(name), Literal(value))?;
    }
    Ok(())
}

impl fmt::Display for RowFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serde { class, properties } => {
                write!(f, "ROW FORMAT SERDE \n  {} ", Literal(class))?;
                if properties.is_empty() {
                    return Ok(());
                }
                f.write_str("\nWITH SERDEPROPERTIES ")?;
                write_properties(f, properties)
            }
            Self::Delimited(clauses) => {
                f.write_str("ROW FORMAT DELIMITED ")?;
                clauses.iter().try_for_each(|(clause, value)| write!(f, "\n  {clause} {} ", Literal(value)))
            }
        }
    }
}

impl fmt::Display for StoredAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(name) => write!(f, "STORED AS {name}"),
            Self::Classes { input, output } => {
                write!(f, "STORED AS INPUTFORMAT \n  {} \n", Literal(input))?;
                write!(f, "OUTPUTFORMAT \n  {}", Literal(output))
            }
        }
    }
}
