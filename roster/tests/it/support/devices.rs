//! Devices for one-time codes as their users hold them, without the pages.

use access::{Change, Circumstances, Permit, Person, Scope, totp};
use directory::sign_in::Verdict;
use directory::{Error, devices, users};
use model::account::Directory;
use model::user::User;
use model::{Millis, Right, Secret};
use roster::house::{self, Open};

use super::server::Home;

/// A directory's devices, beside the server that runs in the same home.
pub(crate) struct Devices<'a> {
    home: &'a Home,
    open: Open,
    directory: Directory,
}

/// A device in its user's hand.
pub(crate) struct InHand {
    /// Whose it is.
    pub(crate) name: String,
    /// What codes are made from.
    pub(crate) secret: Secret,
    /// Codes for the day when it is lost.
    pub(crate) recovery_codes: Vec<String>,
}

impl InHand {
    /// The code of so many steps after `now`, or before it.
    pub(crate) fn code(&self, now: Millis, steps: i64) -> String {
        let code = totp::code_at(&self.secret, now.0.div_euclid(totp::STEP) + steps);
        String::from_utf8(code.to_vec()).expect("digits")
    }
}

impl<'a> Devices<'a> {
    /// Those of the account's default directory.
    pub(crate) async fn of(home: &'a Home) -> Self {
        Self::named(home, None).await
    }

    /// Those of the default directory of the account of this name.
    pub(crate) async fn named(home: &'a Home, account: Option<&str>) -> Self {
        let open = house::open(&home.serve.house, false).await.expect("the house opens");
        let account = open.account(account).await.expect("it is there").uid;
        let directory = open.directory_of(account).await.expect("it is there");
        Self { home, open, directory }
    }

    /// A user begins to enrol a device: what the page would show, in base 32 and as a URI.
    pub(crate) async fn begin(&self, name: &str) -> Result<(String, String), Error> {
        let user = self.user(name).await;
        let permit = self.proof(&user);
        let mut change = self.change();
        let site = self.home.serve.pages.site.as_deref();
        let enrolment = devices::begin(&mut change, (&permit, site), &user).await?;
        change.commit(&permit).await.expect("it commits");
        let text = |secret: &Secret| secret.reveal_text().expect("letters").to_owned();
        Ok((text(&enrolment.secret_base32), text(&enrolment.uri)))
    }

    /// A user shows a first code of a device; the codes for the day when it is lost.
    pub(crate) async fn confirm(&self, name: &str, code: &str) -> Result<Vec<String>, Error> {
        let user = self.user(name).await;
        let permit = self.proof(&user);
        let mut change = self.change();
        let device = devices::of_user(&mut self.open.store.reader(), &permit, user.id.number()).await?;
        // Of none that was begun, any.
        let device = device.map_or(user.id, |device| device.id);
        let codes = devices::confirm(&mut change, &permit, (&user, device), code).await?;
        change.commit(&permit).await.expect("it commits");
        Ok(texts(&codes))
    }

    /// A user enrols a device with the code of the step before, so that the one of now is still good.
    pub(crate) async fn enrol(&self, name: &str) -> InHand {
        let (secret, _) = self.begin(name).await.expect("there is none");
        let device = InHand { name: name.to_owned(), secret: decoded(&secret), recovery_codes: Vec::new() };
        let recovery_codes = self.confirm(name, &device.code(self.now(), -1)).await.expect("it is right");
        InHand { recovery_codes, ..device }
    }

    /// The device of a user who has typed a key in, in groups of letters.
    pub(crate) fn typed(name: &str, key: &str) -> InHand {
        let secret = decoded(&key.replace(' ', ""));
        InHand { name: name.to_owned(), secret, recovery_codes: Vec::new() }
    }

    /// Whether a code of the user's is taken, as a sign-in asks.
    pub(crate) async fn takes(&self, name: &str, code: &str) -> bool {
        self.check(name, code).await.expect("it is answered")
    }

    /// The same, where it may be that it cannot be answered.
    pub(crate) async fn check(&self, name: &str, code: &str) -> Result<bool, Error> {
        let user = self.user(name).await;
        let permit = self.proof(&user);
        let mut change = self.change();
        let verdict = devices::check(&mut change, &permit, user.id.number(), code).await?;
        change.commit(&permit).await.expect("it commits");
        Ok(verdict == Verdict::Right)
    }

    /// So many wrong codes of the user's.
    pub(crate) async fn guess(&self, device: &InHand, times: usize) {
        // The code of an hour ago, which may be the one of now as well.
        let old = device.code(self.now(), -120);
        let wrong = if old == device.code(self.now(), 0) { "000000" } else { &old };
        for _ in 0..times {
            assert!(!self.takes(&device.name, wrong).await);
        }
    }

    /// Other codes for the day when the device is lost.
    pub(crate) async fn renew(&self, name: &str) -> Result<Vec<String>, Error> {
        let user = self.user(name).await;
        let permit = self.proof(&user);
        let mut change = self.change();
        let codes = devices::renew_recovery_codes(&mut change, &permit, &user).await?;
        change.commit(&permit).await.expect("it commits");
        Ok(texts(&codes))
    }

    /// How many of these are left.
    pub(crate) async fn recovery_codes(&self, name: &str) -> i64 {
        let user = self.user(name).await;
        let mut reader = self.open.store.reader();
        let left = devices::recovery_codes(&mut reader, &self.proof(&user), user.id.number()).await;
        left.expect("it is answered")
    }

    /// `actor` takes away the device of `name`.
    pub(crate) async fn remove(&self, actor: &str, name: &str) -> Result<bool, Error> {
        let (actor, user) = (self.user(actor).await, self.user(name).await);
        let permit = self.proof(&actor);
        let mut change = self.change();
        let removed = devices::remove(&mut change, &permit, user.id.number()).await?;
        change.commit(&permit).await.expect("it commits");
        Ok(removed)
    }

    async fn user(&self, name: &str) -> User {
        let permit = Permit::operator("test", Scope::Directory(self.directory.clone()), self.now());
        let mut change = self.change();
        users::locked_one(&mut change, &permit, name).await.expect("the user is there")
    }

    /// What a sign-in would prove of the user.
    fn proof(&self, user: &User) -> Permit {
        let person = Person { directory: self.directory.id, user: user.id };
        let circumstances = Circumstances { door: "test", ..Circumstances::inside(self.now()) };
        Permit::by_proof(person, Right::update("test"), self.directory.clone(), circumstances)
            .expect("its own")
    }

    fn change(&self) -> Change {
        Change::new(&self.open.store, &self.open.tools, None)
    }

    /// The test's time.
    pub(crate) fn now(&self) -> Millis {
        self.home.clock.now()
    }
}

fn texts(codes: &[Secret]) -> Vec<String> {
    codes.iter().map(|code| code.reveal_text().expect("letters").to_owned()).collect()
}

/// The bytes of a text in base 32, as a device reads it.
fn decoded(text: &str) -> Secret {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            other => panic!("{other} is no letter of base 32"),
        };
        (bits, held) = (bits << 5 | u32::from(value), held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Secret::new(bytes)
}
