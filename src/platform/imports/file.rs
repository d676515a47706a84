//! Reading the file of an import.

use std::collections::BTreeSet;

use csv::StringRecord;
use serde_json::Value;
use steward_transport::rest::{Form, Row, Unreadable};

use super::model::{Format, MOST_ROWS};

/// The rows of a file, not yet understood.
pub(super) enum Rows {
    /// Of a table, with the names of its columns.
    Cells(Vec<String>, Vec<StringRecord>),
    /// Lines of JSON.
    Lines(Vec<String>),
}

impl Rows {
    /// Reads a file; the error says why the file as a whole is refused.
    pub(super) fn read(bytes: &[u8], format: Format, form: &Form) -> Result<Self, String> {
        // Spreadsheets mark UTF-8 so.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match format {
            Format::Csv => table(bytes, form),
            Format::Ndjson => lines(bytes),
        }
    }

    /// The columns or members that cannot be written.
    pub(super) fn passed_over(&self, form: &Form) -> BTreeSet<String> {
        match self {
            Self::Cells(names, _) => form.passed_over(names),
            Self::Lines(lines) => {
                let rows = (0..lines.len()).filter_map(|at| self.row(at, form).ok());
                rows.flat_map(|row| row.passed_over().clone()).collect()
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Cells(_, rows) => rows.len(),
            Self::Lines(lines) => lines.len(),
        }
    }

    /// Understands a row, by its place from 0. The error names the column and says what is wrong.
    pub(super) fn row(&self, at: usize, form: &Form) -> Result<Row, Unreadable> {
        let whole = |message: &str| Unreadable::new("", "invalid_format", message);
        match self {
            Self::Cells(names, rows) => {
                let cells: Vec<&str> = rows[at].iter().collect();
                if cells.len() == names.len() {
                    return form.cells(names, &cells);
                }
                let (has, wants) = (cells.len(), names.len());
                Err(whole(&format!("The row has {has} cells for {wants} columns.")))
            }
            Self::Lines(lines) => match serde_json::from_str(&lines[at]) {
                Ok(Value::Object(row)) => form.object(row),
                Ok(_) | Err(_) => Err(whole("The line is not an object in JSON.")),
            },
        }
    }
}

fn too_many() -> String {
    "The file has more than 50,000 rows.".to_owned()
}

fn table(bytes: &[u8], form: &Form) -> Result<Rows, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let unreadable = |error: csv::Error| match error.position() {
        Some(position) => format!("The file cannot be read at line {}.", position.line()),
        None => "The file cannot be read.".to_owned(),
    };
    let names = reader.headers().map_err(unreadable)?;
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    form.check(&names)?;
    let mut rows = Vec::new();
    for row in reader.records() {
        if rows.len() == MOST_ROWS {
            return Err(too_many());
        }
        rows.push(row.map_err(unreadable)?);
    }
    Ok(Rows::Cells(names, rows))
}

fn lines(bytes: &[u8]) -> Result<Rows, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "The file is not UTF-8.".to_owned())?;
    let lines: Vec<String> =
        text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    if lines.len() > MOST_ROWS { Err(too_many()) } else { Ok(Rows::Lines(lines)) }
}
