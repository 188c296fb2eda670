//! Settings: a flag over the environment over the file; unknown keys of the file are an error.
//!
//! None of these types prints itself: a database's address may hold a password.

mod messages;
mod network;
mod pages;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use courier::Carriers;
pub use gate::{Rate, Rates, TlsFiles};
use jiff::tz::Offset;
use model::lockout::Limit;
use serde::Deserialize;
use store::Place;

use crate::trouble::Trouble;
use messages::Messages;
use network::Network;
use pages::Pages;

const DATA: &str = "./roster-data";
const LISTEN: &str = "127.0.0.1:8080";
const ZONE: &str = "+08:00";
const DEEPEST_ORG: i64 = 10;
const REGION: &str = "cn-hangzhou";
const MOST_INSTANCES: i64 = 3;
const LOCK_AFTER: i64 = 5;
const LOCK_MINUTES: i64 = 30;
/// The longest lock is a day.
const LONGEST_LOCK_MINUTES: i64 = 24 * 60;
/// Directories that one database can hold, each account's default one among them.
const DIRECTORIES: i64 = 2_048;

/// Where the data and the keys lie: common to all commands.
#[derive(Clone, Default, Args)]
pub struct HouseArgs {
    /// Folder of the SQLite file and the keys [default: ./roster-data]
    #[arg(long, value_name = "DIR", env = "ROSTER_DATA")]
    pub data: Option<PathBuf>,
    /// PostgreSQL database to use instead of SQLite; needs --keys
    #[arg(long, value_name = "URL", env = "ROSTER_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// File of the installation's keys, the same on every node [default: DIR/keys]
    #[arg(long, value_name = "FILE", env = "ROSTER_KEYS")]
    pub keys: Option<PathBuf>,
    /// Settings file; its keys are the names of these flags
    #[arg(long, value_name = "FILE", env = "ROSTER_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Flags of `roster serve`.
#[derive(Clone, Default, Args)]
pub struct ServeArgs {
    /// Where the data lies.
    #[command(flatten)]
    pub house: HouseArgs,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "ROSTER_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Address for /metrics alone; without it, the main one answers /metrics to loopback callers
    #[arg(long, value_name = "ADDRESS", env = "ROSTER_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// Address under which people and programs reach the server: for links, and the host that EIAM names
    #[arg(long, value_name = "URL", env = "ROSTER_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; may be given several times
    #[arg(long, value_name = "IP", env = "ROSTER_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpAddr>,
    /// File with the certificate, and after it those that lead to a root, in PEM: callers speak TLS; needs --tls-key
    #[arg(long, value_name = "FILE", env = "ROSTER_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// File with the certificate's key, in PEM
    #[arg(long, value_name = "FILE", env = "ROSTER_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Calls a second that are taken of one holder of AccessKeys, person or app, and how many at once; 0 for no bound [default: 1000/5000]
    #[arg(long, value_name = "N[/BURST]", env = "ROSTER_RATE_PRINCIPAL")]
    pub rate_principal: Option<String>,
    /// Requests a second that are taken of one address without proof who calls, and how many at once; 0 for no bound [default: 100/1000]
    #[arg(long, value_name = "N[/BURST]", env = "ROSTER_RATE_ADDRESS")]
    pub rate_address: Option<String>,
    /// Zone of times that eds-user writes without one [default: +08:00]
    #[arg(long, value_name = "OFFSET", env = "ROSTER_TIME_ZONE", allow_hyphen_values = true)]
    pub time_zone: Option<String>,
    /// Lets new eds-user names hold hyphens
    #[arg(long, env = "ROSTER_ALLOW_HYPHENS", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub allow_hyphens: Option<bool>,
    /// How many organizations may lie below one another, 1 to 20 [default: 10]
    #[arg(long, value_name = "N", env = "ROSTER_DEEPEST_ORG")]
    pub deepest_org: Option<i64>,
    /// Lets ResetUserPassword end the old password at once, and not when a new one is chosen
    #[arg(long, env = "ROSTER_RESET_ENDS_PASSWORD", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub reset_ends_password: Option<bool>,
    /// Region that EIAM names as the one in which the server answers [default: cn-hangzhou]
    #[arg(long, value_name = "ID", env = "ROSTER_REGION")]
    pub region: Option<String>,
    /// How many EIAM instances an account may have beside its default one; domains of PDS count [default: 3]
    #[arg(long, value_name = "N", env = "ROSTER_MOST_INSTANCES")]
    pub most_instances: Option<i64>,
    /// Mail server: smtp://user:password@host:port?tls=required (or opportunistic, none), or smtps://…; needs --mail-from
    #[arg(long, value_name = "URL", env = "ROSTER_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Whom mails come from: an address, or a name with the address in angle brackets behind it
    #[arg(long, value_name = "ADDRESS", env = "ROSTER_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// HTTP endpoint that sends text messages; needs --text-hook-secret-file
    #[arg(long, value_name = "URL", env = "ROSTER_TEXT_HOOK", hide_env_values = true)]
    pub text_hook: Option<String>,
    /// File with the secret that calls of the endpoint are signed with, of 16 bytes or more
    #[arg(long, value_name = "FILE", env = "ROSTER_TEXT_HOOK_SECRET_FILE")]
    pub text_hook_secret_file: Option<PathBuf>,
    /// For development: sends nothing, and shows all messages on /dev/messages to callers on this machine
    #[arg(long, env = "ROSTER_DEV", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub dev: Option<bool>,
    /// Wrong passwords within 15 minutes that lock a user out for a time [default: 5]
    #[arg(long, value_name = "N", env = "ROSTER_LOCK_AFTER")]
    pub lock_after: Option<i64>,
    /// Minutes of the first lock; each further one is twice as long as the one before, up to a day [default: 30]
    #[arg(long, value_name = "N", env = "ROSTER_LOCK_MINUTES")]
    pub lock_minutes: Option<i64>,
    /// Hours that somebody stays signed in on the pages at most, 1 to 744; unused for an hour it ends [default: 12]
    #[arg(long, value_name = "N", env = "ROSTER_SESSION_HOURS")]
    pub session_hours: Option<i64>,
    /// Address that codes for GetManagerInfoByAuthCode are sent to from the pages; may be given several times
    #[arg(long, value_name = "URL", env = "ROSTER_MANAGER_RETURN")]
    pub manager_return: Vec<String>,
    /// Days that events of the audit trail are kept, 1 to 36500; without it they are kept for ever
    #[arg(long, value_name = "N", env = "ROSTER_AUDIT_DAYS")]
    pub audit_days: Option<i64>,
    /// Form of the log on standard error: text or json [default: text]
    #[arg(long, value_name = "FORM", env = "ROSTER_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What is logged: error, warn, info or debug, or targets with levels [default: info]
    #[arg(long, value_name = "FILTER", env = "ROSTER_LOG")]
    pub log: Option<String>,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// The settings file.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    data: Option<PathBuf>,
    database: Option<String>,
    keys: Option<PathBuf>,
    listen: Option<SocketAddr>,
    metrics_listen: Option<SocketAddr>,
    public_url: Option<String>,
    trusted_proxy: Vec<IpAddr>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    rate_principal: Option<String>,
    rate_address: Option<String>,
    time_zone: Option<String>,
    allow_hyphens: Option<bool>,
    deepest_org: Option<i64>,
    reset_ends_password: Option<bool>,
    region: Option<String>,
    most_instances: Option<i64>,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    text_hook: Option<String>,
    text_hook_secret_file: Option<PathBuf>,
    dev: Option<bool>,
    lock_after: Option<i64>,
    lock_minutes: Option<i64>,
    session_hours: Option<i64>,
    manager_return: Vec<String>,
    audit_days: Option<i64>,
    log_format: Option<LogFormat>,
    log: Option<String>,
}

/// Where the data and the keys lie, decided.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub place: Place,
    /// The folder of an embedded database.
    pub folder: Option<PathBuf>,
    /// The keys.
    pub keys: PathBuf,
    /// When wrong passwords lock a name: for who serves.
    pub lockout: Limit,
}

/// All settings of `roster serve`, decided.
#[derive(Clone)]
pub struct Serve {
    /// Where the data lies.
    pub house: House,
    /// The main address.
    pub listen: SocketAddr,
    /// The address of the figures.
    pub metrics_listen: Option<SocketAddr>,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where the certificate lies; `None` where callers speak plain HTTP.
    pub tls: Option<TlsFiles>,
    /// How often anybody may call.
    pub rates: Rates,
    /// The address for people, without a slash at its end.
    pub public_url: Option<String>,
    /// The host of the address for people, with its port where it has one.
    pub public_host: Option<String>,
    /// What carries messages.
    pub carriers: Carriers,
    /// Of the eds-user door.
    pub eds: eds::Settings,
    /// The region that the EIAM door names.
    pub region: String,
    /// How many instances the EIAM door allows beside the default one.
    pub most_instances: i64,
    /// Of the pages.
    pub pages: ::pages::Settings,
    /// How many days events are kept; for ever where there is no number.
    pub audit_days: Option<i64>,
    /// The log's form.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
}

impl Serve {
    /// Where a server is that listens on an address, as clients write it.
    pub fn address(&self, address: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }
}

impl HouseArgs {
    /// Decides where the data lies.
    ///
    /// # Errors
    /// `Settings`, or `File` where the settings file cannot be read.
    pub fn decide(self) -> Result<House, Trouble> {
        let file = read(self.config.as_deref())?;
        house(self, &file)
    }
}

impl ServeArgs {
    /// Decides all settings.
    ///
    /// # Errors
    /// `Settings`, or `File` where the settings file cannot be read.
    pub fn decide(self) -> Result<Serve, Trouble> {
        let file = read(self.house.config.as_deref())?;
        let pages = Pages::of(&self, &file);
        let messages = Messages::of(&self, &file);
        let (rates, tls) = Network::of(&self, &file).decide()?;
        let zone = self.time_zone.or_else(|| file.time_zone.clone()).unwrap_or_else(|| ZONE.to_owned());
        let zone = offset(&zone)
            .ok_or_else(|| Trouble::Settings(format!("{zone} is no zone: write an offset such as {ZONE}")))?;
        let public_url = self.public_url.or_else(|| file.public_url.clone());
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        let public_host = match public_url.as_ref() {
            Some(url) => Some(host(url).map(str::to_owned).ok_or_else(|| {
                let wanted = "it is http:// or https:// and a host, without a path";
                Trouble::Settings(format!("{url} is no address for people: {wanted}"))
            })?),
            None => None,
        };
        let (carriers, mailbox) = messages.decide(public_host.as_deref())?;
        // What is reached by TLS is reached by nothing else, whatever its address for people is said to be.
        let is_secure = tls.is_some() || public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        let pages = pages.decide(is_secure, public_host.as_deref(), mailbox)?;
        let region = self.region.or_else(|| file.region.clone()).unwrap_or_else(|| REGION.to_owned());
        if !is_region(&region) {
            return Err(Trouble::Settings(format!("{region} is no region: write an id such as {REGION}")));
        }
        let most_instances = self.most_instances.or(file.most_instances).unwrap_or(MOST_INSTANCES);
        if !(0..DIRECTORIES).contains(&most_instances) {
            return Err(Trouble::Settings(format!(
                "--most-instances is a number from 0 to {}",
                DIRECTORIES - 1
            )));
        }
        let deepest_org = self.deepest_org.or(file.deepest_org).unwrap_or(DEEPEST_ORG);
        if !(1..=directory::units::DEEPEST).contains(&deepest_org) {
            return Err(Trouble::Settings(format!(
                "--deepest-org is a number from 1 to {}",
                directory::units::DEEPEST
            )));
        }
        let lock_after = self.lock_after.or(file.lock_after).unwrap_or(LOCK_AFTER);
        let lock_minutes = self.lock_minutes.or(file.lock_minutes).unwrap_or(LOCK_MINUTES);
        let lockout = lockout(lock_after, lock_minutes)?;
        let trusted =
            if self.trusted_proxy.is_empty() { file.trusted_proxy.clone() } else { self.trusted_proxy };
        Ok(Serve {
            listen: self.listen.or(file.listen).unwrap_or_else(|| LISTEN.parse().expect("an address")),
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            trusted_proxies: trusted,
            tls,
            rates,
            public_url,
            public_host,
            carriers,
            region,
            most_instances,
            pages,
            eds: eds::Settings {
                zone,
                hyphens: self.allow_hyphens.or(file.allow_hyphens).unwrap_or(false),
                deepest_org,
                reset_ends_password: self.reset_ends_password.or(file.reset_ends_password).unwrap_or(false),
            },
            audit_days: audit_days(self.audit_days.or(file.audit_days))?,
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            log: self.log.or_else(|| file.log.clone()).unwrap_or_else(|| "info".to_owned()),
            house: House { lockout, ..house(self.house, &file)? },
        })
    }
}

/// How many days events are kept.
fn audit_days(days: Option<i64>) -> Result<Option<i64>, Trouble> {
    match days {
        Some(days) if !(1..=36_500).contains(&days) => {
            Err(Trouble::Settings("--audit-days is a number from 1 to 36500".to_owned()))
        }
        days => Ok(days),
    }
}

/// When wrong passwords lock a name.
fn lockout(after: i64, minutes: i64) -> Result<Limit, Trouble> {
    if !(1..=1_000).contains(&after) {
        return Err(Trouble::Settings("--lock-after is a number from 1 to 1000".to_owned()));
    }
    if !(1..=LONGEST_LOCK_MINUTES).contains(&minutes) {
        let most = LONGEST_LOCK_MINUTES;
        return Err(Trouble::Settings(format!("--lock-minutes is a number from 1 to {most}")));
    }
    Ok(Limit::of_names(after, minutes))
}

fn house(args: HouseArgs, file: &File) -> Result<House, Trouble> {
    let keys = args.keys.or_else(|| file.keys.clone());
    if let Some(url) = args.database.or_else(|| file.database.clone()) {
        let keys = keys.ok_or_else(|| {
            Trouble::Settings("--database needs --keys FILE: the same file of keys on every node".to_owned())
        })?;
        return Ok(House { place: Place::Url(url), folder: None, keys, lockout: Limit::default() });
    }
    let folder = args.data.or_else(|| file.data.clone()).unwrap_or_else(|| PathBuf::from(DATA));
    let keys = keys.unwrap_or_else(|| folder.join("keys"));
    let place = Place::File(folder.join("roster.db"));
    Ok(House { place, folder: Some(folder), keys, lockout: Limit::default() })
}

fn read(path: Option<&Path>) -> Result<File, Trouble> {
    let Some(path) = path else { return Ok(File::default()) };
    let text = std::fs::read_to_string(path).map_err(|source| Trouble::File {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|error| {
        Trouble::Settings(format!("{}: {}", path.display(), error.to_string().replace('\n', " ").trim()))
    })
}

/// The host of an address, with its port where it has one. There is nothing else in the address: pages and their cookies
/// are at the root, and what is in front of the host would stand in every link.
fn host(url: &str) -> Option<&str> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let is_host = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    (is_host && !host.is_empty() && !host.starts_with(':')).then_some(host)
}

/// `cn-hangzhou`: up to 32 small letters, digits and hyphens.
fn is_region(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(allowed)
}

/// `+08:00`, `-03:30`, `Z`.
fn offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |digits: &str| {
        let exact = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        exact.then(|| digits.parse::<u8>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60)
        .then(|| Offset::from_seconds(sign * (i32::from(hours) * 3_600 + i32::from(minutes) * 60)).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        for (text, seconds) in
            [("+08:00", Some(28_800)), ("-03:30", Some(-12_600)), ("Z", Some(0)), ("+00:00", Some(0))]
        {
            assert_eq!(offset(text).map(Offset::seconds), seconds, "{text}");
        }
        for text in ["", "8", "+8:00", "+08", "+15:00", "+08:60", "Asia/Shanghai", "++8:00"] {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    #[test]
    fn a_flag_is_over_the_file_and_unknown_keys_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("roster.toml");
        std::fs::write(&config, "data = \"/a\"\nlisten = \"127.0.0.1:1\"\nallow-hyphens = true\n").unwrap();
        let house =
            HouseArgs { config: Some(config.clone()), data: Some("/b".into()), ..HouseArgs::default() };

        let serve = ServeArgs { house: house.clone(), ..ServeArgs::default() }.decide().unwrap();
        assert_eq!(serve.house.folder, Some("/b".into()));
        assert_eq!(serve.listen, "127.0.0.1:1".parse().unwrap());
        assert!(serve.eds.hyphens);

        std::fs::write(&config, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let trouble = house.decide().err().unwrap().to_string();
        assert!(trouble.contains("lisen") && !trouble.contains('\n'), "{trouble}");
    }

    #[test]
    fn the_host_is_that_of_the_address_for_people() {
        for (url, expected) in [
            ("https://id.example.com", Some("id.example.com")),
            ("http://id.example.com:8080", Some("id.example.com:8080")),
            ("https://[::1]:8443", Some("[::1]:8443")),
            ("https://id.example.com/people", None),
            ("https://id.example.com?a=b", None),
            ("https://id.example.com#x", None),
            ("https://me@id.example.com", None),
            ("https://", None),
            ("https://:80/", None),
            ("id.example.com", None),
            ("ftp://id.example.com", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn numbers_and_regions_keep_their_bounds() {
        let decide = |region: &str, most_instances| {
            let (region, most_instances) = (Some(region.to_owned()), Some(most_instances));
            ServeArgs { region, most_instances, ..ServeArgs::default() }.decide().map(|_| ())
        };

        for (region, most_instances, fits) in [
            ("cn-hangzhou", 0, true),
            ("local", 2_047, true),
            ("local", 2_048, false),
            ("local", -1, false),
            ("", 3, false),
            ("Cn", 3, false),
            ("a b", 3, false),
        ] {
            assert_eq!(decide(region, most_instances).is_ok(), fits, "{region} {most_instances}");
        }
    }

    #[test]
    fn locks_keep_their_bounds() {
        let decide = |lock_after, lock_minutes| {
            let (lock_after, lock_minutes) = (Some(lock_after), Some(lock_minutes));
            let args = ServeArgs { lock_after, lock_minutes, ..ServeArgs::default() };
            args.decide().ok().map(|serve| serve.house.lockout)
        };

        assert_eq!(decide(3, 10), Some(Limit::of_names(3, 10)));
        for (after, minutes) in [(0, 30), (1_001, 30), (5, 0), (5, 1_441), (-1, -1)] {
            assert_eq!(decide(after, minutes), None, "{after} {minutes}");
        }
        let usual = ServeArgs::default().decide().unwrap().house.lockout;
        assert_eq!(usual, Limit::default());
    }

    #[test]
    fn a_database_needs_keys() {
        let house = HouseArgs { database: Some("postgres://h/d".into()), ..HouseArgs::default() };
        assert!(house.decide().err().unwrap().to_string().contains("--keys"));
    }
}
