//! Tokens from their grants to their end, without a door.

use std::sync::{Arc, OnceLock};

use access::access_keys::NewKey;
use access::apps::{self, NewApp};
use access::keyring::Keyring;
use access::passwords::Hasher;
use access::signing_keys::{self, SigningKeys};
use access::tokens::LIFE;
use access::{Bearer, Change, Circumstances, Entrance, Keys, Permit, Scope, TokenFault, Tools};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::account::Directory;
use model::event::Event;
use model::text::{Line, Username};
use model::time::{DAY, MINUTE};
use model::user::{Role, User};
use model::{Ids, Millis, Secret};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use store::{Place, Store, directories};
use tempfile::TempDir;

use super::*;
use crate::first_start::first_start;
use crate::sessions::{self, Browser};
use crate::sign_in::{Proof, SignIn, sign_in};
use crate::users::{self, NewUser, PasswordChange};

const AT: Millis = Millis(1_768_465_800_000);
const BACK: &str = "https://app.example/back";

/// The app's key pair.
fn pair() -> &'static KeyPair {
    static PAIR: OnceLock<KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).expect("a key can be made"))
}

/// A directory with an app that may ask for tokens.
struct Home {
    store: Store,
    tools: Arc<Tools>,
    entrance: Entrance,
    directory: Directory,
    /// The app's client id.
    app: String,
    /// Another app's, which has a secret.
    other: String,
    _folder: TempDir,
}

impl Home {
    async fn new() -> Self {
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
        signing_keys::keep(&store, &tools, AT).await.expect("it makes one");
        let mut reader = store.reader();
        let account = directories::first_account(&mut reader).await.expect("it reads").expect("made above");
        let directory = directories::default_of(&mut reader, account).await.expect("it reads");
        let directory = directory.expect("made above");
        let entrance = Entrance::new(&store, &tools);
        let (app, other) = (String::new(), String::new());
        let mut home = Self { store, tools, entrance, directory, app, other, _folder: folder };
        home.app = home.make_app(None).await;
        home.other = home.make_app(Some("a long secret")).await;
        home
    }

    async fn make_app(&self, secret: Option<&str>) -> String {
        let der: PublicKeyX509Der<'_> = pair().public_key().as_der().expect("it has a text");
        let body = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        let (name, secret) = (Line::new("App").expect("short"), secret.map(Secret::new));
        let new = NewApp { name: &name, public_key: &pem, redirect_uri: Some(BACK), secret: secret.as_ref() };
        let (mut change, permit) = (self.change(), self.permit(AT));
        let id = apps::add(&mut change, &permit, &new).await.expect("it is right");
        change.commit(&permit).await.expect("it commits");
        id
    }

    fn permit(&self, at: Millis) -> Permit {
        Permit::operator("test", Scope::Directory(self.directory.clone()), at)
    }

    fn change(&self) -> Change {
        Change::new(&self.store, &self.tools, None)
    }

    fn domain(&self) -> String {
        format!("rs{}", self.directory.key.number)
    }

    /// An assertion for a user that is taken at `at`.
    fn assertion(&self, sub: &str, jti: &str, at: Millis) -> Value {
        json!({
            "iss": self.app, "sub": sub, "sub_type": "user", "aud": self.domain(), "jti": jti,
            "exp": at.0 / 1_000 + 300,
        })
    }

    async fn assert_with(&self, claims: &Value, at: Millis) -> Result<Given, Refused> {
        let (mut change, token) = (self.change(), Secret::new(signed(claims)));
        let circumstances = circumstances(at);
        let (given, permit) = by_assertion(&mut change, &circumstances, &self.app, &token, "").await?;
        change.commit(&permit).await.expect("it commits");
        Ok(given)
    }

    /// Tokens of `superadmin`, issued at `at`.
    async fn token(&self, at: Millis) -> Given {
        let claims = self.assertion("superadmin", &at.0.to_string(), at);
        self.assert_with(&claims, at).await.expect("it is right")
    }

    async fn refresh(&self, app: &str, token: &Secret, at: Millis) -> Result<Given, Refused> {
        let mut change = self.change();
        let client = Client { id: app, secret: None };
        let (given, permit) = by_refresh_token(&mut change, &circumstances(at), client, token).await?;
        change.commit(&permit).await.expect("it commits");
        Ok(given)
    }

    async fn bearer(&self, token: &Secret, at: Millis) -> Result<Bearer, TokenFault> {
        let token = token.reveal_text().expect("a text");
        self.entrance.bearer(token, at).await.expect("the store answers").map(|holder| holder.bearer)
    }

    /// Makes a user with a password.
    async fn user(&self, name: &str) -> User {
        let username = Username::new(name).expect("a name");
        let hash = self.hash("correct horse").await;
        let new = NewUser { password: Some(hash), ..NewUser::named(username) };
        let (mut change, permit) = (self.change(), self.permit(AT));
        let made = users::create(&mut change, &permit, &[new]).await.expect("it works");
        change.commit(&permit).await.expect("it commits");
        made.into_iter().next().expect("one").expect("it is free")
    }

    async fn hash(&self, password: &str) -> access::passwords::Hash {
        let hashed = self.change().hashed(vec![Secret::new(password)]).await.expect("there is room");
        hashed.into_iter().next().expect("one")
    }

    /// Changes a user.
    async fn edit(&self, name: &str, at: Millis, edit: impl AsyncFnOnce(&mut Change, &Permit, User)) {
        let (mut change, permit) = (self.change(), self.permit(at));
        let user = users::locked_one(&mut change, &permit, name).await.expect("the user is there");
        edit(&mut change, &permit, user).await;
        change.commit(&permit).await.expect("it commits");
    }

    async fn sign_in(&self, name: &str, password: &str) -> Option<Proof> {
        let (mut change, place) = (self.change(), (&self.directory, &circumstances(AT)));
        let tried = sign_in(&mut change, place, name, &Secret::new(password)).await;
        let (came, permit) = tried.expect("it works");
        change.commit(&permit).await.expect("it commits");
        match came {
            SignIn::Proved(proof) => Some(proof),
            SignIn::Refused | SignIn::Wait { .. } => None,
        }
    }

    async fn code(&self, proof: &Proof, at: Millis) -> Option<Secret> {
        let mut reader = self.store.reader();
        let app = find_app(&mut reader, &self.app).await.expect("it is there");
        let (mut change, place) = (self.change(), (&self.directory, &circumstances(at)));
        let browser = Browser { agent: "a browser", life: DAY };
        let begun = sessions::begin(&mut change, place, proof, browser).await.expect("it works")?;
        let code = send_code(&mut change, &begun.permit, (&begun.key, &begun.signed), &app).await;
        let code = code.expect("it works")?;
        change.commit(&begun.permit).await.expect("it commits");
        Some(code)
    }

    async fn redeem(&self, app: &str, code: &Secret, back: &str, at: Millis) -> Result<Given, Refused> {
        let (mut change, client) = (self.change(), Client { id: app, secret: None });
        let (given, permit) = by_code(&mut change, &circumstances(at), client, code, back).await?;
        change.commit(&permit).await.expect("it commits");
        Ok(given)
    }
}

fn circumstances(at: Millis) -> Circumstances {
    Circumstances { door: "pds", ..Circumstances::inside(at) }
}

fn signed(claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let mut token = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; pair().public_modulus_len()];
    let chance = SystemRandom::new();
    pair().sign(&RSA_PKCS1_SHA256, &chance, token.as_bytes(), &mut signature).expect("it signs");
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

fn is_first(given: &Given) -> bool {
    matches!(given.holder, Holder::User { is_first: true, .. })
}

#[tokio::test]
async fn a_token_stands_for_its_user_until_it_ends() {
    let home = Home::new().await;
    let given = home.token(AT).await;
    let token = &given.issued.access_token;

    assert!(is_first(&given) && !is_first(&home.token(AT.plus(1)).await));
    assert_eq!(given.issued.expires, AT.plus(LIFE));
    let Ok(Bearer::Person { person, public_id, role, .. }) = home.bearer(token, AT).await else {
        panic!("it is good")
    };
    assert_eq!((person.directory, public_id.as_str()), (home.directory.id, "superadmin"));
    assert_eq!(role, Role::Superadmin);
    assert!(home.bearer(token, AT.plus(LIFE - 1)).await.is_ok());
    assert_eq!(home.bearer(token, AT.plus(LIFE)).await, Err(TokenFault::Expired));
}

#[tokio::test]
async fn forged_and_foreign_tokens_are_invalid() {
    let (home, elsewhere) = (Home::new().await, Home::new().await);
    let given = home.token(AT).await;
    let good = given.issued.access_token.reveal_text().expect("a text").to_owned();
    let mut forged = vec![
        String::new(),
        "Bearer".to_owned(),
        elsewhere.token(AT).await.issued.access_token.reveal_text().expect("a text").to_owned(),
        // What an app has signed opens nothing.
        signed(&home.assertion("superadmin", "x", AT)),
    ];
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).expect("ASCII"));
    }

    for (n, token) in forged.iter().enumerate() {
        let found = home.bearer(&Secret::new(token.as_str()), AT.plus(2_000 * n as i64)).await;
        assert_eq!(found, Err(TokenFault::Invalid), "{token}");
    }
    assert!(home.bearer(&Secret::new(good), AT).await.is_ok());
}

#[tokio::test]
async fn another_node_knows_a_new_key_at_once() {
    let home = Home::new().await;
    let token = home.token(AT).await.issued.access_token;
    let tools = Arc::new(Tools {
        ids: Ids::new(Box::new(|| 7)),
        hasher: Hasher::new(1, 10).expect("a thread starts"),
        chance: Box::new(|| Box::new(StdRng::seed_from_u64(9))),
        keys: Keys::new(home._folder.path().join("keys"), {
            Keyring::open(&home._folder.path().join("keys")).expect("it is there")
        }),
        signing: SigningKeys::default(),
        guesses: access::guesses::Guesses::default(),
        held: access::Held::default(),
    });
    let node = Entrance::new(&home.store, &tools);

    let text = token.reveal_text().expect("a text");
    assert!(node.bearer(text, AT).await.expect("the store answers").is_ok());
}

#[tokio::test]
async fn keys_are_made_each_month_and_kept_while_their_tokens_live() {
    let home = Home::new().await;
    let keep = async |at| signing_keys::keep(&home.store, &home.tools, at).await.expect("it works");
    let count = async || store::signing_keys::all(&mut home.store.reader()).await.expect("it reads").len();

    keep(AT.plus(30 * DAY - 1)).await;
    assert_eq!(count().await, 1);
    let changes = AT.plus(30 * DAY);
    let old = home.token(changes.plus(-1)).await.issued.access_token;
    keep(changes).await;
    assert_eq!(count().await, 2);
    let new = home.token(changes).await.issued.access_token;
    assert!(home.bearer(&old, changes.plus(LIFE - 2_000)).await.is_ok());
    keep(changes.plus(LIFE)).await;
    assert_eq!(count().await, 2);
    keep(changes.plus(LIFE + 10 * MINUTE)).await;
    assert_eq!(count().await, 1);
    assert!(home.bearer(&new, changes).await.is_ok());
}

#[tokio::test]
async fn a_row_that_holds_no_key_hides_no_other() {
    let home = Home::new().await;
    let (mut change, permit) = (home.change(), home.permit(AT));
    let text = || "broken".to_owned();
    let row = store::signing_keys::Stored { id: text(), sealed: text(), public_key: text(), created: AT };
    store::signing_keys::insert(change.tx(), &row).await.expect("it is new");
    change.record(Event::signing_key("signing_key.created", &row.id));
    change.commit(&permit).await.expect("it commits");

    for _ in 0..2 {
        home.tools.signing.read(&home.store, &home.tools.keys).await.expect("the others are read");
    }

    let token = home.token(AT).await.issued.access_token;
    assert!(home.bearer(&token, AT).await.is_ok());
    assert_eq!(signing_keys::reseal(&mut home.change()).await.expect("the others are sealed"), 0);
}

#[tokio::test]
async fn a_token_ends_with_what_it_stands_for() {
    let home = Home::new().await;
    home.user("alice").await;
    let issue = async |n: i64| {
        let mut claims = home.assertion("alice", &format!("alice {n}"), AT.plus(n));
        claims["sub"] = json!(user_id(&home, "alice").await);
        home.assert_with(&claims, AT.plus(n)).await.expect("it is right").issued
    };
    let first = issue(0).await;

    // A role that is another one.
    home.edit("alice", AT.plus(1), async |change, permit, user| {
        let after = User { role: Role::Admin, ..user.clone() };
        users::write(change, permit, "user.changed", &user, after).await.expect("it works");
    })
    .await;
    assert_eq!(home.bearer(&first.access_token, AT.plus(2)).await, Err(TokenFault::RoleChanged));

    // A lock lets tokens run out, but gives no new ones.
    let second = issue(3).await;
    let lock = async |signs_out, at: Millis| {
        home.edit("alice", at, async |change, permit, _| {
            let done = users::lock(change, permit, &["alice".to_owned()], signs_out).await;
            drop(done.expect("it works"));
        })
        .await;
    };
    lock(false, AT.plus(4)).await;
    assert!(home.bearer(&second.access_token, AT.plus(5)).await.is_ok());
    let refused = home.refresh(&home.app, &second.refresh_token, AT.plus(5)).await;
    assert!(matches!(refused, Err(Refused::Shut(_))));
    lock(true, AT.plus(6)).await;
    assert_eq!(home.bearer(&second.access_token, AT.plus(7)).await, Err(TokenFault::UserNotEnabled));
    let unlock = async |at: Millis| {
        home.edit("alice", at, async |change, permit, _| {
            drop(users::unlock(change, permit, &["alice".to_owned()], None).await.expect("it works"));
        })
        .await;
    };
    unlock(AT.plus(8)).await;
    assert_eq!(home.bearer(&second.access_token, AT.plus(9)).await, Err(TokenFault::Invalid));
    let refused = home.refresh(&home.app, &second.refresh_token, AT.plus(9)).await;
    assert!(matches!(refused, Err(Refused::RefreshToken)));

    // Another password.
    let third = issue(10).await;
    let hash = home.hash("another one").await;
    home.edit("alice", AT.plus(11), async |change, permit, user| {
        let password = PasswordChange { hash: &hash, must_change: false, tells: &[] };
        users::set_password_of(change, permit, &user, password).await.expect("it works");
    })
    .await;
    assert_eq!(home.bearer(&third.access_token, AT.plus(12)).await, Err(TokenFault::Invalid));

    // Another password, by a node whose clock is behind.
    let ahead = issue(12).await;
    home.edit("alice", AT.plus(11), async |change, permit, user| {
        let password = PasswordChange { hash: &hash, must_change: false, tells: &[] };
        let before = User { password: Default::default(), ..user };
        users::set_password_of(change, permit, &before, password).await.expect("it works");
    })
    .await;
    assert_eq!(home.bearer(&ahead.access_token, AT.plus(13)).await, Err(TokenFault::Invalid));

    // Disabling.
    let fourth = issue(13).await;
    home.edit("alice", AT.plus(14), async |change, permit, user| {
        users::disable(change, permit, &user).await.expect("it works");
    })
    .await;
    assert_eq!(home.bearer(&fourth.access_token, AT.plus(15)).await, Err(TokenFault::UserNotEnabled));
}

async fn user_id(home: &Home, name: &str) -> String {
    let (mut change, permit) = (home.change(), home.permit(AT));
    users::locked_one(&mut change, &permit, name).await.expect("the user is there").public_id()
}

#[tokio::test]
async fn deleting_an_app_ends_its_tokens() {
    let home = Home::new().await;
    let given = home.token(AT).await.issued;
    let mut service = home.assertion(&home.domain(), "service", AT);
    service["sub_type"] = json!("service");
    let service = home.assert_with(&service, AT).await.expect("it is right");
    assert!(matches!(service.holder, Holder::Service));
    assert!(matches!(home.bearer(&service.issued.access_token, AT).await, Ok(Bearer::Service(_))));

    let (mut change, permit) = (home.change(), home.permit(AT));
    apps::delete(&mut change, &permit, &home.app).await.expect("it is there");
    change.commit(&permit).await.expect("it commits");

    for token in [given.access_token, service.issued.access_token] {
        assert_eq!(home.bearer(&token, AT).await, Err(TokenFault::Invalid));
    }
    let refused = home.refresh(&home.app, &given.refresh_token, AT).await;
    assert!(matches!(refused, Err(Refused::NoApp(_))));
    let refused = home.refresh(&home.other, &given.refresh_token, AT).await;
    assert!(matches!(refused, Err(Refused::NoSecret)));
}

#[tokio::test]
async fn an_assertion_is_good_once_and_for_its_domain() {
    let home = Home::new().await;
    let claims = home.assertion("superadmin", "once", AT);
    home.assert_with(&claims, AT).await.expect("it is right");

    let again = home.assert_with(&claims, AT.plus(1)).await;
    assert!(matches!(again, Err(Refused::Assertion(Unbelieved::Repeated))));
    // Another one with the same mark, while the first one would be good; later it is another one's.
    let later = AT.plus(4 * MINUTE);
    let marked = home.assert_with(&home.assertion("superadmin", "once", later), later).await;
    assert!(matches!(marked, Err(Refused::Assertion(Unbelieved::Repeated))));
    let later = AT.plus(7 * MINUTE);
    home.assert_with(&home.assertion("superadmin", "once", later), later).await.expect("the mark is free");

    let mut foreign = home.assertion("superadmin", "foreign", AT);
    for domain in ["rs1", "", "default", "rs0"] {
        foreign["aud"] = json!(domain);
        assert!(
            matches!(home.assert_with(&foreign, AT).await, Err(Refused::Assertion(Unbelieved::Domain))),
            "{domain}"
        );
    }
    // What is refused for another reason is not spent.
    let unknown = home.assertion("bob", "bob", AT);
    for _ in 0..2 {
        let refused = home.assert_with(&unknown, AT).await;
        assert!(matches!(refused, Err(Refused::Rule(Error::Missing(..)))));
    }
}

#[tokio::test]
async fn an_app_may_have_users_made() {
    let home = Home::new().await;
    let create = async |sub: &str, n: i64| {
        let mut claims = home.assertion(sub, &format!("{sub} {n}"), AT);
        claims["auto_create"] = json!(true);
        home.assert_with(&claims, AT).await
    };

    let given = create("李雷", 1).await.expect("nobody is called so");
    let Holder::User { user, is_first } = &given.holder else { panic!("it is a user's") };
    assert!(*is_first && user.role == Role::User);
    assert_eq!((user.public_id(), user.username.as_str(), user.display_name.as_str()), {
        ("李雷".to_owned(), "李雷", "李雷")
    });
    assert!(!is_first_of(create("李雷", 2).await));
    home.user("alice").await;
    assert!(matches!(create("alice", 1).await, Err(Refused::Rule(Error::Taken(..)))));
    for sub in ["a#b", "a\nb", &"a".repeat(65)] {
        assert!(matches!(create(sub, 1).await, Err(Refused::Rule(Error::Unfit(..)))), "{sub:?}");
    }
}

fn is_first_of(given: Result<Given, Refused>) -> bool {
    is_first(&given.expect("it is right"))
}

#[tokio::test]
async fn refresh_tokens_take_turns() {
    let home = Home::new().await;
    let first = home.token(AT).await.issued.refresh_token;
    let given = async |token: &Secret, at| {
        let given = home.refresh(&home.app, token, at).await?;
        Ok::<_, Refused>(given.issued.refresh_token)
    };
    let text = |token: &Secret| token.reveal_text().expect("a text").to_owned();

    let second = given(&first, AT.plus(1_000)).await.expect("it is the first time");
    assert_ne!(text(&first), text(&second));
    // Windows of one program refresh at the same time.
    let twin = given(&first, AT.plus(61_000)).await.expect("not long ago");
    assert!(text(&twin) != text(&second));
    let third = given(&second, AT.plus(62_000)).await.expect("it is the first time");
    // Who comes later has stolen it, or was stolen from: all of the chain ends.
    assert!(matches!(given(&first, AT.plus(61_001)).await, Err(Refused::RefreshToken)));
    for token in [&first, &second, &third, &twin] {
        assert!(matches!(given(token, AT.plus(62_000)).await, Err(Refused::RefreshToken)));
    }
}

#[tokio::test]
async fn a_refresh_token_is_its_apps_and_lasts_a_month() {
    let home = Home::new().await;
    let token = home.token(AT).await.issued.refresh_token;
    let third = home.make_app(None).await;

    assert!(matches!(home.refresh(&third, &token, AT).await, Err(Refused::RefreshToken)));
    assert!(matches!(home.refresh("nobody", &token, AT).await, Err(Refused::NoApp(_))));
    for text in ["", "x", "张三"] {
        let refused = home.refresh(&home.app, &Secret::new(text), AT).await;
        assert!(matches!(refused, Err(Refused::RefreshToken)), "{text}");
    }
    let late = AT.plus(30 * DAY);
    assert!(matches!(home.refresh(&home.app, &token, late).await, Err(Refused::RefreshToken)));
    home.refresh(&home.app, &token, late.plus(-1)).await.expect("it has not expired");
}

#[tokio::test]
async fn a_name_and_a_password_give_a_code_that_gives_one_token() {
    let home = Home::new().await;
    home.user("alice").await;
    for (name, password) in [("alice", "wrong"), ("bob", "correct horse"), ("", ""), ("superadmin", "")] {
        assert!(home.sign_in(name, password).await.is_none(), "{name}");
    }
    let proof = home.sign_in("ALICE", "correct horse").await.expect("it is right");
    let code = home.code(&proof, AT).await.expect("it is still right");

    let third = home.make_app(None).await;
    let (app, at) = (home.app.as_str(), AT.plus(10 * MINUTE - 1));
    assert!(matches!(home.redeem(&third, &code, BACK, at).await, Err(Refused::Code)));
    assert!(matches!(home.redeem(app, &code, "https://app.example/", at).await, Err(Refused::Code)));
    assert!(matches!(home.redeem(app, &code, BACK, at.plus(1)).await, Err(Refused::Code)));
    let given = home.redeem(app, &code, BACK, at).await.expect("it is right");
    assert!(home.bearer(&given.issued.access_token, at).await.is_ok());
    assert!(matches!(home.redeem(app, &code, BACK, at).await, Err(Refused::Code)));
}

#[tokio::test]
async fn a_proof_is_good_while_the_password_stays() {
    let home = Home::new().await;
    home.user("alice").await;
    let proof = home.sign_in("alice", "correct horse").await.expect("it is right");
    let code = home.code(&proof, AT).await.expect("it is still right");
    let hash = home.hash("another one").await;
    home.edit("alice", AT.plus(1), async |change, permit, user| {
        let password = PasswordChange { hash: &hash, must_change: false, tells: &[] };
        users::set_password_of(change, permit, &user, password).await.expect("it works");
    })
    .await;

    assert!(home.code(&proof, AT.plus(2)).await.is_none());
    assert!(matches!(home.redeem(&home.app, &code, BACK, AT.plus(2)).await, Err(Refused::Code)));
    assert!(home.sign_in("alice", "correct horse").await.is_none());
    home.edit("alice", AT.plus(3), async |change, permit, user| {
        users::disable(change, permit, &user).await.expect("it works");
    })
    .await;
    assert!(home.sign_in("alice", "another one").await.is_none());
}

#[tokio::test]
async fn a_secret_is_asked_for_where_there_is_one() {
    let home = Home::new().await;
    let token = Secret::new("x");
    let ask = async |secret: Option<&str>| {
        let secret = secret.map(Secret::new);
        let client = Client { id: &home.other, secret: secret.as_ref() };
        let mut change = home.change();
        let refused = by_refresh_token(&mut change, &circumstances(AT), client, &token).await;
        refused.map(drop).expect_err("there is no such token")
    };

    assert!(matches!(ask(None).await, Refused::NoSecret));
    assert!(matches!(ask(Some("another secret")).await, Refused::Secret));
    assert!(matches!(ask(Some("a long secret")).await, Refused::RefreshToken));
}
