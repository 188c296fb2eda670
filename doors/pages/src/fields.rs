//! Values of properties as fields of a form.

use directory::properties::{GivenText, Turn};
use directory::users::OwnField;
use gate::PageRequest;
use minijinja::{Value, context};
use model::property::{Kind, Permission, PropertyItem};

use crate::seen::Field;
use crate::words::Words;

/// A property that people may change, as a field; `None` where they only see it.
pub(crate) fn of(request: &PageRequest, own: &OwnField) -> Option<Field> {
    let writes = own.property.permission == Permission::ReadWrite;
    writes.then(|| Field { name: id(own), typed: typed(request, own), now: now(own) })
}

/// What somebody has changed a property to.
pub(crate) fn given(own: &OwnField, typed: &[String]) -> GivenText {
    let turn = match typed {
        [] => Turn::Remove,
        texts if own.property.kind == Kind::Checkbox => {
            Turn::Set(serde_json::to_string(texts).expect("texts are JSON"))
        }
        texts => Turn::Set(texts.concat()),
    };
    GivenText { property: own.property.name.as_str().to_owned(), turn }
}

/// The values that a form says.
fn typed(request: &PageRequest, field: &OwnField) -> Vec<String> {
    let id = id(field);
    match field.property.kind {
        Kind::Checkbox => {
            let items = field.property.items.iter();
            let chosen = items.filter(|item| !request.field(&choice_name(&id, item)).is_empty());
            chosen.map(|item| item.value.as_str().to_owned()).collect()
        }
        Kind::Text | Kind::Number | Kind::Truth | Kind::Select => {
            let text = request.field(&id);
            let text = if field.property.kind == Kind::Number { text.trim() } else { text };
            if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
        }
    }
}

/// The values as a form says them that nobody has touched.
fn now(field: &OwnField) -> Vec<String> {
    let has = |item: &&PropertyItem| field.texts.iter().any(|text| text == item.value.as_str());
    match field.property.kind {
        // What cannot be chosen any more is chosen by no form.
        Kind::Select | Kind::Checkbox => {
            let chosen = field.property.items.iter().filter(has);
            chosen.map(|item| item.value.as_str().to_owned()).collect()
        }
        Kind::Text | Kind::Number | Kind::Truth => {
            // Browsers leave line breaks out of a field of one line.
            let text = field.texts.concat().replace(['\r', '\n'], "");
            if text.is_empty() { Vec::new() } else { vec![text] }
        }
    }
}

/// A property as the page shows it: as a field that says `texts`, or, where people only see it, as a text.
pub(crate) fn shown(words: &'static Words, own: &OwnField, texts: Option<&[String]>, problem: &str) -> Value {
    let (property, id) = (&own.property, id(own));
    let has = |value: &str| texts.unwrap_or_default().iter().any(|text| text == value);
    let truth = [("true", words.yes), ("false", words.no)];
    let choices: Vec<Value> = match property.kind {
        Kind::Truth => {
            truth.map(|(value, text)| context! { value, text, chosen => has(value) }).into_iter().collect()
        }
        Kind::Select | Kind::Checkbox => property
            .items
            .iter()
            .map(|item| {
                let value = item.value.as_str();
                context! { value, text => called(item), chosen => has(value), name => choice_name(&id, item) }
            })
            .collect(),
        Kind::Text | Kind::Number => Vec::new(),
    };
    let text = texts.map_or_else(|| read(words, own), <[String]>::concat);
    context! {
        id => id.clone(),
        label => property.display_name.as_str(),
        kind => match property.kind {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Truth | Kind::Select => "one",
            Kind::Checkbox => "several",
        },
        writes => texts.is_some(),
        required => property.required,
        shown => text,
        choices => choices,
        problem => problem,
    }
}

/// The values as a text.
fn read(words: &'static Words, field: &OwnField) -> String {
    let text = |text: &String| match (field.property.kind, text.as_str()) {
        (Kind::Truth, "true") => words.yes.to_owned(),
        (Kind::Truth, "false") => words.no.to_owned(),
        (Kind::Select | Kind::Checkbox, value) => {
            let item = field.property.items.iter().find(|item| item.value.as_str() == value);
            item.map_or(value, called).to_owned()
        }
        (Kind::Text | Kind::Number | Kind::Truth, value) => value.to_owned(),
    };
    field.texts.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn called(item: &PropertyItem) -> &str {
    item.display_name.given().unwrap_or(item.value.as_str())
}

pub(crate) fn id(field: &OwnField) -> String {
    format!("f{}", field.property.id.number())
}

fn choice_name(id: &str, item: &PropertyItem) -> String {
    format!("{id}_{}", item.number)
}
