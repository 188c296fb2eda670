//! One row of an answer, read column by column while the statement stands on it.

use model::text::Line;
use model::{Id, Millis, Number};

use crate::error::Error;

/// A row of either engine.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// An integer that is never null.
    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        self.opt_int(column)?.ok_or_else(|| Error::corrupt(format!("column {column} is null")))
    }

    /// An integer or null.
    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self {
            Self::Sqlite(row) => row.get_ref(column)?.as_i64_or_null().map_err(Error::corrupt),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    /// A text that is never null, borrowed from the row.
    pub(crate) fn str(&self, column: usize) -> Result<&str, Error> {
        self.opt_str(column)?.ok_or_else(|| Error::corrupt(format!("column {column} is null")))
    }

    /// A text or null, borrowed from the row.
    pub(crate) fn opt_str(&self, column: usize) -> Result<Option<&str>, Error> {
        match self {
            Self::Sqlite(row) => row.get_ref(column)?.as_str_or_null().map_err(Error::corrupt),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    /// A text, owned.
    pub(crate) fn text(&self, column: usize) -> Result<String, Error> {
        self.str(column).map(str::to_owned)
    }

    /// One line of text, or null.
    pub(crate) fn opt_line<const MAX: usize>(&self, column: usize) -> Result<Option<Line<MAX>>, Error> {
        self.opt_str(column)?.map(|text| Line::new(text).map_err(Error::corrupt)).transpose()
    }

    /// Truth, stored as 0 or 1.
    pub(crate) fn truth(&self, column: usize) -> Result<bool, Error> {
        self.int(column).map(|n| n != 0)
    }

    /// A number.
    pub(crate) fn number(&self, column: usize) -> Result<Number, Error> {
        self.int(column).map(Number)
    }

    /// An instant.
    pub(crate) fn millis(&self, column: usize) -> Result<Millis, Error> {
        self.int(column).map(Millis)
    }

    /// An instant or null.
    pub(crate) fn opt_millis(&self, column: usize) -> Result<Option<Millis>, Error> {
        self.opt_int(column).map(|at| at.map(Millis))
    }

    /// A stored id.
    pub(crate) fn id(&self, column: usize) -> Result<Id, Error> {
        id(self.str(column)?)
    }
}

/// Reads a stored id.
pub(crate) fn id(digits: &str) -> Result<Id, Error> {
    Id::from_digits(digits).ok_or_else(|| Error::corrupt(format!("{digits:?} is no id")))
}
