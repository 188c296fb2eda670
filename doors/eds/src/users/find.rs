//! `DescribeUser`.

use std::collections::BTreeMap;

use api::eds::{DescribeUser, DescribeUserReply, ExternalInfo, UserAlone};
use directory::users;
use gate::{Permit, Reader};

use super::shown::{nick_name, properties, status, text};
use crate::words::Refused;
use crate::{Settings, contact, ids};

pub(crate) async fn find(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeUser,
) -> Result<DescribeUserReply, Refused> {
    let asks = |part: &str| request.require_extra_attributes.iter().flatten().any(|asked| asked == part);
    let listed = users::find(reader, permit, &request.end_user_id, asks("Properties")).await?;
    let user = &listed.user;
    let external_id = user.external_id.as_ref().filter(|_| asks("ExternalInfo"));
    Ok(DescribeUserReply {
        user: UserAlone {
            end_user_id: user.username.to_string(),
            wy_id: ids::wy(user.id),
            email: text(user.email.as_str()),
            phone: user.phone.as_ref().map(contact::shown),
            nick_name: nick_name(user),
            remark: text(user.description.as_str()),
            status: status(user, permit.at()),
            gmt_create: user.created.0,
            org_ids: listed.units.iter().map(|unit| ids::org(unit.unit)).collect(),
            org_paths: asks("OrgPaths").then(|| listed.units.iter().map(|unit| unit.path.clone()).collect()),
            properties: asks("Properties").then(|| properties(&listed)),
            extras: asks("Extras").then(BTreeMap::new),
            external_info: external_id.map(|id| ExternalInfo { external_id: id.as_str().to_owned() }),
        },
    })
}
