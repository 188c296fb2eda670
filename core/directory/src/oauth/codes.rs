//! Codes that people bring from the sign-in page to the app that sent them there.

use access::apps::App;
use access::{Change, Circumstances, Permit, Person, refresh};
use model::account::Directory;
use model::event::Event;
use model::time::MINUTE;
use model::{Right, Secret};
use store::oauth_codes::{self as rows, Stored};
use store::{passwords, users as people};

use crate::error::Error;
use crate::links;
use crate::sign_in::Proof;

/// How long a code is good.
const LIFE: i64 = 10 * MINUTE;

/// A code, and the permit of the person whom it stands for.
#[derive(Debug)]
pub struct Sent {
    /// The code.
    pub code: Secret,
    /// What its making is committed under.
    pub permit: Permit,
}

/// Makes a code for who has proved to be a user, to be brought to `app` at its own address; `None` where the proof is no
/// longer good.
///
/// # Errors
/// The store's.
pub async fn send_code(
    change: &mut Change,
    (directory, circumstances): (&Directory, &Circumstances),
    right: Right,
    app: &App,
    proof: &Proof,
) -> Result<Option<Sent>, Error> {
    let key = directory.key;
    let Some(user) = people::lock_one(change.tx(), key, proof.user).await? else { return Ok(None) };
    let known = passwords::find(change.tx(), key, proof.user).await?;
    if known.as_deref() != Some(proof.hash.as_phc()) || user.is_shut_at(circumstances.at) {
        return Ok(None);
    }
    let person = Person { directory: directory.id, user: user.id };
    let permit = Permit::by_proof(person, right, directory.clone(), circumstances.clone());
    let permit = permit.expect("the user is in this directory");
    if let Some(link) = &proof.link {
        links::note_use(change, &permit, link.named()).await?;
    }
    let code = refresh::secret(change);
    let row = Stored {
        hash: refresh::hash(code.reveal()),
        directory: key.number,
        user: proof.user,
        app: app.id.clone(),
        redirect_uri: app.redirect_uri.clone(),
        expires: permit.at().plus(LIFE),
    };
    rows::insert(change.tx(), &row).await?;
    change.record(Event::joined("user.signed_in", &user, None, Some(&[("app", app.id.clone())])));
    Ok(Some(Sent { code, permit }))
}
