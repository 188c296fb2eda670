//! `roster auth-code`.

use access::Change;
use directory::{auth_codes, users};

use super::{CodeOf, say};
use crate::trouble::Trouble;

pub(super) async fn create(of: CodeOf) -> Result<(), Trouble> {
    let (open, permit) = of.of.enter("auth-code").await?;
    let permit = permit.within(open.directory_of(permit.account()).await?);
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
