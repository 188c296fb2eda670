//! Where the service answers: in one region, at one host.

use api::eiam::{EiamRegion, ListEiamRegions, ListEiamRegionsReply, ListRegions, ListRegionsReply, Region};
use gate::{Permit, Reader};

use crate::Settings;
use crate::words::Refused;

pub(crate) async fn list(
    settings: &Settings,
    _: &mut Reader,
    _: &Permit,
    _: &ListRegions,
) -> Result<ListRegionsReply, Refused> {
    let region = Region {
        region_id: settings.region.clone(),
        local_name: settings.region.clone(),
        region_endpoint: settings.host.clone(),
    };
    Ok(ListRegionsReply { regions: vec![region] })
}

pub(crate) async fn list_all(
    settings: &Settings,
    _: &mut Reader,
    _: &Permit,
    _: &ListEiamRegions,
) -> Result<ListEiamRegionsReply, Refused> {
    let region = EiamRegion { region_id: settings.region.clone(), local_name: settings.region.clone() };
    Ok(ListEiamRegionsReply { regions: vec![region] })
}
