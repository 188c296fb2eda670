//! Texts of messages that an administrator has changed.

use model::{DirectoryKey, Millis};

use crate::error::Error;
use crate::outbox::Way;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// What a changed text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The template's word, `password_reset`.
    pub name: &'a str,
    /// In which language, `en` or `zh`.
    pub language: &'a str,
    /// By which way the message goes.
    pub way: Way,
}

/// A changed text as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The template's word.
    pub name: String,
    /// In which language.
    pub language: String,
    /// By which way the message goes.
    pub way: Way,
    /// What stands over a mail; empty for a text message.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML; empty where it is made from the plain text.
    pub html: String,
    /// When it was last changed.
    pub updated: Millis,
}

const COLUMNS: &str =
    "select name, language, way, subject, text, html, updated from templates where directory = $1";

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        name: row.text(0)?,
        language: row.text(1)?,
        way: Way::of_code(row.int(2)?)?,
        subject: row.text(3)?,
        text: row.text(4)?,
        html: row.text(5)?,
        updated: row.millis(6)?,
    })
}

/// The changed text for this place, if there is one.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    place: Place<'_>,
) -> Result<Option<Stored>, Error> {
    let sql = format!("{COLUMNS} and name = $2 and language = $3 and way = $4");
    let params = params![directory.number, place.name, place.language, place.way.code()];
    reader.query_one(&sql, &params, stored).await
}

/// Every changed text of a directory.
pub async fn all(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<Stored>, Error> {
    let sql = format!("{COLUMNS} order by name, language, way");
    reader.query(&sql, &params![directory.number], stored).await
}

/// Sets the text for its place.
pub async fn set(tx: &mut Tx, directory: DirectoryKey, template: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into templates (directory, name, language, way, subject, text, html, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (directory, name, language, way) do update set subject = excluded.subject,
             text = excluded.text, html = excluded.html, updated = excluded.updated",
        &params![
            directory.number,
            &template.name,
            &template.language,
            template.way.code(),
            &template.subject,
            &template.text,
            &template.html,
            template.updated,
        ],
    )
    .await
}

/// Takes the changed text for this place back; false where there was none.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, place: Place<'_>) -> Result<bool, Error> {
    let gone = tx
        .write_returning(
            "delete from templates where directory = $1 and name = $2 and language = $3 and way = $4
             returning name",
            &params![directory.number, place.name, place.language, place.way.code()],
            |_| Ok(()),
        )
        .await?;
    Ok(!gone.is_empty())
}
