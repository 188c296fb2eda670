//! Trust policies: who may assume a role.
//!
//! Source: `reference/protocol.md` §7.1, "Trust policy".

use super::decide::{Ask, By, Layer, Question, Refusal, Verdict};
use super::document::{Malformed, Members, Place, each, statements, texts};
use super::grammar::{Effect, Kind, Rule};
use super::json::Node;

/// What principals of RAM begin with.
const ARN: &str = "acs:ram::";

/// A role's trust policy.
#[derive(Debug)]
pub struct Trust {
    statements: Vec<Statement>,
}

/// One statement: it names principals instead of resources.
#[derive(Debug)]
struct Statement {
    rule: Rule,
    principals: Vec<Principal>,
}

/// Whom a statement is about.
#[derive(Debug)]
enum Principal {
    /// Everybody in the account of this number: its root key, users and roles.
    Account(String),
    /// The user or role of this ARN, which is in lower case: names are unique whatever their case.
    One(String),
}

impl Trust {
    /// Reads a role's trust policy, of up to 6,144 characters.
    ///
    /// # Errors
    /// `TooLong`; `Grammar` where anything in it is not understood.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let statements = statements(text, Kind::Identity.most())?;
        Ok(Self { statements: statements.into_iter().map(Statement::read).collect::<Result<_, _>>()? })
    }

    /// Whether `ask.keys.principal` is trusted to do what is asked. Resources do not matter: a trust policy is about
    /// its own role.
    pub fn trusts(&self, ask: &Ask<'_>) -> Verdict {
        let question = Question::new(ask);
        let by = |statement| By { policy: None, statement };
        let refused = |by| Refusal { layer: Layer::Trust, by, resource: question.first.to_owned() };
        if let Some(denying) = self.first(Effect::Deny, &question) {
            return Verdict::Denied(refused(Some(by(denying))));
        }
        match self.first(Effect::Allow, &question) {
            Some(allowing) => Verdict::Allowed(by(allowing)),
            None => Verdict::Denied(refused(None)),
        }
    }

    /// The first statement of this effect that applies, counted from 1.
    fn first(&self, effect: Effect, question: &Question<'_>) -> Option<usize> {
        let applies = |statement: &Statement| statement.applies(effect, question);
        self.statements.iter().position(applies).map(|at| at + 1)
    }
}

impl Statement {
    fn read(mut members: Members) -> Result<Self, Malformed> {
        let rule = Rule::take(&mut members)?;
        let (place, node) = members.required("Principal")?;
        let principals = principals(place, node)?;
        members.finish()?;
        Ok(Self { rule, principals })
    }

    fn applies(&self, effect: Effect, question: &Question<'_>) -> bool {
        if self.rule.effect != effect {
            return false;
        }
        let is_meant = self.principals.iter().any(|principal| principal.is(&question.keys.principal));
        self.rule.applies(is_meant && self.rule.holds(question), question)
    }
}

/// Reads `Principal`: users, roles and accounts under `RAM`. Those of `Service` and `Federated` may stand there, and
/// are nobody: there are none here.
fn principals(place: Place, node: Node) -> Result<Vec<Principal>, Malformed> {
    let mut kinds = Members::of(place, node)?;
    let [ram, service, federated] = ["RAM", "Service", "Federated"].map(|kind| kinds.take(kind));
    if ram.is_none() && service.is_none() && federated.is_none() {
        return Err(kinds.wrong("RAM is missing"));
    }
    kinds.finish()?;
    for (place, node) in [service, federated].into_iter().flatten() {
        each(texts(&place, node)?, "a name", |text| (!text.is_empty()).then_some(()))?;
    }
    match ram {
        Some((place, node)) => {
            each(texts(&place, node)?, "the ARN of an account's root, user or role", Principal::read)
        }
        None => Ok(Vec::new()),
    }
}

impl Principal {
    /// Reads `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`; a pattern is none of them.
    fn read(text: &str) -> Option<Self> {
        let (account, relative) = text.strip_prefix(ARN)?.split_once(':')?;
        // Another spelling of the same number would never be the caller's.
        if account.is_empty()
            || account.starts_with('0')
            || !account.bytes().all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        if relative == "root" {
            return Some(Self::Account(account.to_owned()));
        }
        let name = relative.strip_prefix("user/").or_else(|| relative.strip_prefix("role/"))?;
        let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
        let is_name = !name.is_empty() && name.bytes().all(is_name_byte);
        is_name.then(|| Self::One(text.to_ascii_lowercase()))
    }

    /// Whether the caller of this ARN is meant.
    fn is(&self, caller: &str) -> bool {
        match self {
            Self::Account(account) => caller
                .strip_prefix(ARN)
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(of, _)| of == account),
            Self::One(arn) => arn.eq_ignore_ascii_case(caller),
        }
    }
}
