//! Tables as CSV files.

use csv::{IntoInnerError, Writer};

use super::Table;

/// Why a table can't be written as CSV.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// A row can't be written, e.g. since it has another number of cells than the header.
    #[error(transparent)]
    Row(#[from] csv::Error),
    /// What was written can't be taken from the writer.
    #[error(transparent)]
    Unfinished(#[from] Box<IntoInnerError<Writer<Vec<u8>>>>),
    /// What was written is no text.
    #[error(transparent)]
    NoText(#[from] std::string::FromUtf8Error),
}

impl Table {
    /// The table as CSV.
    ///
    /// # Errors
    /// A [`CsvError`], e.g. when a row has another number of cells than the header.
    pub fn to_csv(&self) -> Result<String, CsvError> {
        let mut writer = Writer::from_writer(Vec::new());
        writer.write_record(&self.header)?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        Ok(String::from_utf8(writer.into_inner().map_err(Box::new)?)?)
    }
}
