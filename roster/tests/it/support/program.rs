//! The program itself, run as people run it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::client::Client;
use super::server::{Clock, KEY, SECRET};

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    /// Whether it said that all went well.
    pub(crate) went_well: bool,
    /// What it wrote to standard output.
    pub(crate) out: String,
    /// What it wrote to standard error.
    pub(crate) err: String,
}

/// Runs `roster` to its end, with nothing in its environment.
pub(crate) fn roster(arguments: &[&str]) -> Done {
    let done = command(arguments).stdin(Stdio::null()).output().expect("the program can be run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes text");
    Done { went_well: done.status.success(), out: text(done.stdout), err: text(done.stderr) }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
    command.env_clear().args(arguments);
    command
}

/// A server in a process of its own, killed at the latest with this value.
pub(crate) struct Process {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it wrote before it listened.
    pub(crate) said: String,
    child: Child,
    _out: BufReader<ChildStdout>,
}

impl Process {
    /// Starts one on a free port, with the tests' root AccessKey, and waits until it listens.
    pub(crate) fn serve(flags: &[String]) -> Self {
        Self::serve_with(
            flags,
            &[("ROSTER_ROOT_ACCESS_KEY_ID", KEY), ("ROSTER_ROOT_ACCESS_KEY_SECRET", SECRET)],
        )
    }

    /// The same in another environment.
    pub(crate) fn serve_with(flags: &[String], environment: &[(&str, &str)]) -> Self {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--log", "error"];
        // Tests call as often as they can.
        arguments.extend(["--rate-principal", "0", "--rate-address", "0"]);
        arguments.extend(flags.iter().map(String::as_str));
        let mut command = command(&arguments);
        command.envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            let read = out.read_line(&mut line).expect("it writes text");
            assert!(read > 0, "the server ended before it listened");
            said.push_str(&line);
            if let Some(address) = line.trim().strip_prefix("roster listening on http://") {
                break address.parse().expect("an address");
            }
        };
        Self { address, said, child, _out: out }
    }

    /// Its administrator, whose clock is the real one.
    pub(crate) fn administrator(&self) -> Client {
        Client::new(self.address, Clock::real(), KEY, SECRET)
    }

    /// Ends it at once, in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop, and waits; whether it said that all went well.
    pub(crate) fn stop(mut self) -> bool {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.expect("kill can be run").success());
        self.child.wait().expect("it ends").success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
