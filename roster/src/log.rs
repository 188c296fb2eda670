//! The log: one line per event, on standard error.

use tracing_subscriber::EnvFilter;

use crate::settings::LogFormat;
use crate::trouble::Trouble;

/// Begins to log.
///
/// # Errors
/// `Settings` where `filter` is none.
pub fn begin(format: LogFormat, filter: &str) -> Result<(), Trouble> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Trouble::Settings(format!("{filter:?} is no log filter: {error}")))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    let begun = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| Trouble::Settings(format!("the log cannot begin: {error}")))
}
