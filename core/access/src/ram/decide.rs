//! Decisions: may this be done, and which statement says so.
//!
//! A call passes two layers, in this order: the session policy, where there is one, and the policies of the user or
//! role. Each must allow it, for every resource. A statement that denies it is told before one that is missing,
//! whichever layer it stands in. The account's own key is not decided here: no policy binds it.
//!
//! Source: `reference/protocol.md` §7.4.

use std::cell::OnceCell;
use std::fmt;
use std::iter;
use std::sync::Arc;

use super::grammar::{Effect, Policy, Statement};
use super::keys::Keys;
use super::patience::Patience;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// `ecd:DescribeUsers`, in any case.
    pub action: &'a str,
    /// ARNs, of which every one must be allowed; `*` for an API that has no resource level. An empty list asks for
    /// `*` as well.
    pub resources: &'a [String],
    /// What conditions may ask about.
    pub keys: &'a Keys,
}

/// What a policy is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyName {
    /// One that every account has: [`super::system`].
    System(&'static str),
    /// One of the account's own.
    Custom(String),
}

impl fmt::Display for PolicyName {
    /// The name alone, without its kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System(name) => name,
            Self::Custom(name) => name,
        })
    }
}

/// A policy that somebody has.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is called.
    pub name: PolicyName,
    /// What it says.
    pub policy: Arc<Policy>,
}

/// The policies that are attached to a user or a role.
#[derive(Debug, Clone, Default)]
pub struct Grants(pub Vec<Named>);

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may be done, by this statement; of several resources, the one for the first of them.
    Allowed(By),
    /// It may not.
    Denied(Refusal),
}

/// The statement that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The policy; `None` for a session policy and a trust policy, which have no name.
    pub policy: Option<PolicyName>,
    /// Which of its statements, from 1.
    pub statement: usize,
}

/// Why something may not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it was refused.
    pub layer: Layer,
    /// The statement that denies it; `None` where no statement of the layer allows it.
    pub by: Option<By>,
    /// Which of the resources was refused, the first one that was.
    pub resource: String,
}

/// Where policies stand, each of which must allow a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// What the user or role has.
    Identity,
    /// What whoever assumed the role narrowed it down to.
    Session,
    /// Who may assume the role.
    Trust,
}

/// Decides whether a user or role that has `grants` may do what is asked, in a session with this policy, if any.
pub fn decide(grants: &Grants, session: Option<&Policy>, ask: &Ask<'_>) -> Verdict {
    decide_question(grants, session, &Question::new(ask))
}

/// Decides whether they may do what is asked on anything at all, where it is not known yet on what: an Allow for any
/// resource is enough, and a Deny counts that is for all of them.
pub fn decide_somewhere(grants: &Grants, session: Option<&Policy>, action: &str, keys: &Keys) -> Verdict {
    let ask = Ask { action, resources: &[], keys };
    decide_question(grants, session, &Question { is_somewhere: true, ..Question::new(&ask) })
}

fn decide_question(grants: &Grants, session: Option<&Policy>, question: &Question<'_>) -> Verdict {
    let identity = Policies {
        layer: Layer::Identity,
        policies: grants.0.iter().map(|named| (Some(&named.name), named.policy.as_ref())).collect(),
    };
    let session = session.map(|policy| Policies { layer: Layer::Session, policies: vec![(None, policy)] });
    decided(session.as_ref(), &identity, question).into()
}

fn decided(
    session: Option<&Policies<'_>>,
    identity: &Policies<'_>,
    question: &Question<'_>,
) -> Result<By, Refusal> {
    if let Some(session) = session {
        session.deny_nothing(question)?;
    }
    identity.deny_nothing(question)?;
    if let Some(session) = session {
        session.allow_everything(question)?;
    }
    identity.allow_everything(question)
}

impl From<Result<By, Refusal>> for Verdict {
    fn from(decided: Result<By, Refusal>) -> Self {
        match decided {
            Ok(by) => Self::Allowed(by),
            Err(refusal) => Self::Denied(refusal),
        }
    }
}

/// What is asked, as statements compare it.
pub(super) struct Question<'a> {
    /// In lower case.
    pub(super) action: String,
    pub(super) keys: &'a Keys,
    /// The first resource: there always is one.
    pub(super) first: &'a str,
    others: &'a [String],
    /// It is enough that some resource may be touched.
    pub(super) is_somewhere: bool,
    pub(super) patience: Patience,
}

impl<'a> Question<'a> {
    pub(super) fn new(ask: &Ask<'a>) -> Self {
        let (first, others) = match ask.resources.split_first() {
            Some((first, others)) => (first.as_str(), others),
            None => ("*", [].as_slice()),
        };
        let (action, patience) = (ask.action.to_ascii_lowercase(), Patience::new());
        Self { action, keys: ask.keys, first, others, is_somewhere: false, patience }
    }
}

/// The policies of one layer, with their names where they have one.
struct Policies<'a> {
    layer: Layer,
    policies: Vec<(Option<&'a PolicyName>, &'a Policy)>,
}

impl<'a> Policies<'a> {
    /// No statement may deny any of the resources.
    fn deny_nothing(&self, question: &Question<'_>) -> Result<(), Refusal> {
        let denying = self.statements(Effect::Deny);
        for resource in iter::once(question.first).chain(question.others.iter().map(String::as_str)) {
            if let Some(by) = first(&denying, question, resource) {
                return Err(self.refusal(Some(by), resource));
            }
        }
        Ok(())
    }

    /// A statement must allow each of the resources; what comes back is the one for the first.
    fn allow_everything(&self, question: &Question<'_>) -> Result<By, Refusal> {
        let allowing = self.statements(Effect::Allow);
        let allow =
            |resource: &str| first(&allowing, question, resource).ok_or_else(|| self.refusal(None, resource));
        let by = allow(question.first)?;
        for resource in question.others {
            allow(resource)?;
        }
        Ok(by)
    }

    /// The statements of this effect.
    fn statements(&self, effect: Effect) -> Vec<Candidate<'a>> {
        let of_one = |&(policy, document): &(Option<&'a PolicyName>, &'a Policy)| {
            let statements = document.statements(effect);
            statements.map(move |(number, statement)| Candidate {
                policy,
                number,
                statement,
                holds: OnceCell::new(),
            })
        };
        self.policies.iter().flat_map(of_one).collect()
    }

    fn refusal(&self, by: Option<By>, resource: &str) -> Refusal {
        Refusal { layer: self.layer, by, resource: resource.to_owned() }
    }
}

/// A statement that may decide.
struct Candidate<'a> {
    policy: Option<&'a PolicyName>,
    number: usize,
    statement: &'a Statement,
    /// Whether all but the resource fits, which is asked once for all of them.
    holds: OnceCell<bool>,
}

impl Candidate<'_> {
    fn applies(&self, question: &Question<'_>, resource: &str) -> bool {
        let rule = &self.statement.rule;
        let found =
            *self.holds.get_or_init(|| rule.holds(question)) && self.statement.touches(question, resource);
        rule.applies(found, question)
    }
}

/// The first of the statements that applies.
fn first(candidates: &[Candidate<'_>], question: &Question<'_>, resource: &str) -> Option<By> {
    let found = candidates.iter().find(|candidate| candidate.applies(question, resource))?;
    Some(By { policy: found.policy.cloned(), statement: found.number })
}

#[cfg(test)]
mod tests {
    use model::Millis;

    use super::super::Kind;
    use super::*;

    /// The steps of deciding about so many resources, under a condition that takes many.
    fn steps(resources: usize) -> usize {
        let piece = "a".repeat(60);
        let text = format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{
            "StringLike":{{"ecd:x":["*{piece}?b*","*{piece}?c*"]}}}}}},
            {{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{
            "StringNotLike":{{"ecd:x":"*{piece}?d*"}}}}}}]}}"#
        );
        let policy = Policy::parse(&text, Kind::Identity).expect("a policy");
        let keys = Keys {
            now: Millis(0),
            source: None,
            secure: true,
            mfa: None,
            principal: String::new(),
            more: vec![("ecd:x".to_owned(), "a".repeat(2_048))],
        };
        let resources: Vec<String> = (0..resources).map(|n| format!("acs:ecd:::{n}")).collect();
        let question =
            Question::new(&Ask { action: "ecd:DescribeUsers", resources: &resources, keys: &keys });
        let identity = Policies { layer: Layer::Identity, policies: vec![(None, &policy)] };
        let by = decided(None, &identity, &question).expect("it is allowed");
        assert_eq!(by.statement, 2);
        question.patience.taken()
    }

    #[test]
    fn conditions_are_asked_once_and_count() {
        let one = steps(1);
        assert!(one > 3 * 60 * 2_048, "{one}");
        assert!(steps(100) < one + 1_000, "{}", steps(100));
    }
}
