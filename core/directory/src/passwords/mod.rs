//! The one place where a new password is judged and set: whoever sets it, and through whichever door.
//!
//! Source: `reference/doors.md` §1.2; `reference/eiam.md` §12.

mod forgotten;
mod links;
mod own;
mod told;

use access::passwords::{Busy, Hash, Whose};
use access::{Change, Permit, Reader, Standing, Tools};
use model::policy::{Complexity, History, Owner};
use model::weak;
use model::{Number, Secret};
use store::{password_history as former, passwords as rows, reset_links};

use crate::error::Error;
use crate::policies;

pub(crate) use forgotten::ways as ways_for_links;
pub use forgotten::{Asked, forgotten};
pub use links::{Purpose, by_link, find_link};
pub(crate) use links::{link_life, mint_link};
pub use own::{Chosen, choose_own, prove_own};
pub use told::{Ends, Told, ends, is_forgotten_offered, is_kept, nobody, told};

/// The longest password, in characters.
const LONGEST: usize = 256;

/// Which of the directory's rules hold for how a password looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// What an administrator has set; nothing while nobody has, since the door has a rule of its own.
    IfSet,
    /// What an administrator has set, else the default.
    Policy,
}

/// A password that shall be somebody's.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The password.
    pub text: &'a Secret,
    /// The texts of whom it is for.
    pub owner: Owner<'a>,
    /// What it has to follow.
    pub rule: Rule,
}

/// What new passwords of a directory have to be like.
#[derive(Debug, Clone)]
pub struct Rules {
    complexity: Option<Complexity>,
}

impl Rules {
    /// Those of the permit's directory.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(reader: &mut Reader, permit: &Permit, rule: Rule) -> Result<Self, Error> {
        let set = policies::get::<Complexity>(reader, permit).await?;
        Ok(Self {
            complexity: match rule {
                Rule::IfSet => set,
                Rule::Policy => Some(set.unwrap_or_default()),
            },
        })
    }

    /// Asks whether somebody may have a password, but for what that user had before.
    ///
    /// # Errors
    /// `WeakPassword`.
    pub fn accept(&self, password: &Secret, owner: &Owner<'_>) -> Result<(), Error> {
        let text = password.reveal_text().filter(|text| text.chars().count() <= LONGEST);
        let fits = text.is_some_and(|text| {
            self.complexity.as_ref().is_none_or(|complexity| {
                complexity.accepts(text, owner)
                    && (complexity.weak_barred_since.is_none() || !weak::is_easy(text, owner))
            })
        });
        if fits { Ok(()) } else { Err(Error::WeakPassword) }
    }

    /// A password by chance that is accepted.
    pub fn example(&self, owner: &Owner<'_>, tools: &Tools) -> Secret {
        let complexity = self.complexity.clone().unwrap_or_default();
        let mut chance = (tools.chance)();
        Secret::new(complexity.example(owner, |below| (chance.next_u64() % below as u64) as usize))
    }
}

/// Judges a password and hashes it. `user` is whose it shall be, where that is somebody who is there already and may
/// have had it before. Whoever chooses the own password waits behind those who sign in, and one that may not be taken
/// again counts for the address as a wrong one does. It comes before anything else of the change: hashes take long, and nothing but the database is
/// awaited while a change is open.
///
/// # Errors
/// `WeakPassword`, `Reused`, `Busy`.
pub async fn judge(
    change: &mut Change,
    permit: &Permit,
    user: Option<Number>,
    candidate: Candidate<'_>,
) -> Result<Hash, Error> {
    let mut beside = change.beside();
    Rules::of(&mut beside, permit, candidate.rule).await?.accept(candidate.text, &candidate.owner)?;
    let had = match user {
        Some(user) => had_by(&mut beside, permit, user).await?,
        None => Vec::new(),
    };
    drop(beside);
    let is_own = *permit.standing() == Standing::Proof;
    let whose = if is_own { Whose::Stranger } else { Whose::Known };
    let _turn = if is_own {
        Some(change.tools().guesses.line_up(&permit.circumstances().source).ok_or(Busy)?)
    } else {
        None
    };
    if !had.is_empty() && change.tools().hasher.verify_any(whose, candidate.text.clone(), &had).await? {
        if is_own && !change.is_made_again() {
            // It took many hashes, and nothing else ends that.
            change.tools().guesses.note(&permit.circumstances().source, permit.at());
        }
        return Err(Error::Reused);
    }
    let hashes = change.hashed_for(whose, vec![candidate.text.clone()]).await?;
    Ok(hashes.into_iter().next().expect("one for each password"))
}

/// The passwords that a user may not take again: the present one and those before, as many as the policy says. Who chooses
/// the own password, and does not get it from somebody else, does not keep the present one in any case.
async fn had_by(reader: &mut Reader, permit: &Permit, user: Number) -> Result<Vec<Hash>, Error> {
    let directory = permit.directory();
    let policy: History = policies::get(reader, permit).await?.unwrap_or_default();
    let least = u16::from(*permit.standing() == Standing::Proof);
    let keeps = policy.keeps.unwrap_or_default().max(least);
    if keeps == 0 {
        return Ok(Vec::new());
    }
    let present = rows::find(reader.rows(), directory, user).await?;
    let before = former::newest(reader.rows(), directory, user, i64::from(keeps)).await?;
    let all = present.into_iter().chain(before).take(usize::from(keeps));
    Ok(all.filter_map(|hash| Hash::from_phc(hash).ok()).collect())
}

/// Gives a user who is locked for this change another password; the one before becomes a former one, and every link to
/// another one ends.
pub(crate) async fn replace(
    change: &mut Change,
    permit: &Permit,
    user: Number,
    hash: &Hash,
) -> Result<(), store::Error> {
    let directory = permit.directory();
    let number = change.new_id(permit).number();
    former::keep(change.tx(), directory, user, number).await?;
    reset_links::end_user(change.tx(), directory, user).await?;
    rows::set(change.tx(), directory, user, hash.as_phc()).await
}

/// Takes the password of a user who is locked for this change; it becomes a former one.
pub(crate) async fn end(change: &mut Change, permit: &Permit, user: Number) -> Result<(), store::Error> {
    let directory = permit.directory();
    let number = change.new_id(permit).number();
    former::keep(change.tx(), directory, user, number).await?;
    rows::remove(change.tx(), directory, user).await
}
