//! Messages that are taken, written and settled by several senders, without anything that carries them.

use std::sync::Arc;

use access::access_keys::NewKey;
use access::keyring::Keyring;
use access::passwords::Hasher;
use access::signing_keys::SigningKeys;
use access::{Change, Keys, Permit, Scope, Tools};
use model::account::Directory;
use model::text::{Email, Username};
use model::{Ids, Millis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::outbox::{self as rows, Queue};
use store::{Place, Store, directories};
use tempfile::TempDir;

use super::*;
use crate::first_start::first_start;
use crate::users::{self, NewUser};

const AT: Millis = Millis(1_768_465_800_000);
const SITE: &str = "https://id.example.com";

/// A directory with one user, whom messages about one thing wait for.
struct Home {
    store: Store,
    tools: Arc<Tools>,
    directory: Directory,
    _folder: TempDir,
}

impl Home {
    async fn with(template: Template, ways: &[Way]) -> Self {
        Self::telling(template, ways, &Facts::default()).await
    }

    async fn telling(template: Template, ways: &[Way], facts: &Facts) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let store = Store::open(&Place::File(folder.path().join("roster.db"))).await.expect("it opens");
        let file = folder.path().join("keys");
        let keyring = Keyring::create(&file, &mut StdRng::seed_from_u64(1)).expect("there is none");
        let mut salt = 0_u128;
        let random = move || {
            salt += 1;
            salt << 40
        };
        let seed = std::sync::atomic::AtomicU64::new(2);
        let chance = move || StdRng::seed_from_u64(seed.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let tools = Arc::new(Tools {
            ids: Ids::new(Box::new(random)),
            hasher: Hasher::new(1, 10).expect("a thread starts"),
            chance: Box::new(move || Box::new(chance())),
            keys: Keys::new(file, keyring),
            signing: SigningKeys::default(),
            guesses: access::guesses::Guesses::default(),
            held: access::Held::default(),
        });
        let key = NewKey::generate(&mut StdRng::seed_from_u64(3));
        first_start(&store, &tools, &key, AT).await.expect("it is new");
        let mut reader = store.reader();
        let account = directories::first_account(&mut reader).await.expect("it reads").expect("made above");
        let directory = directories::default_of(&mut reader, account).await.expect("it reads");
        let home = Self { directory: directory.expect("made above"), store, tools, _folder: folder };
        home.tell(template, ways, facts).await;
        home
    }

    async fn tell(&self, template: Template, ways: &[Way], facts: &Facts) {
        let mut change = Change::new(&self.store, &self.tools, None);
        let permit = self.operator(AT);
        let hash = change.hashed(vec![model::Secret::new("correct horse")]).await.expect("there is room");
        let new = NewUser {
            password: hash.into_iter().next(),
            email: Email::new("a@example.com").expect("an address"),
            ..NewUser::named(Username::new("alice").expect("a name"))
        };
        let made = users::create(&mut change, &permit, &[new]).await.expect("it works");
        let user = made.into_iter().next().expect("one").expect("it is free");
        for way in ways {
            tell(&mut change, &permit, template, &user, *way, facts).await.expect("it works");
        }
        change.commit(&permit).await.expect("it commits");
    }

    fn operator(&self, at: Millis) -> Permit {
        Permit::operator("test", Scope::Directory(self.directory.clone()), at)
    }

    /// What one sender gets that carries mails.
    async fn claim(&self, at: Millis) -> Option<Claimed> {
        let ways = Ways { wanted: Way::Mail, served: &[Way::Mail] };
        let claimed = claim(&self.store, &self.tools, ways, 8, at).await.expect("it works");
        assert!(claimed.len() <= 1);
        claimed.into_iter().next()
    }

    async fn compose(&self, claimed: &Claimed, at: Millis) -> Option<Letter> {
        compose(&self.store, &self.tools, claimed, SITE, at).await.expect("it works")
    }

    async fn settle(&self, claimed: &Claimed, outcome: Outcome, at: Millis) {
        settle(&self.store, &self.tools, claimed, &outcome, at).await.expect("it works");
    }

    async fn queue(&self, way: Way) -> Queue {
        rows::queue(&mut self.store.reader(), way).await.expect("it reads")
    }
}

fn secrets(letter: &Letter) -> Vec<&str> {
    letter.secrets.iter().map(|secret| secret.reveal_text().expect("a text")).collect()
}

#[tokio::test]
async fn who_comes_late_changes_nothing() {
    let home = Home::with(Template::PasswordReset, &[Way::Mail]).await;
    let first = home.claim(AT).await.expect("it is due");
    assert!(home.claim(AT.plus(CLAIM - 1)).await.is_none(), "it is the first one's");
    let at = AT.plus(CLAIM);
    let second = home.claim(at).await.expect("the first one did not come");
    assert_eq!((first.attempts(), second.attempts()), (1, 2));

    assert!(home.compose(&first, at).await.is_none());
    for outcome in [Outcome::Sent, Outcome::Later("x".to_owned()), Outcome::Never("x".to_owned())] {
        home.settle(&first, outcome, at).await;
        assert_eq!((home.queue(Way::Mail).await.waiting, home.claim(at).await.is_none()), (1, true));
    }
    let letter = home.compose(&second, at.plus(CLAIM - 1)).await.expect("it is the second one's");
    assert!(home.claim(at.plus(2 * CLAIM - 2)).await.is_none(), "it has as long again to be carried");
    let [token] = secrets(&letter)[..] else { panic!("a link has one secret") };
    let domain = home.directory.key.number.domain();
    let link = format!("{SITE}/password/reset?token={token}&domain_id={domain}");
    assert!(letter.text.contains(&link), "also the default directory's: {}", letter.text);
    home.settle(&second, Outcome::Sent, at).await;
    assert_eq!(home.queue(Way::Mail).await, Queue { waiting: 0, oldest: None, failed: 0 });
}

#[tokio::test]
async fn what_is_sent_anew_has_another_link_and_the_same_id() {
    let home = Home::with(Template::PasswordReset, &[Way::Mail]).await;
    let first = home.claim(AT).await.expect("it is due");
    let one = home.compose(&first, AT).await.expect("it is needed");
    home.settle(&first, Outcome::Later("x".to_owned()), AT).await;
    assert!(home.claim(AT.plus(4_999)).await.is_none());
    let at = AT.plus(6_000);
    let second = home.claim(at).await.expect("five seconds are over");
    let two = home.compose(&second, at).await.expect("it is needed");

    assert_eq!(one.message_id, two.message_id);
    assert_ne!(secrets(&one), secrets(&two));
    home.settle(&second, Outcome::Never("no such mailbox".to_owned()), at).await;
    assert_eq!(home.queue(Way::Mail).await, Queue { waiting: 0, oldest: None, failed: 1 });
}

#[tokio::test]
async fn an_initial_password_that_has_arrived_ends_the_other_message_of_it() {
    let home = Home::with(Template::InitialPassword, &[Way::Mail, Way::Text]).await;
    let claimed = home.claim(AT).await.expect("it is due");
    let letter = home.compose(&claimed, AT).await.expect("it is needed");
    let [password] = secrets(&letter)[..] else { panic!("it brings one password") };
    assert!(letter.text.contains(password) && password.len() >= 10);
    assert_eq!(home.queue(Way::Text).await, Queue { waiting: 1, oldest: Some(AT), failed: 0 });

    home.settle(&claimed, Outcome::Sent, AT).await;
    assert_eq!(home.queue(Way::Text).await.waiting, 0);
}

#[tokio::test]
async fn who_comes_late_takes_nothing_that_was_asked_for_anew() {
    let home = Home::with(Template::PasswordReset, &[Way::Mail]).await;
    let late = home.claim(AT).await.expect("it is due");
    let at = AT.plus(CLAIM);
    let mut change = Change::new(&home.store, &home.tools, None);
    let permit = home.operator(at);
    let one = outbox::Which::One(late.number());
    assert_eq!(outbox::retry(&mut change, &permit, one).await.expect("it works"), 1);
    change.commit(&permit).await.expect("it commits");
    let second = home.claim(at).await.expect("it is due");
    assert_eq!((late.attempts(), second.attempts()), (1, 1), "tries are counted anew");

    for outcome in [Outcome::Sent, Outcome::Later("x".to_owned()), Outcome::Never("x".to_owned())] {
        home.settle(&late, outcome, at).await;
        assert_eq!((home.queue(Way::Mail).await.waiting, home.claim(at).await.is_none()), (1, true));
    }
    home.settle(&second, Outcome::Sent, at).await;
    assert_eq!(home.queue(Way::Mail).await.waiting, 0);
}

#[tokio::test]
async fn nobody_is_told_of_a_lock_that_is_over() {
    let until = AT.plus(60_000);
    for (at, is_told) in [(until.plus(-1), true), (until, false)] {
        let facts = Facts { until: Some(until), ..Facts::default() };
        let home = Home::telling(Template::SignInLocked, &[Way::Mail], &facts).await;
        let claimed = home.claim(at).await.expect("it is due");
        assert_eq!(home.compose(&claimed, at).await.is_some(), is_told, "{at}");
        assert_eq!(home.queue(Way::Mail).await.waiting, i64::from(is_told), "{at}");
    }
}
