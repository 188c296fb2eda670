//! `roster ram simulate`.

use std::net::IpAddr;
use std::path::PathBuf;

use access::ram::{By, Layer, Verdict};
use directory::ram::simulate::{self as rule, Answer, Question};
use serde_json::{Value, json};

use super::super::OfAccount;
use super::{At, document};
use crate::trouble::Trouble;

#[derive(clap::Args)]
pub(in super::super) struct Simulate {
    /// Who would ask: the ARN of the account's root, a user, a role or an assumed role
    #[arg(long, value_name = "ARN")]
    principal: String,
    /// What would be done, as policies name it: ecd:DescribeUsers
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// The ARN of what it would be done to; may be given several times [default: *]
    #[arg(long, value_name = "ARN")]
    resource: Vec<String>,
    /// The address that the call would come from
    #[arg(long, value_name = "IP")]
    source_ip: Option<IpAddr>,
    /// The call would come by TLS
    #[arg(long)]
    secure: bool,
    /// A file with a session policy
    #[arg(long, value_name = "FILE")]
    session_policy: Option<PathBuf>,
    /// Another key of conditions with its value; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = key)]
    key: Vec<(String, String)>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    of: OfAccount,
}

pub(super) async fn run(simulate: Simulate) -> Result<(), Trouble> {
    let session = simulate.session_policy.as_deref().map(document).transpose()?;
    let at = At::enter(simulate.of).await?;
    let question = Question {
        principal: &simulate.principal,
        action: &simulate.action,
        resources: &simulate.resource,
        source: simulate.source_ip,
        secure: simulate.secure,
        session: session.as_deref(),
        more: &simulate.key,
    };
    let answer = rule::simulate(&mut at.reader(), &at.permit, &question).await?;
    let text = if simulate.json { facts(&answer).to_string() } else { told(&answer) };
    at.say(&text).await
}

fn key(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a key is followed by = and its value")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The answer in one line.
fn told(answer: &Answer) -> String {
    match answer {
        Answer::Root => "allowed: no policy binds the account's root".to_owned(),
        Answer::Decided(Verdict::Allowed(by)) => format!("allowed by {}", statement(by)),
        Answer::Decided(Verdict::Denied(refusal)) => {
            let (layer, resource) = (layer(refusal.layer), &refusal.resource);
            match &refusal.by {
                Some(by) => format!("denied by {} ({layer}), for {resource}", statement(by)),
                None => format!("denied: no statement allows it ({layer}), for {resource}"),
            }
        }
    }
}

fn statement(by: &By) -> String {
    let number = by.statement;
    match &by.policy {
        Some(policy) => format!("statement {number} of the policy {policy}"),
        None => format!("statement {number} of the session policy"),
    }
}

fn facts(answer: &Answer) -> Value {
    let decision = match answer {
        Answer::Root | Answer::Decided(Verdict::Allowed(_)) => "Allow",
        Answer::Decided(Verdict::Denied(refusal)) if refusal.by.is_some() => "ExplicitDeny",
        Answer::Decided(Verdict::Denied(_)) => "ImplicitDeny",
    };
    let refusal = match answer {
        Answer::Decided(Verdict::Denied(refusal)) => Some(refusal),
        Answer::Root | Answer::Decided(Verdict::Allowed(_)) => None,
    };
    json!({
        "decision": decision,
        "policy": answer.by().and_then(|by| by.policy.as_ref()).map(ToString::to_string),
        "statement": answer.by().map(|by| by.statement),
        "layer": refusal.map(|refusal| layer(refusal.layer)),
        "resource": refusal.map(|refusal| &refusal.resource),
    })
}

const fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity policies",
        Layer::Session => "session policy",
        Layer::Trust => "trust policy",
    }
}
