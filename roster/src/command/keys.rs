//! `roster keys`.

use access::keyring::Keyring;
use access::{Change, Permit, Scope, access_keys, signing_keys};

use super::say;
use crate::house;
use crate::settings::HouseArgs;
use crate::surroundings::{self, Surroundings};
use crate::trouble::Trouble;

/// Adds a key, and seals under it the secrets of AccessKeys and the keys that tokens are signed with. What people have
/// sealed (devices, values of encrypted fields) stays under the keys that it is under, which stay in the file. A running
/// server reads the file again when it meets the new key.
pub(super) async fn rotate(args: HouseArgs) -> Result<(), Trouble> {
    let house = args.decide()?;
    let open = house::open(&house, false).await?;
    let account = open.default_directory().await?.account;
    let permit = Permit::operator("keys", Scope::Account(account), (Surroundings::real()?.clock)());
    access_keys::openable(&mut open.store.reader(), &open.tools.keys.now(), account).await?;
    let current = Keyring::rotate(&house.keys, surroundings::chance().as_mut())?.current();
    open.tools.keys.read_again()?;
    let mut change = Change::new(&open.store, &open.tools, None);
    let mut resealed = access_keys::reseal(&mut change, &permit).await?;
    resealed += signing_keys::reseal(&mut change).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("key {current} is in use; {resealed} secrets are sealed under it"))
}
