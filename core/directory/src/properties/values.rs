//! Users' values of properties, as texts by the properties' names.
//!
//! What is to become of a user's values is planned before anything of the user is written, so that whatever a value
//! refuses it refuses first. Of a property whose values are unique, a choice is taken by its row's lock and a text by
//! the unique key of its digest.
//!
//! Source: `reference/doors.md` §1.3; `reference/eiam.md`, 10.2.

use access::keyring::Place;
use access::{Change, Permit, Reader, Tools};
use model::property::{Kind, Property};
use model::user::User;
use model::{DirectoryKey, Folded, Number};
use store::properties::{self as rows, Own, Text};

use super::fit;
use crate::error::{Argument, Error, Unique};

/// A value of a property as a caller gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenText {
    /// The property's name.
    pub property: String,
    /// What becomes of the user's value.
    pub turn: Turn,
}

/// What becomes of a user's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is this from now on; of a property with several choices a JSON array of texts, or one of them.
    Set(String),
    /// The user has none from now on.
    Remove,
}

/// What a user has of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuesOf {
    /// The property's name.
    pub property: String,
    /// What its values are.
    pub kind: Kind,
    /// The values: several only where several can be chosen.
    pub texts: Vec<String>,
}

/// The properties in use, as a change sees them.
pub(crate) struct Known(Vec<Property>);

impl Known {
    pub(crate) async fn of(change: &mut Change, permit: &Permit) -> Result<Self, Error> {
        let mut known = rows::all(change.tx(), permit.directory()).await?;
        known.retain(|property| property.enabled);
        Ok(Self(known))
    }

    fn named(&self, name: &str) -> Result<&Property, Error> {
        let key = Folded::of(name);
        let found = self.0.iter().find(|property| property.name.folded() == key);
        found.ok_or_else(|| Error::Missing(Argument::PropertyName, name.to_owned()))
    }
}

/// What is to become of a user's values: only what differs.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    steps: Vec<Step>,
}

/// What is to become of a user's values of one property.
#[derive(Debug)]
struct Step {
    property: Property,
    /// The values before, as they are shown.
    had: Vec<String>,
    /// The values after.
    has: Vec<String>,
    /// The numbers of the values before, hidden ones among them, where they lie as choices.
    chosen: Vec<Number>,
    /// The digest of the text after, where no two users may have the same one.
    digest: Option<String>,
    /// Whether nobody gave it: it is the property's default.
    is_default: bool,
}

impl Plan {
    /// What users who are not there yet are given: `given`, and the defaults of what is not given. What must have a
    /// value and has none, or a default that another user has, refuses where values are demanded and is left out where
    /// they are not.
    ///
    /// # Errors
    /// As of [`Plan::of_change`].
    pub(crate) async fn of_new(
        change: &mut Change,
        permit: &Permit,
        known: &Known,
        given: &[GivenText],
        demands: bool,
    ) -> Result<Self, Error> {
        let mut steps = steps(known, given, |_| Ok(Had::default()))?;
        for property in &known.0 {
            if steps.iter().any(|step| step.property.id == property.id) {
                continue;
            }
            let default = property.default.as_ref().and_then(|text| fit::read(property, text.as_str(), &[]));
            let step = Step::of(property, Had::default(), default.unwrap_or_default());
            steps.push(Step { is_default: true, ..step });
        }
        if let Some(step) = steps.iter().find(|step| demands && step.property.required && step.has.is_empty())
        {
            return Err(Error::Required(step.name()));
        }
        Self::checked(change, permit, None, steps, demands).await
    }

    /// What a user, whom nobody else may change, is given instead of what they have.
    ///
    /// # Errors
    /// `Missing` the property's name, also of one that is not in use; `Unfit` a value, with the property's name, also
    /// where one property is named twice; `Required`, where the last value is taken of what must have one; `Taken` the
    /// value, with the property's name.
    pub(crate) async fn of_change(
        change: &mut Change,
        permit: &Permit,
        user: &User,
        given: &[GivenText],
    ) -> Result<Self, Error> {
        if given.is_empty() {
            return Ok(Self::default());
        }
        let known = Known::of(change, permit).await?;
        let own = rows::own(change.tx(), permit.directory(), user.id.number()).await?;
        let mut steps =
            steps(&known, given, |property| Had::of(change.tools(), permit, user, property, &own))?;
        steps.retain(|step| step.had != step.has);
        if let Some(step) = steps.iter().find(|step| step.property.required && step.has.is_empty()) {
            return Err(Error::Required(step.name()));
        }
        Self::checked(change, permit, Some(user), steps, true).await
    }

    /// The steps, once it is known that nobody else has what is unique.
    async fn checked(
        change: &mut Change,
        permit: &Permit,
        user: Option<&User>,
        mut steps: Vec<Step>,
        demands: bool,
    ) -> Result<Self, Error> {
        let but = user.map_or(Number(0), |user| user.id.number());
        steps.retain(|step| step.had != step.has);
        let mut choices: Vec<Number> = steps.iter().flat_map(Step::unique_choices).collect();
        choices.sort_unstable();
        rows::lock_items(change.tx(), permit.directory(), &choices).await?;
        let mut plan = Self::default();
        for mut step in steps {
            step.digest = step.digest_of_text(change.tools(), permit.directory());
            if !step.is_taken(change, permit, but).await? {
                plan.steps.push(step);
            } else if demands || !step.is_default {
                return Err(Error::Taken(Unique::PropertyValue, step.name()));
            }
        }
        Ok(plan)
    }

    /// What the user has from now on, by the properties' names, for the audit trail: nothing of what is encrypted.
    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        self.told(|step| &step.has)
    }

    /// What the user had before, likewise.
    pub(crate) fn facts_before(&self) -> Vec<(String, String)> {
        self.told(|step| &step.had)
    }

    fn told(&self, values: fn(&Step) -> &Vec<String>) -> Vec<(String, String)> {
        let open = self.steps.iter().filter(|step| !step.property.encrypted && !values(step).is_empty());
        open.map(|step| (step.name(), fit::written(step.property.kind, values(step)))).collect()
    }
}

/// Does what was planned for this user: whether anything differs. The caller records it, and notes the user as updated.
pub(crate) async fn carry_out(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    plan: &Plan,
) -> Result<bool, Error> {
    let directory = permit.directory();
    for step in &plan.steps {
        let number = step.property.id.number();
        if lies_as_choices(&step.property) {
            let (before, after) = (&step.chosen, step.choices());
            rows::choose(change.tx(), directory, user, number, [before, &after]).await?;
        } else {
            let text = step.text(change.tools(), directory, user);
            rows::set_text(change.tx(), directory, user, number, !step.had.is_empty(), text.as_ref()).await?;
        }
    }
    Ok(!plan.steps.is_empty())
}

/// What a user has of the properties in use, by property; encrypted values are opened.
///
/// # Errors
/// The store's; also where a sealed value cannot be opened.
pub(crate) async fn of_user(
    reader: &mut Reader,
    permit: &Permit,
    user: Number,
) -> Result<Vec<ValuesOf>, Error> {
    let directory = permit.directory();
    let mut found: Vec<(Number, ValuesOf)> = Vec::new();
    for stored in rows::stored_of_user(reader.rows(), directory, user).await? {
        let texts = if stored.encrypted {
            let owner = Owner { directory, user, property: stored.property };
            owner.open(reader.tools(), stored.kind, &stored.value)?
        } else {
            vec![stored.value]
        };
        match found.last_mut().filter(|(property, _)| *property == stored.property) {
            Some((_, values)) => values.texts.extend(texts),
            None => {
                let values = ValuesOf { property: stored.name, kind: stored.kind, texts };
                found.push((stored.property, values));
            }
        }
    }
    Ok(found.into_iter().map(|(_, values)| values).collect())
}

/// What is given, read by the rules of its property, beside what the user has.
fn steps(
    known: &Known,
    given: &[GivenText],
    had: impl Fn(&Property) -> Result<Had, Error>,
) -> Result<Vec<Step>, Error> {
    let named: Vec<&Property> =
        given.iter().map(|given| known.named(&given.property)).collect::<Result<_, _>>()?;
    let mut steps: Vec<Step> = Vec::with_capacity(given.len());
    for (property, given) in named.into_iter().zip(given) {
        let unfit = || Error::Unfit(Argument::PropertyValue, given.property.clone());
        if steps.iter().any(|step| step.property.id == property.id) {
            return Err(unfit());
        }
        let had = had(property)?;
        let has = match &given.turn {
            Turn::Set(text) => fit::read(property, text, &had.texts).ok_or_else(unfit)?,
            Turn::Remove => Vec::new(),
        };
        steps.push(Step::of(property, had, has));
    }
    Ok(steps)
}

/// What a user has of one property.
#[derive(Debug, Default)]
struct Had {
    texts: Vec<String>,
    chosen: Vec<Number>,
}

impl Had {
    fn of(
        tools: &Tools,
        permit: &Permit,
        user: &User,
        property: &Property,
        own: &[Own],
    ) -> Result<Self, Error> {
        let number = property.id.number();
        let own = own.iter().filter(|own| own.property == number);
        let chosen: Vec<Number> = own.clone().filter_map(|own| own.item).collect();
        let items = property.items.iter().filter(|item| chosen.contains(&item.number));
        let mut texts: Vec<String> = items.map(|item| item.value.as_str().to_owned()).collect();
        for text in own.filter_map(|own| own.text.as_deref()) {
            if property.encrypted {
                let owner = Owner { directory: permit.directory(), user: user.id.number(), property: number };
                texts.extend(owner.open(tools, property.kind, text)?);
            } else {
                texts.push(text.to_owned());
            }
        }
        Ok(Self { texts, chosen })
    }
}

impl Step {
    fn of(property: &Property, had: Had, has: Vec<String>) -> Self {
        Self {
            property: property.clone(),
            had: had.texts,
            has,
            chosen: had.chosen,
            digest: None,
            is_default: false,
        }
    }

    fn name(&self) -> String {
        self.property.name.as_str().to_owned()
    }

    /// The numbers of the values after.
    fn choices(&self) -> Vec<Number> {
        let items = self.property.items.iter().filter(|item| {
            let value = item.value.as_str();
            self.has.iter().any(|has| has == value)
        });
        items.map(|item| item.number).collect()
    }

    /// Choices that no other user may have, and this one has not yet.
    fn unique_choices(&self) -> Vec<Number> {
        if !self.property.unique || !lies_as_choices(&self.property) {
            return Vec::new();
        }
        self.choices().into_iter().filter(|item| !self.chosen.contains(item)).collect()
    }

    /// Of several choices, which lie as one text, the digest is of all of them: no two users have the same ones.
    fn digest_of_text(&self, tools: &Tools, directory: DirectoryKey) -> Option<String> {
        let property = &self.property;
        if !property.unique || lies_as_choices(property) || self.has.is_empty() {
            return None;
        }
        let text = fit::written(property.kind, &self.has);
        let [directory, property] = [directory.number, property.id.number()].map(|n| n.0.to_be_bytes());
        let digest = tools.keys.now().lasting_digest(&[&directory, &property, text.as_bytes()]);
        Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    async fn is_taken(&self, change: &mut Change, permit: &Permit, but: Number) -> Result<bool, Error> {
        let directory = permit.directory();
        for item in self.unique_choices() {
            if rows::is_taken(change.tx(), directory, item, but).await? {
                return Ok(true);
            }
        }
        let Some(digest) = &self.digest else { return Ok(false) };
        let number = self.property.id.number();
        Ok(rows::is_text_taken(change.tx(), directory, number, digest, but).await?)
    }

    /// The text after as it lies with this user; `None` where there is none.
    fn text(&self, tools: &Tools, directory: DirectoryKey, user: &User) -> Option<Text> {
        if self.has.is_empty() {
            return None;
        }
        let plain = fit::written(self.property.kind, &self.has);
        let value = if self.property.encrypted {
            let owner = Owner { directory, user: user.id.number(), property: self.property.id.number() };
            owner.seal(tools, &plain)
        } else {
            plain
        };
        Some(Text { value, digest: self.digest.clone() })
    }
}

/// Whether users' values of the property lie as the numbers of its items; else they lie as one text.
fn lies_as_choices(property: &Property) -> bool {
    property.kind.has_items() && !property.encrypted
}

/// Whose value it is that is sealed: one that is moved to another user or property does not open.
struct Owner {
    directory: DirectoryKey,
    user: Number,
    property: Number,
}

impl Owner {
    fn seal(&self, tools: &Tools, plain: &str) -> String {
        let row = self.row();
        tools.keys.now().seal(place(&row), plain.as_bytes(), (tools.chance)().as_mut())
    }

    fn open(&self, tools: &Tools, kind: Kind, sealed: &str) -> Result<Vec<String>, Error> {
        let row = self.row();
        let corrupt = |why: &str| store::Error::Corrupt(format!("the sealed value {row}: {why}"));
        let plain = tools.keys.open(place(&row), sealed).map_err(|closed| corrupt(&closed.to_string()))?;
        let values = plain.reveal_text().and_then(|text| fit::stored(kind, text));
        Ok(values.ok_or_else(|| corrupt("it is no value of its property"))?)
    }

    fn row(&self) -> String {
        format!("{}/{}/{}", self.directory.number.0, self.user.0, self.property.0)
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "user_texts", row, column: "value" }
}
