//! The command line: starting, stopping, and what it says when it cannot.

use std::net::TcpListener;
use std::path::Path;

use crate::support::{Done, Home, Process, create, everybody, execute, roster};

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// What a command that did not go well said: one line.
fn complaint(done: &Done) -> &str {
    assert!(!done.went_well, "{done:?}");
    assert_eq!((done.out.as_str(), done.err.lines().count()), ("", 1), "{done:?}");
    done.err.strip_prefix("roster: ").expect("it names itself").trim_end()
}

#[test]
fn help_names_every_command() {
    let help = roster(&["--help"]);

    assert!(help.went_well);
    for word in [
        "serve",
        "account",
        "access-key",
        "ram",
        "audit",
        "auth-code",
        "keys",
        "oauth-app",
        "drive",
        "outbox",
        "template",
        "verify",
        "completions",
        "http://127.0.0.1:8080",
    ] {
        assert!(help.out.contains(word), "{word} in {}", help.out);
    }
    let serve = roster(&["serve", "--help"]).out;
    for flag in [
        "--data",
        "--database",
        "--keys",
        "--listen",
        "--time-zone",
        "ROSTER_DATA",
        "--allow-hyphens",
        "--smtp-url",
        "--mail-from",
        "--text-hook",
        "--text-hook-secret-file",
        "--public-url",
        "--dev",
        "--audit-days",
    ] {
        assert!(serve.contains(flag), "{flag} in {serve}");
    }
    for (command, words) in [
        ("outbox", &["list", "retry", "drop"][..]),
        ("audit", &["list", "show", "export", "verify", "erase", "cut"]),
        ("template", &["list", "show", "set", "reset", "preview"]),
    ] {
        let help = roster(&[command, "--help"]).out;
        assert!(words.iter().all(|word| help.contains(word)), "{help}");
    }
    let usage = roster(&["outbox", "drop"]);
    assert!(!usage.went_well && usage.err.contains("<NUMBER|--failed>"), "{usage:?}");
    assert!(roster(&["completions", "bash"]).out.contains("access-key"));
    assert!(roster(&["--version"]).out.starts_with("roster "));
}

#[test]
fn what_it_does_not_know_it_refuses() {
    for arguments in [&["serve", "--no-such-flag"][..], &["sreve"], &["access-key", "disable"], &[]] {
        let done = roster(arguments);
        assert!(!done.went_well && done.out.is_empty() && !done.err.is_empty(), "{arguments:?}: {done:?}");
    }
}

#[test]
fn what_is_in_the_way_is_said_in_one_line() {
    let folder = folder();
    let data = text(&folder.path().join("data"));
    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("a file can be written");
    let config = folder.path().join("roster.toml");
    std::fs::write(&config, "lisen = \"127.0.0.1:1\"\n").expect("a file can be written");
    let held = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = held.local_addr().expect("it is bound").to_string();
    let (inside, config, keys) = (text(&file.join("data")), text(&config), text(&folder.path().join("keys")));

    let cases = [
        (vec!["serve", "--data", &data, "--listen", &port], format!("cannot listen on {port}")),
        (vec!["serve", "--data", &inside], format!("cannot make the folder {inside}")),
        (vec!["serve", "--config", &config], "lisen".to_owned()),
        (
            vec!["serve", "--data", &data, "--time-zone", "Asia/Shanghai"],
            "Asia/Shanghai is no zone".to_owned(),
        ),
        (vec!["serve", "--data", &data, "--log", "a=b=c"], "is no log filter".to_owned()),
        (vec!["serve", "--database", "postgres://127.0.0.1:1/x"], "--keys".to_owned()),
        (vec!["serve", "--database", "postgres://x@127.0.0.1:1/x", "--keys", &keys], "database".to_owned()),
        (vec!["serve", "--database", "nonsense", "--keys", &keys], "database".to_owned()),
        (vec!["verify", "--data", &inside], "there is no account yet".to_owned()),
        (vec!["access-key", "list", "--data", &inside], "there is no account yet".to_owned()),
    ];
    for (arguments, expected) in cases {
        let done = roster(&arguments);
        let said = complaint(&done);
        assert!(said.contains(&expected), "{arguments:?}: {said}");
    }
}

#[test]
fn a_folder_has_one_server() {
    let folder = folder();
    let flags = ["--data".to_owned(), text(folder.path())];
    let first = Process::serve(&flags);

    let second = roster(&["serve", "--data", &flags[1], "--listen", "127.0.0.1:0"]);

    assert_eq!(complaint(&second), format!("another roster serves {} already", flags[1]));
    first.kill();
    let third = Process::serve(&flags);
    assert!(third.stop(), "the lock of a server that was killed is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_an_account_and_prints_its_key_once() {
    let folder = folder();
    let flags = ["--data".to_owned(), text(&folder.path().join("a/b/data"))];

    let first = Process::serve_with(&flags, &[]);
    let word = |name: &str| {
        let line = first.said.lines().find(|line| line.trim().starts_with(name)).expect("it is printed");
        line.split_whitespace().last().expect("it is printed").to_owned()
    };
    let (id, secret) = (word("AccessKeyId:"), word("AccessKeySecret:"));
    let admin = first.administrator().with_key(&id, &secret);
    create(&admin, &["alice"]).await;
    assert!(first.stop());

    let credentials = folder.path().join("a/b/data/credentials");
    let kept = std::fs::read_to_string(&credentials).expect("the key is kept");
    assert_eq!(kept, format!("AccessKeyId={id}\nAccessKeySecret={secret}\n"));
    #[cfg(unix)]
    for (name, mode) in [("", 0o700), ("credentials", 0o600), ("keys", 0o600)] {
        let path = folder.path().join("a/b/data").join(name);
        let found = std::fs::metadata(&path).expect("it is there").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&found) & 0o777, mode, "{name}");
    }

    let second = Process::serve_with(&flags, &[]);
    assert_eq!(second.said.lines().count(), 1, "{}", second.said);
    assert!(!second.said.contains(&secret));
    assert_eq!(everybody(&second.administrator().with_key(&id, &secret)).await, ["alice"]);
    assert!(second.stop());
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_looks_at_a_running_server_and_at_a_stopped_one() {
    let home = Home::new().await;
    let process = Process::serve(&home.flags());
    create(&process.administrator(), &["alice", "bob"]).await;
    let flags = home.flags();
    let arguments: Vec<&str> = ["verify"].into_iter().chain(flags.iter().map(String::as_str)).collect();

    let running = roster(&arguments);
    assert!(process.stop());
    let stopped = roster(&arguments);

    for done in [running, stopped] {
        assert!(done.went_well, "{done:?}");
        assert!(done.out.contains("3 users looked at") && done.out.ends_with("no differences\n"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_what_differs() {
    let home = Home::new().await;
    let process = Process::serve(&home.flags());
    create(&process.administrator(), &["alice", "bob"]).await;
    assert!(process.stop());

    execute(&home, "update users set email_key = 'someone@example.org' where username_key = 'alice'").await;
    execute(&home, "update totals set n = n + 1 where kind = (select min(kind) from totals)").await;
    let flags = home.flags();
    let arguments: Vec<&str> = ["verify"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let done = roster(&arguments);

    assert!(!done.went_well, "{done:?}");
    assert!(done.out.contains("is kept as"), "{done:?}");
    assert!(done.err.contains("differences found"), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_too_new_is_left_alone() {
    let home = Home::new().await;
    assert!(Process::serve(&home.flags()).stop());
    execute(&home, "update schema_version set steps = 999, oldest = 999").await;

    let flags = home.flags();
    let arguments: Vec<&str> =
        ["serve", "--listen", "127.0.0.1:0"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let done = roster(&arguments);

    assert!(complaint(&done).contains("newer"), "{done:?}");
}
