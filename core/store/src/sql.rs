//! A statement put together from parts, with its parameters.

use std::fmt::Write;

use model::Folded;

use crate::search::beyond;
use crate::value::Value;

/// SQL text that grows together with the parameters it names.
#[derive(Default)]
pub(crate) struct Sql<'a> {
    pub(crate) text: String,
    pub(crate) params: Vec<Value<'a>>,
}

impl<'a> Sql<'a> {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), params: Vec::new() }
    }

    /// Adds text as it is.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a parameter and its placeholder.
    pub(crate) fn bind(&mut self, value: impl Into<Value<'a>>) -> &mut Self {
        self.params.push(value.into());
        let _ = write!(self.text, "${}", self.params.len());
        self
    }

    /// Adds the condition that a column's text begins with this one, as a range of its index.
    pub(crate) fn begins(&mut self, column: &str, prefix: &'a Folded) -> &mut Self {
        self.push(" and ").push(column).push(" >= ").bind(prefix);
        if let Some(end) = beyond(prefix.as_str()) {
            self.push(" and ").push(column).push(" < ").bind(end);
        }
        self
    }

    /// Adds `(a, b, …)`. The list is padded with its last value to one of few lengths, so that few
    /// statements are prepared; an empty list matches nothing.
    pub(crate) fn bind_list<T: Into<Value<'a>> + Clone>(&mut self, values: &[T]) -> &mut Self {
        self.text.push('(');
        let Some(last) = values.last() else { return self.push("null)") };
        let padded = [1, 10, 33, 101, 201, 501, 2_001]
            .into_iter()
            .find(|&n| n >= values.len())
            .unwrap_or(values.len());
        for i in 0..padded {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.bind(values.get(i).unwrap_or(last).clone());
        }
        self.push(")")
    }
}
