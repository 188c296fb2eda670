//! Who somebody is.

use api::sts::{GetCallerIdentity, GetCallerIdentityReply, IdentityType};
use gate::{Permit, Principal, Reader};
use model::ram;

use crate::words::Refused;

pub(crate) async fn identity(
    (): &(),
    _: &mut Reader,
    permit: &Permit,
    _: &GetCallerIdentity,
) -> Result<GetCallerIdentityReply, Refused> {
    let account = permit.account();
    let arn = |relative: &str| ram::arn(account, relative);
    let account_id = account.0.to_string();
    match permit.principal() {
        Principal::Root(_) => Ok(GetCallerIdentityReply {
            identity_type: IdentityType::Account,
            principal_id: account_id.clone(),
            user_id: Some(account_id.clone()),
            account_id,
            role_id: None,
            arn: arn("root"),
        }),
        Principal::RamUser { id, name, .. } => Ok(GetCallerIdentityReply {
            identity_type: IdentityType::RAMUser,
            account_id,
            principal_id: id.clone(),
            user_id: Some(id.clone()),
            role_id: None,
            arn: arn(&format!("user/{name}")),
        }),
        Principal::RamRole { id, name, session, .. } => Ok(GetCallerIdentityReply {
            identity_type: IdentityType::AssumedRoleUser,
            account_id,
            principal_id: format!("{id}:{session}"),
            user_id: None,
            role_id: Some(id.clone()),
            arn: arn(&format!("assumed-role/{name}/{session}")),
        }),
        Principal::Person(_)
        | Principal::Service(_)
        | Principal::Operator(_)
        | Principal::System(_)
        | Principal::Nobody => Err(Refused::NoKey),
    }
}
