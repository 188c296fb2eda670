//! `roster ram`: users, roles, policies, keys, and what would be decided.

use std::path::PathBuf;

use crate::support::{Done, Server, create, document, everybody, roster};

/// The command line on a server's own house, and a folder for documents.
struct Line<'a> {
    server: &'a Server,
    folder: tempfile::TempDir,
}

impl<'a> Line<'a> {
    fn of(server: &'a Server) -> Self {
        Self { server, folder: tempfile::tempdir().expect("a folder can be made") }
    }

    fn attempt(&self, words: &[&str]) -> Done {
        let flags = self.server.home.flags();
        let arguments: Vec<&str> = words.iter().copied().chain(flags.iter().map(String::as_str)).collect();
        roster(&arguments)
    }

    fn run(&self, words: &[&str]) -> String {
        let done = self.attempt(words);
        assert!(done.went_well, "{words:?}: {done:?}");
        done.out
    }

    /// What a command that is refused says.
    fn refused(&self, words: &[&str]) -> String {
        let done = self.attempt(words);
        assert!(
            !done.went_well && done.out.is_empty() && done.err.lines().count() == 1,
            "{words:?}: {done:?}"
        );
        done.err.trim_end().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    }
}

fn word(out: &str, start: &str) -> String {
    let line = out.lines().find(|line| line.starts_with(start)).expect("it is printed");
    line.split_whitespace().last().expect("it is printed").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_made_gets_a_key_and_a_policy_and_goes() {
    let server = Server::start().await;
    let line = Line::of(&server);

    let id = line.run(&["ram", "user", "create", "alice", "--display-name", "Alice Li"]);
    assert_eq!(id.trim().len(), 18);
    let key = line.run(&["ram", "key", "create", "--user", "alice"]);
    let (key_id, secret) = (word(&key, "AccessKeyId:"), word(&key, "AccessKeySecret:"));
    line.run(&["ram", "policy", "attach", "AliyunECDFullAccess", "--user", "alice"]);
    let client = server.administrator().with_key(&key_id, &secret);
    create(&client, &["bob"]).await;
    assert_eq!(everybody(&client).await, ["bob"]);

    let shown = line.run(&["ram", "user", "show", "alice"]);
    assert!(shown.contains("AliyunECDFullAccess") && shown.contains(&key_id), "{shown}");
    assert!(shown.contains("Alice Li") && !shown.contains(&secret), "{shown}");
    assert!(line.run(&["ram", "user", "list"]).starts_with("alice  "));

    let conflict = line.refused(&["ram", "user", "delete", "alice"]);
    assert_eq!(conflict, "roster: \"alice\" is not deleted: the user has AccessKeys");
    line.run(&["ram", "key", "disable", &key_id, "--user", "alice"]);
    line.run(&["ram", "key", "delete", &key_id, "--user", "alice"]);
    let conflict = line.refused(&["ram", "user", "delete", "alice"]);
    assert_eq!(conflict, "roster: \"alice\" is not deleted: the user has policies");
    line.run(&["ram", "policy", "detach", "AliyunECDFullAccess", "--user", "alice"]);
    line.run(&["ram", "user", "delete", "alice"]);
    assert_eq!(line.run(&["ram", "user", "list"]), "");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_numbers_have_bounds() {
    let server = Server::start().await;
    let line = Line::of(&server);
    line.run(&["ram", "user", "create", "alice"]);
    for _ in 0..2 {
        line.run(&["ram", "key", "create", "--user", "alice"]);
    }

    for (words, expected) in [
        (&["ram", "user", "create", "Alice"][..], "already"),
        (&["ram", "user", "create", "a b"], "the name"),
        (&["ram", "user", "show", "ALICE"], "there is no"),
        (&["ram", "key", "create", "--user", "alice"], "there are as many AccessKeys as there may be"),
        (&["ram", "key", "create", "--user", "bob"], "there is no RAM user \"bob\""),
        (&["ram", "key", "delete", "LTAIx", "--user", "alice"], "there is no"),
        (&["ram", "policy", "attach", "none", "--user", "alice"], "there is no"),
        (&["ram", "policy", "detach", "AdministratorAccess", "--user", "alice"], "there is no"),
        (&["ram", "policy", "delete", "AdministratorAccess"], "there is no"),
    ] {
        let said = line.refused(words);
        assert!(said.contains(expected), "{words:?}: {said}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_made_changed_listed_and_refused_where_they_are_none() {
    let server = Server::start().await;
    let line = Line::of(&server);
    let good = line.file("good.json", &document("Allow", "ecd:Describe*", "*"));
    let wrong = line.file("wrong.json", &document("Maybe", "ecd:Describe*", "*"));

    line.run(&["ram", "policy", "create", "readers", "--document", &good, "--description", "Who reads"]);
    let refused = line.refused(&["ram", "policy", "create", "other", "--document", &wrong]);
    assert!(refused.contains("Effect"), "{refused}");
    let taken = line.refused(&["ram", "policy", "create", "aliyunECDfullaccess", "--document", &good]);
    assert!(taken.contains("already"), "{taken}");
    assert!(line.run(&["ram", "policy", "set", "readers", "--document", &good]).contains('2'));

    let list = line.run(&["ram", "policy", "list"]);
    assert!(list.starts_with("System  AdministratorAccess  0"), "{list}");
    assert!(list.trim_end().ends_with("Custom  readers  0  Who reads"), "{list}");
    let shown = line.run(&["ram", "policy", "show", "readers"]);
    assert!(shown.contains("ecd:Describe*") && shown.contains("Version:       2"), "{shown}");
    line.run(&["ram", "policy", "delete", "readers"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_shown_and_deleted() {
    let server = Server::start().await;
    let line = Line::of(&server);
    let account = word(&line.run(&["account", "show"]), "Account:");
    let trust = format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"RAM":["acs:ram::{account}:root"]}}}}]}}"#
    );
    let (trust, none) = (line.file("trust.json", &trust), line.file("none.json", "{}"));

    let arn = line.run(&["ram", "role", "create", "reader", "--trust", &trust, "--longest", "7200"]);
    assert_eq!(arn.trim(), format!("acs:ram::{account}:role/reader"));
    line.run(&["ram", "policy", "attach", "AliyunECDReadOnlyAccess", "--role", "reader"]);
    let shown = line.run(&["ram", "role", "show", "reader"]);
    assert!(shown.contains("7200 s") && shown.contains("AliyunECDReadOnlyAccess"), "{shown}");
    assert!(shown.contains("sts:AssumeRole"), "{shown}");
    assert!(line.run(&["ram", "role", "list"]).starts_with("reader  30"));
    for words in [
        &["ram", "role", "create", "other", "--trust", &none][..],
        &["ram", "role", "create", "other", "--trust", &trust, "--longest", "60"],
        &["ram", "role", "delete", "reader"],
    ] {
        line.refused(words);
    }
    line.run(&["ram", "policy", "detach", "AliyunECDReadOnlyAccess", "--role", "reader"]);
    line.run(&["ram", "role", "delete", "reader"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_names_the_statement_that_decides() {
    let server = Server::start().await;
    let line = Line::of(&server);
    let account = word(&line.run(&["account", "show"]), "Account:");
    let text = r#"{"Version":"1","Statement":[
        {"Effect":"Allow","Action":"ecd:*","Resource":"*"},
        {"Effect":"Deny","Action":"ecd:Remove*","Resource":"*",
         "Condition":{"NotIpAddress":{"acs:SourceIp":["10.0.0.0/8"]}}}]}"#;
    let file = line.file("policy.json", text);
    line.run(&["ram", "user", "create", "alice"]);
    line.run(&["ram", "policy", "create", "mostly", "--document", &file]);
    line.run(&["ram", "policy", "attach", "mostly", "--user", "alice"]);
    let (alice, root) = (format!("acs:ram::{account}:user/alice"), format!("acs:ram::{account}:root"));
    let ask = |words: &[&str]| {
        let words = [&["ram", "simulate"], words].concat();
        line.run(&words).trim().to_owned()
    };

    for (words, expected) in [
        (
            &["--principal", &alice, "--action", "ecd:DescribeUsers"][..],
            "allowed by statement 1 of the policy mostly",
        ),
        (
            &["--principal", &alice, "--action", "ecd:RemoveUsers", "--source-ip", "10.1.2.3"],
            "allowed by statement 1 of the policy mostly",
        ),
        (
            &["--principal", &alice, "--action", "ecd:RemoveUsers", "--source-ip", "192.0.2.1"],
            "denied by statement 2 of the policy mostly (identity policies), for *",
        ),
        (
            &["--principal", &alice, "--action", "eiam:GetUser", "--resource", "acs:eiam:*:1:instance/x"],
            "denied: no statement allows it (identity policies), for acs:eiam:*:1:instance/x",
        ),
        (
            &["--principal", &root, "--action", "ecd:RemoveUsers"],
            "allowed: no policy binds the account's root",
        ),
    ] {
        assert_eq!(ask(words), expected, "{words:?}");
    }
    let json = ask(&["--principal", &alice, "--action", "ecd:DescribeUsers", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!((&json["decision"], &json["statement"]), (&"Allow".into(), &1.into()));
    let other = line.refused(&["ram", "simulate", "--principal", "acs:ram::1:root", "--action", "ecd:X"]);
    assert!(other.contains("there is no"), "{other}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_of_a_key_is_known_after_a_while() {
    let server = Server::start().await;
    let line = Line::of(&server);
    let never = line.run(&["access-key", "list"]);
    assert!(never.trim_end().ends_with("never used"), "{never}");
    assert_eq!(everybody(&server.administrator()).await, Vec::<String>::new());

    let server = server.restart().await;

    let used = Line::of(&server).run(&["access-key", "list"]);
    assert!(used.contains("used 2026-01-15T08:30:00.000Z eds-user"), "{used}");
    server.stop().await;
}
