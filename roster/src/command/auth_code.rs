//! `roster auth-code`.

use access::{Change, Permit, Scope};
use directory::{auth_codes, users};

use super::{CodeOf, say};
use crate::house;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

pub(super) async fn create(of: CodeOf) -> Result<(), Trouble> {
    let open = house::open(&of.house.decide()?, false).await?;
    let scope = Scope::Directory(open.default_directory().await?);
    let permit = Permit::operator("auth-code", scope, (Surroundings::real()?.clock)());
    let mut change = Change::new(&open.store, &open.tools, None);
    let refused = |error| match error {
        directory::Error::Missing(_, name) => Trouble::NoManager(name),
        error => Trouble::Rule(error),
    };
    let user = users::locked_one(&mut change, &permit, &of.user).await.map_err(refused)?;
    let code = auth_codes::create(&mut change, &permit, &user).await.map_err(refused)?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(code.reveal_text().unwrap_or_default())
}
