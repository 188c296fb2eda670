//! `roster template`.

use std::path::{Path, PathBuf};

use access::{Change, Reader};
use clap::{ArgGroup, Subcommand};
use directory::messages::texts::{self, Place, Text, Unfit};
use directory::messages::{self, Rendered, Way};
use model::globalization::Language;

use super::at::At;
use super::say;
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(super) enum Template {
    /// List the texts, and which of them were changed
    List(At),
    /// Print a text with its variables
    Show(Show),
    /// Put a text from files in the place of another
    Set(Set),
    /// Put the text that comes with the program in its place again
    Reset(One),
    /// Print a text with values of nobody in it, or one from files that is not set yet
    Preview(Preview),
}

#[derive(clap::Args)]
pub(super) struct One {
    #[command(flatten)]
    text: Which,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    text: Which,
    /// Print the HTML of a mail that was set; nothing where it is made from the plain text
    #[arg(long)]
    html: bool,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args)]
struct Which {
    /// Which text: one of the names that the list has
    #[arg(value_parser = template)]
    name: messages::Template,
    /// In which language: en or zh
    #[arg(long, value_parser = language, default_value = "en")]
    language: Language,
    /// By which way it goes: mail or text
    #[arg(long, value_parser = way, default_value = "mail")]
    way: Way,
}

#[derive(clap::Args)]
#[command(mut_group("plain", |group| group.required(true)))]
pub(super) struct Set {
    #[command(flatten)]
    text: Which,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args)]
#[command(group(ArgGroup::new("plain").args(["file", "text_file"])))]
struct Files {
    /// File as `show` prints it: of a mail the subject, an empty line and the plain text, else the text alone
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What stands over a mail
    #[arg(long, value_name = "TEXT", requires = "text_file", conflicts_with = "file", default_value = "")]
    subject: String,
    /// File with the plain text alone
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// File with the same as HTML; made from the plain text where there is none
    #[arg(long, value_name = "FILE", requires = "plain")]
    html_file: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct Preview {
    #[command(flatten)]
    text: Which,
    /// Print the HTML of a mail
    #[arg(long)]
    html: bool,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(what: Template) -> Result<(), Trouble> {
    match what {
        Template::List(at) => list(at).await,
        Template::Show(wanted) => {
            let text = stored(wanted.at, wanted.text.place()).await?;
            if wanted.html { say(text.html.trim_end()) } else { say(&text.to_file()) }
        }
        Template::Set(new) => set(new).await,
        Template::Reset(one) => reset(one).await,
        Template::Preview(wanted) => preview(wanted).await,
    }
}

async fn list(at: At) -> Result<(), Trouble> {
    let (open, permit) = at.enter("template").await?;
    let mut reader = Reader::new(&open.store, &open.tools);
    let changed = texts::changed(&mut reader, &permit).await.map_err(Trouble::Rule)?;
    open.store.close().await;
    let mut lines = Vec::new();
    for template in messages::Template::ALL {
        for language in Language::ALL {
            for way in Way::ALL {
                let place = Place { template, language, way };
                let state = if changed.contains(&place) { "  changed" } else { "" };
                lines.push(format!("{:<18}  {}  {}{state}", template.word(), language.tag(), way.word()));
            }
        }
    }
    say(&lines.join("\n"))
}

async fn set(new: Set) -> Result<(), Trouble> {
    let place = new.text.place();
    let Some(text) = new.files.read(place)? else { return Err(Unfit::Empty("text").into()) };
    text.check(place)?;
    let (open, permit) = new.at.enter("template").await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    texts::set(&mut change, &permit, place, &text).await.map_err(Trouble::Rule)?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("{} is set", describe(place)))
}

async fn reset(one: One) -> Result<(), Trouble> {
    let place = one.text.place();
    let (open, permit) = one.at.enter("template").await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    let was_changed = texts::reset(&mut change, &permit, place).await.map_err(Trouble::Rule)?;
    change.commit(&permit).await?;
    open.store.close().await;
    let state =
        if was_changed { "is as it came with the program again" } else { "is as it came with the program" };
    say(&format!("{} {state}", describe(place)))
}

async fn preview(wanted: Preview) -> Result<(), Trouble> {
    let place = wanted.text.place();
    let text = match wanted.files.read(place)? {
        Some(text) => text,
        None => stored(wanted.at, place).await?,
    };
    let Rendered { subject, text, html } = text.preview(place)?;
    let html = html.unwrap_or_default();
    if wanted.html { say(&html) } else { say(&Text { subject, text, html }.to_file()) }
}

/// The text for a place, as it is used.
async fn stored(at: At, place: Place) -> Result<Text, Trouble> {
    let (open, permit) = at.enter("template").await?;
    let mut reader = Reader::new(&open.store, &open.tools);
    let (text, _) = texts::of(&mut reader, &permit, place).await.map_err(Trouble::Rule)?;
    open.store.close().await;
    Ok(text)
}

impl Files {
    /// The text in the files, where any are named.
    fn read(&self, place: Place) -> Result<Option<Text>, Trouble> {
        let plain = match (&self.file, &self.text_file) {
            (Some(file), _) => Text::of_file(&read(file)?, place.way)?,
            (None, Some(file)) => {
                Text { subject: self.subject.clone(), text: read(file)?, html: String::new() }
            }
            (None, None) => return Ok(None),
        };
        let html = self.html_file.as_deref().map(read).transpose()?;
        Ok(Some(Text { html: html.unwrap_or_default(), ..plain }))
    }
}

fn read(path: &Path) -> Result<String, Trouble> {
    std::fs::read_to_string(path).map_err(|source| Trouble::File {
        doing: "read",
        path: path.to_owned(),
        source,
    })
}

impl Which {
    fn place(&self) -> Place {
        Place { template: self.name, language: self.language, way: self.way }
    }
}

fn describe(place: Place) -> String {
    format!("{} {} {}", place.template.word(), place.language.tag(), place.way.word())
}

fn template(word: &str) -> Result<messages::Template, String> {
    let words = messages::Template::ALL.map(messages::Template::word).join(", ");
    messages::Template::of_word(word).ok_or_else(|| format!("it is one of {words}"))
}

fn language(tag: &str) -> Result<Language, String> {
    Language::of_tag(tag).ok_or_else(|| "it is en or zh".to_owned())
}

fn way(word: &str) -> Result<Way, String> {
    Way::of_word(word).ok_or_else(|| "it is mail or text".to_owned())
}
