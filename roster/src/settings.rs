//! Settings: a flag over the environment over the file; unknown keys of the file are an error.
//!
//! None of these types prints itself: a database's address may hold a password.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::tz::Offset;
use serde::Deserialize;
use store::Place;

use crate::trouble::Trouble;

const DATA: &str = "./roster-data";
const LISTEN: &str = "127.0.0.1:8080";
const ZONE: &str = "+08:00";
const DEEPEST_ORG: i64 = 10;
const REGION: &str = "cn-hangzhou";
const MOST_INSTANCES: i64 = 3;
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
    /// Proxy whose X-Forwarded-For is believed; may be given several times
    #[arg(long, value_name = "IP", env = "ROSTER_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpAddr>,
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
    time_zone: Option<String>,
    allow_hyphens: Option<bool>,
    deepest_org: Option<i64>,
    reset_ends_password: Option<bool>,
    region: Option<String>,
    most_instances: Option<i64>,
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
    /// The host of the address for people, with its port where it has one.
    pub public_host: Option<String>,
    /// Of the eds-user door.
    pub eds: eds::Settings,
    /// The region that the EIAM door names.
    pub region: String,
    /// How many instances the EIAM door allows beside the default one.
    pub most_instances: i64,
    /// The log's form.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
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
        let zone = self.time_zone.or_else(|| file.time_zone.clone()).unwrap_or_else(|| ZONE.to_owned());
        let zone = offset(&zone)
            .ok_or_else(|| Trouble::Settings(format!("{zone} is no zone: write an offset such as {ZONE}")))?;
        let public_host = match self.public_url.as_ref().or(file.public_url.as_ref()) {
            Some(url) => Some(host(url).map(str::to_owned).ok_or_else(|| {
                let wanted = "it begins with http:// or https:// and goes on with a host";
                Trouble::Settings(format!("{url} is no address for people: {wanted}"))
            })?),
            None => None,
        };
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
        let trusted =
            if self.trusted_proxy.is_empty() { file.trusted_proxy.clone() } else { self.trusted_proxy };
        Ok(Serve {
            listen: self.listen.or(file.listen).unwrap_or_else(|| LISTEN.parse().expect("an address")),
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            trusted_proxies: trusted,
            public_host,
            region,
            most_instances,
            eds: eds::Settings {
                zone,
                hyphens: self.allow_hyphens.or(file.allow_hyphens).unwrap_or(false),
                deepest_org,
                reset_ends_password: self.reset_ends_password.or(file.reset_ends_password).unwrap_or(false),
            },
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            log: self.log.or_else(|| file.log.clone()).unwrap_or_else(|| "info".to_owned()),
            house: house(self.house, &file)?,
        })
    }
}

fn house(args: HouseArgs, file: &File) -> Result<House, Trouble> {
    let keys = args.keys.or_else(|| file.keys.clone());
    if let Some(url) = args.database.or_else(|| file.database.clone()) {
        let keys = keys.ok_or_else(|| {
            Trouble::Settings("--database needs --keys FILE: the same file of keys on every node".to_owned())
        })?;
        return Ok(House { place: Place::Url(url), folder: None, keys });
    }
    let folder = args.data.or_else(|| file.data.clone()).unwrap_or_else(|| PathBuf::from(DATA));
    let keys = keys.unwrap_or_else(|| folder.join("keys"));
    Ok(House { place: Place::File(folder.join("roster.db")), folder: Some(folder), keys })
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

/// The host of an address, with its port where it has one.
fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty() && !host.starts_with(':')).then_some(host)
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
            ("http://id.example.com:8080/people?a=b", Some("id.example.com:8080")),
            ("https://me@[::1]:8443#x", Some("[::1]:8443")),
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
    fn a_database_needs_keys() {
        let house = HouseArgs { database: Some("postgres://h/d".into()), ..HouseArgs::default() };
        assert!(house.decide().err().unwrap().to_string().contains("--keys"));
    }
}
