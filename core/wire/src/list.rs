//! Lists that know how many members they may have.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};

/// A list of `MIN` to `MAX` members.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

/// A list with too few or too many members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a list of {found} where {min} to {max} members are allowed")]
pub struct OutOfBounds {
    found: usize,
    min: usize,
    max: usize,
}

impl<T, const MIN: usize, const MAX: usize> TryFrom<Vec<T>> for List<T, MIN, MAX> {
    type Error = OutOfBounds;

    fn try_from(members: Vec<T>) -> Result<Self, OutOfBounds> {
        if (MIN..=MAX).contains(&members.len()) {
            Ok(Self(members))
        } else {
            Err(OutOfBounds { found: members.len(), min: MIN, max: MAX })
        }
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MIN: usize, const MAX: usize> IntoIterator for List<T, MIN, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T, const MIN: usize, const MAX: usize> IntoIterator for &'a List<T, MIN, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T, const MIN: usize, const MAX: usize> Deserialize<'de> for List<T, MIN, MAX>
where
    T: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<T: JsonSchema, const MIN: usize, const MAX: usize> JsonSchema for List<T, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List_{MIN}_{MAX}_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Vec::<T>::json_schema(generator);
        schema.insert("minItems".to_owned(), MIN.into());
        schema.insert("maxItems".to_owned(), MAX.into());
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_bounds() {
        for (count, fits) in [(0, false), (1, true), (3, true), (4, false)] {
            let list = List::<u8, 1, 3>::try_from(vec![7; count]);
            assert_eq!(list.is_ok(), fits, "{count} members");
        }
    }

    #[test]
    fn a_list_travels_as_its_members() {
        let list: List<u8, 1, 3> = serde_json::from_str("[1,2]").unwrap();

        assert_eq!(&*list, [1, 2]);
        assert_eq!(serde_json::to_string(&list).unwrap(), "[1,2]");
        assert!(serde_json::from_str::<List<u8, 1, 3>>("[]").is_err());
    }

    #[test]
    fn a_schema_states_the_bounds() {
        let schema = schemars::schema_for!(List<u8, 1, 3>);

        assert_eq!(schema.get("minItems"), Some(&1.into()));
        assert_eq!(schema.get("maxItems"), Some(&3.into()));
    }
}
