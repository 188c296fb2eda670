//! `roster serve`.

use tokio::signal::unix::{SignalKind, signal};

use super::say;
use crate::settings::ServeArgs;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;
use crate::{house, log, serve};

pub(super) async fn run(args: ServeArgs) -> Result<(), Trouble> {
    let settings = args.decide()?;
    log::begin(settings.log_format, &settings.log)?;
    let surroundings = Surroundings::real()?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    let running = serve::start(&settings, &surroundings, Vec::new()).await?;
    if let Some(key) = &running.first_key {
        let secret = key.secret.reveal_text().unwrap_or_default();
        let kept = match &settings.house.folder {
            Some(folder) => {
                format!("They are kept in {} until you delete it.", house::credentials(folder).display())
            }
            None => "They are shown this once.".to_owned(),
        };
        say(&format!(
            "First start: made an account, its directory and its root AccessKey.\n  AccessKeyId:     {}\n  \
             AccessKeySecret: {secret}\n{kept}",
            key.id
        ))?;
    }
    say(&format!("roster listening on {}", settings.address(running.address)))?;

    if settings.pages.mailbox.is_some() {
        let at = settings.address(running.address);
        tracing::info!("people sign in at {at}/sign-in; what would be sent is shown at {at}/dev/messages");
    }

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}
