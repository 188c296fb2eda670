//! `roster keys`.

use access::access_keys::Resealed;
use access::keyring::Keyring;
use access::{Change, Permit, Scope, access_keys, signing_keys};
use store::directories;

use super::say;
use crate::house::{self, Open};
use crate::settings::HouseArgs;
use crate::surroundings::{self, Surroundings};
use crate::trouble::Trouble;

/// How often in all a step is tried.
const ATTEMPTS: usize = 10;

/// Adds a key, and seals under it the secrets of AccessKeys and the keys that tokens are signed with. What people have
/// sealed (devices, values of encrypted fields) stays under the keys that it is under, which stay in the file. A running
/// server reads the file again when it meets the new key.
pub(super) async fn rotate(args: HouseArgs) -> Result<(), Trouble> {
    let house = args.decide()?;
    let open = house::open(&house, false).await?;
    let at = (Surroundings::real()?.clock)();
    open.check_keys().await?;
    let current = Keyring::rotate(&house.keys, surroundings::chance().as_mut())?.current();
    open.tools.keys.read_again()?;
    let accounts = directories::accounts(&mut open.store.reader()).await?;
    let mut resealed = 0;
    for (number, account) in accounts.iter().enumerate() {
        let permit = Permit::operator("keys", Scope::Account(account.uid), at);
        let mut after = Some(String::new());
        while let Some(behind) = after {
            let step = again(|| reseal(&open, &permit, &behind)).await?;
            resealed += step.count;
            after = step.last;
        }
        if number == 0 {
            // The keys that tokens are signed with are the installation's, and told of in its first account.
            resealed += again(|| reseal_signing_keys(&open, &permit)).await?;
        }
    }
    open.store.close().await;
    say(&format!("key {current} is in use; {resealed} secrets are sealed under it"))
}

async fn reseal(open: &Open, permit: &Permit, after: &str) -> Result<Resealed, Trouble> {
    let mut change = Change::new(&open.store, &open.tools, None);
    let resealed = access_keys::reseal(&mut change, permit, after).await?;
    change.commit(permit).await?;
    Ok(resealed)
}

async fn reseal_signing_keys(open: &Open, permit: &Permit) -> Result<usize, Trouble> {
    let mut change = Change::new(&open.store, &open.tools, None);
    let resealed = signing_keys::reseal(&mut change).await?;
    change.commit(permit).await?;
    Ok(resealed)
}

/// Does a step; again, where a running server was in the way. A rotation that ends half way would leave the others under
/// the former key, and the next one would add one more.
async fn again<T, F: Future<Output = Result<T, Trouble>>>(step: impl Fn() -> F) -> Result<T, Trouble> {
    let mut attempts = 1;
    loop {
        match step().await {
            Err(trouble) if is_transient(&trouble) && attempts < ATTEMPTS => attempts += 1,
            done => return done,
        }
    }
}

fn is_transient(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::AccessKeys(error) => error.is_transient(),
        Trouble::SigningKeys(error) => error.is_transient(),
        Trouble::Change(failure) => failure.is_transient(),
        _ => false,
    }
}
