//! Policies: from a document to statements that can be asked. Whatever is not understood is an error that says
//! where it stands.
//!
//! Source: `reference/protocol.md` §7.1, §7.2, §7.5.

use super::condition::{self, Condition};
use super::decide::Question;
use super::document::{Malformed, Members, each, statements, texts};
use super::json::Node;
use super::patience::Patience;
use super::pattern::{self, Pattern};

/// What a policy is for, by which its length is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a user or a role: 6,144 characters.
    Identity,
    /// Given to `AssumeRole`: 2,048 characters.
    Session,
}

impl Kind {
    /// The characters that a document may have, blanks included.
    pub(super) const fn most(self) -> usize {
        match self {
            Self::Identity => 6_144,
            Self::Session => 2_048,
        }
    }
}

/// A document that was understood.
#[derive(Debug)]
pub struct Policy {
    statements: Vec<Statement>,
}

impl Policy {
    /// Reads a policy of a user, a role or a session.
    ///
    /// # Errors
    /// `TooLong` by the kind's bound; `Grammar` where anything in it is not understood.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        let statements = statements(text, kind.most())?;
        Ok(Self { statements: statements.into_iter().map(Statement::read).collect::<Result<_, _>>()? })
    }

    /// The statements of this effect, each with its number, from 1.
    pub(super) fn statements(&self, effect: Effect) -> impl Iterator<Item = (usize, &Statement)> {
        (1..).zip(&self.statements).filter(move |(_, statement)| statement.rule.effect == effect)
    }
}

/// What a statement says of that which it applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

impl Effect {
    fn take(members: &mut Members) -> Result<Self, Malformed> {
        match members.required("Effect")? {
            (_, Node::Text(text)) if text == "Allow" => Ok(Self::Allow),
            (_, Node::Text(text)) if text == "Deny" => Ok(Self::Deny),
            (place, _) => Err(place.wrong("it must be \"Allow\" or \"Deny\"")),
        }
    }
}

/// One statement of a policy.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) rule: Rule,
    resource: Choice,
}

impl Statement {
    fn read(mut members: Members) -> Result<Self, Malformed> {
        if let Some((place, _)) = members.take("Principal") {
            return Err(place.wrong("it belongs to the trust policies of roles"));
        }
        let rule = Rule::take(&mut members)?;
        let resource = Choice::take(&mut members, ["Resource", "NotResource"], "an ARN or \"*\"", resource)?;
        members.finish()?;
        Ok(Self { rule, resource })
    }

    /// Whether `resource` is one of those that it names.
    pub(super) fn touches(&self, question: &Question<'_>, resource: &str) -> bool {
        if question.is_somewhere {
            return match self.rule.effect {
                Effect::Allow => true,
                Effect::Deny => self.resource.is_everything(),
            };
        }
        self.resource.matches(resource, &question.patience)
    }
}

/// What the statements of all documents have.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) effect: Effect,
    action: Choice,
    conditions: Vec<Condition>,
}

impl Rule {
    /// Takes `Effect`, `Action` or `NotAction`, and `Condition` out of a statement.
    pub(super) fn take(members: &mut Members) -> Result<Self, Malformed> {
        let effect = Effect::take(members)?;
        let action =
            Choice::take(members, ["Action", "NotAction"], "an action of a product or \"*\"", action)?;
        let conditions = match members.take("Condition") {
            Some((place, node)) => condition::read(place, node)?,
            None => Vec::new(),
        };
        Ok(Self { effect, action, conditions })
    }

    /// Whether it is about the action, and all of its conditions hold: what does not depend on the resource.
    pub(super) fn holds(&self, question: &Question<'_>) -> bool {
        self.action.matches(&question.action, &question.patience)
            && self.conditions.iter().all(|condition| condition.holds(question.keys, &question.patience))
    }

    /// Whether a statement applies of which this was found; where the patience is spent nothing was, and whatever
    /// refuses applies.
    pub(super) fn applies(&self, found: bool, question: &Question<'_>) -> bool {
        if question.patience.is_spent() { self.effect == Effect::Deny } else { found }
    }
}

/// What one of the patterns fits, or, of `NotAction` and `NotResource`, none.
#[derive(Debug)]
struct Choice {
    patterns: Vec<Pattern>,
    is_negated: bool,
}

impl Choice {
    /// Takes out the element or its negation, of which exactly one must be there: `what` its values must be, and how
    /// one of them is read.
    fn take(
        members: &mut Members,
        [name, negation]: [&str; 2],
        what: &str,
        read: fn(&str) -> Option<Pattern>,
    ) -> Result<Self, Malformed> {
        let ((place, node), is_negated) = match (members.take(name), members.take(negation)) {
            (Some(element), None) => (element, false),
            (None, Some(element)) => (element, true),
            (Some((place, _)), Some(_)) => {
                return Err(place.wrong(format_args!("it and {negation} exclude each other")));
            }
            (None, None) => return Err(members.wrong(format_args!("{name} is missing"))),
        };
        let texts = texts(&place, node)?;
        pattern::check(&texts)?;
        Ok(Self { patterns: each(texts, what, read)?, is_negated })
    }

    /// Whether it is `*`. What leaves something out is not.
    fn is_everything(&self) -> bool {
        !self.is_negated && self.patterns.iter().any(Pattern::is_everything)
    }

    fn matches(&self, text: &str, patience: &Patience) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text, patience)) != self.is_negated
    }
}

/// Reads an action, `ecd:Describe*`, or `*`, in lower case: actions compare without case.
fn action(text: &str) -> Option<Pattern> {
    let is_part = |part: &str, signs: &[u8]| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"*?-".contains(&byte) || signs.contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    let is_named = |(code, name)| is_part(code, b"") && is_part(name, b"_./:");
    let is_action = text == "*" || text.split_once(':').is_some_and(is_named);
    is_action.then(|| Pattern::new(&text.to_ascii_lowercase()))
}

/// Reads a resource: an ARN, or `*`.
fn resource(text: &str) -> Option<Pattern> {
    let is_resource = text == "*" || text.strip_prefix("acs:").is_some_and(ends_arn);
    is_resource.then(|| Pattern::new(text))
}

/// Whether `acs:` followed by this is an ARN: `<ram-code>:<region>:<account>:<relative-id>`, of which region and
/// account may be empty, and parts may be missing where a `*` stands for them.
fn ends_arn(rest: &str) -> bool {
    let parts: Vec<&str> = rest.splitn(4, ':').collect();
    let is_whole = parts.len() == 4 && !parts[3].is_empty();
    !parts[0].is_empty() && (is_whole || rest.contains('*')) && !rest.contains(char::is_control)
}
