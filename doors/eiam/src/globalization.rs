//! In which language an instance writes to its people, and by which clock. What was never set is shown as its default.
//!
//! Source: `reference/eiam.md` 13.

use api::eiam::{
    Done, GetInstanceGlobalizationConfig, GetInstanceGlobalizationConfigReply, GlobalizationConfig,
    SetInstanceGlobalizationConfig,
};
use directory::policies;
use gate::{Change, Permit, Reader};
use model::globalization::Globalization;

use crate::Settings;
use crate::words::Refused;

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetInstanceGlobalizationConfig,
) -> Result<GetInstanceGlobalizationConfigReply, Refused> {
    let Globalization { language, time_zone } = policies::get(reader, permit).await?.unwrap_or_default();
    Ok(GetInstanceGlobalizationConfigReply {
        globalization_config: GlobalizationConfig { language, time_zone },
    })
}

pub(crate) async fn set(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetInstanceGlobalizationConfig,
) -> Result<Done, Refused> {
    let SetInstanceGlobalizationConfig { instance_id: _, language, time_zone } = request;
    let globalization = Globalization { language: language.clone(), time_zone: time_zone.clone() };
    policies::set(change, permit, &globalization).await?;
    Ok(Done {})
}
