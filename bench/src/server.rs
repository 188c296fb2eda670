//! The server under measurement: Roster's own, with one door more, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::access_keys::NewKey;
use gate::{Door, Permit, Reader, Refusal, Words};
use model::{Resource, Right, Secret};
use roster::Surroundings;
use roster::settings::{House, HouseArgs, LogFormat, Rate, Rates, ServeArgs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, Fault};

use crate::{Serve, Trouble, uncounted};

/// The root AccessKey of every directory that is measured.
pub(crate) const KEY: &str = "benchmark";
/// Its secret.
pub(crate) const SECRET: &str = "benchmark-secret";
/// The version of the door that reads nothing.
pub(crate) const VERSION: &str = "2000-01-01";

/// The real clock, and the benchmark's own key.
pub(crate) fn surroundings() -> Surroundings {
    let real = Surroundings::real().expect("the environment names no half key");
    let key = NewKey { id: KEY.to_owned(), secret: Secret::new(SECRET) };
    Surroundings { first_key: Some(Arc::new(key)), ..real }
}

/// Where a measured directory lies.
pub(crate) fn house(folder: &Path, database: Option<String>) -> Result<House, Trouble> {
    let keys = Some(folder.join("keys"));
    Ok(HouseArgs { data: Some(folder.to_owned()), database, keys, config: None }.decide()?)
}

/// A request of twelve parameters whose answer has some 800 bytes, and which reads nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Echo {
    /// A text.
    pub(crate) end_user_ids: Vec<String>,
    /// A number.
    pub(crate) max_results: Option<i64>,
    /// Truth.
    pub(crate) is_query_all_sub_orgs: Option<bool>,
}

/// What [`Echo`] answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EchoReply {
    /// A user who does not exist, in the shape of `DescribeUsers`.
    pub(crate) users: Vec<api::eds::DescribedUser>,
}

impl Action for Echo {
    const NAME: &'static str = "Echo";
    const RIGHT: Right = Right::get("bench:Echo");
    type Reply = EchoReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

#[derive(Debug)]
enum Never {}

impl Refusal for Never {
    fn is_transient(&self) -> bool {
        match *self {}
    }

    fn cause(&self) -> Option<String> {
        match *self {}
    }

    fn into_fault(self) -> Fault {
        match self {}
    }
}

async fn echo(
    user: &api::eds::DescribedUser,
    _: &mut Reader,
    _: &Permit,
    _: &Echo,
) -> Result<EchoReply, Never> {
    Ok(EchoReply { users: vec![user.clone()] })
}

fn door() -> Result<Door, Trouble> {
    let words = Words {
        undecodable: |what| Fault::new(400, "InvalidParameter", what.to_string()),
        denied: |what| Fault::new(403, "NoPermission", what.to_string()),
        directories: Some(uncounted::DIRECTORIES),
    };
    let group = |n| serde_json::json!({"GroupId": format!("ug-08nirkf56rh6k7jh{n}"), "GroupName": format!("group {n}")});
    let user = serde_json::from_value(serde_json::json!({
        "Id": 445_412_966_400_677_i64, "EndUserId": "alice_smith123456", "WyId": "09a71be4d2086e57",
        "Email": "alice_smith123456@example.com", "Phone": "13800000000", "Status": 0, "OwnerType": "Normal",
        "RealNickName": "alice smith", "NickName": "alice smith", "OrgId": "org-08nirkf56rh6k7jht",
        "Orgs": [{"OrgId": "org-08nirkf56rh6k7jht", "OrgName": "部门 12", "OrgNamePath": "root/部门 2/部门 12"}],
        "Groups": [group(1), group(2), group(3)], "IsTenantManager": false, "EnableAdminAccess": false
    }))?;
    Ok(Door::build("bench", VERSION, words, user).reads(echo).reads(uncounted::list).done())
}

/// Serves until its standard input ends.
pub(crate) async fn serve(serve: &Serve) -> Result<(), Trouble> {
    let house = house(&serve.folder, serve.database.clone())?;
    let (listen, proxy) = ("127.0.0.1:0".parse()?, "127.0.0.1".parse()?);
    let arguments = ServeArgs { listen: Some(listen), trusted_proxy: vec![proxy], ..ServeArgs::default() };
    // One caller makes all calls, as many as there can be; they are counted as any others.
    let most = Rate::new(Rate::MOST, Rate::MOST);
    let rates = Rates { principal: most, address: most };
    let settings = roster::settings::Serve { house, rates, ..arguments.decide()? };
    roster::log::begin(LogFormat::Text, "info")?;
    let running = roster::serve::start(&settings, &surroundings(), vec![door()?]).await?;
    println!("{}", running.address);
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    running.stop().await;
    Ok(())
}

/// A server process.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How long it took from its start to its first word.
    pub(crate) start: Duration,
}

impl Process {
    /// Starts a server for a loaded directory; its log goes to a file.
    pub(crate) fn start(folder: &Path, database: Option<&str>) -> Result<Self, Trouble> {
        let started = Instant::now();
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg("--folder").arg(folder);
        if let Some(database) = database {
            command.arg("--database").arg(database);
        }
        let log = std::fs::File::create(folder.join("log"))?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse()?, start: started.elapsed(), child })
    }

    /// Seconds of processor time so far.
    pub(crate) fn cpu(&self) -> Result<f64, Trouble> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(ticks as f64 / 100.0)
    }

    /// Anonymous memory now, in MiB.
    pub(crate) fn memory(&self) -> Result<f64, Trouble> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("RssAnon")).ok_or("no RssAnon")?;
        let kib: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Stops it in order.
    pub(crate) fn stop(mut self) -> Result<(), Trouble> {
        drop(self.child.stdin.take());
        self.child.wait()?;
        Ok(())
    }
}
