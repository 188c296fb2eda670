//! Somebody who calls whatever a server answers, as it is declared, and not as any SDK has it.

use api::coverage::Declared;
use gate::Api;
use serde_json::{Value, json};

use super::client::{Answer, Client, Message};
use super::pds::PdsCaller;
use super::ram::Key;
use super::server::Server;

/// Whoever calls.
pub(crate) struct Anyone {
    client: Client,
    /// The same where paths tell what is called.
    pub(crate) pds: PdsCaller,
    proof: Proof,
}

/// What such a caller has.
enum Proof {
    Key,
    Bearer(String),
    Nothing,
}

impl Anyone {
    /// The root of the server's first account.
    pub(crate) fn root(server: &Server) -> Self {
        Self { client: server.administrator(), pds: PdsCaller::of(server), proof: Proof::Key }
    }

    /// Whoever has a key.
    pub(crate) fn with_key(server: &Server, key: &Key) -> Self {
        Self { client: key.client(server), pds: key.pds(server), proof: Proof::Key }
    }

    /// Whoever has a token of PDS.
    pub(crate) fn bearer(server: &Server, token: &str) -> Self {
        let pds = PdsCaller::of(server).bearer(token);
        Self { client: server.administrator(), pds, proof: Proof::Bearer(token.to_owned()) }
    }

    /// Nobody that is known.
    pub(crate) fn nobody(server: &Server) -> Self {
        let pds = PdsCaller::of(server).nobody();
        Self { client: server.administrator(), pds, proof: Proof::Nothing }
    }

    /// Calls what is declared, with these parameters.
    pub(crate) async fn call(&self, api: &Api, declared: &Declared, parameters: &Value) -> Answer {
        let Some(path) = declared.path() else {
            let version = api.version.expect("what has no path has a version");
            return self.act(version, declared.name(), parameters).await;
        };
        if api.door == "audit" {
            return self.read(path, parameters).await;
        }
        let posted = self.pds.exchange(&self.pds.post(path, parameters.to_string().as_bytes())).await;
        // Pages stand among the operations, and are asked for.
        if posted.status == 404 && posted.json()["code"] == "I404NF" {
            return self.read(path, parameters).await;
        }
        posted
    }

    /// Calls an action of a version.
    async fn act(&self, version: &'static str, action: &str, parameters: &Value) -> Answer {
        let client = self.client.versioned(version);
        let flat = flat(parameters);
        let message = match &self.proof {
            Proof::Key => client.post(action, &flat),
            Proof::Bearer(token) => {
                unsigned(&client, version, action).with_header("authorization", &format!("Bearer {token}"))
            }
            Proof::Nothing => unsigned(&client, version, action),
        };
        client.exchange(&message).await
    }

    /// Asks for a path.
    async fn read(&self, path: &str, parameters: &Value) -> Answer {
        let query = wire::rpc::form(&flat(parameters));
        let message = match &self.proof {
            Proof::Key => self.client.get_path(path, &query),
            Proof::Bearer(_) | Proof::Nothing => {
                let target = format!("{path}?{query}");
                self.pds.message("GET", &target, None, b"", self.pds.now())
            }
        };
        self.client.exchange(&message).await
    }
}

fn unsigned(client: &Client, version: &str, action: &str) -> Message {
    let target = format!("/?Action={action}&Version={version}&Format=JSON");
    Message {
        method: "POST",
        target,
        headers: vec![("host".to_owned(), client.host(None))],
        body: Vec::new(),
    }
}

/// Parameters as actions take them: lists count from 1, and what lies in another one is named behind it.
fn flat(parameters: &Value) -> Vec<(String, String)> {
    fn put(name: &str, value: &Value, flat: &mut Vec<(String, String)>) {
        let inside = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
        match value {
            Value::Null => {}
            Value::Bool(truth) => flat.push((name.to_owned(), truth.to_string())),
            Value::Number(number) => flat.push((name.to_owned(), number.to_string())),
            Value::String(text) => flat.push((name.to_owned(), text.clone())),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    put(&inside(&(at + 1).to_string()), item, flat);
                }
            }
            Value::Object(members) => {
                for (part, member) in members {
                    put(&inside(part), member, flat);
                }
            }
        }
    }
    let mut list = Vec::new();
    put("", parameters, &mut list);
    list
}

/// What an answer says, whichever door it comes from: the status, and code and message of a refusal.
pub(crate) fn told_of(answer: &Answer) -> (u16, String, String) {
    if answer.status < 400 {
        return (answer.status, String::new(), String::new());
    }
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or(json!({}));
    let text =
        |names: [&str; 2]| names.iter().find_map(|name| json[*name].as_str()).unwrap_or_default().to_owned();
    (answer.status, text(["Code", "code"]), text(["Message", "message"]))
}
