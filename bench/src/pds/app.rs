//! An app that asks for tokens, and those who call with them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Instant;

use access::apps::{self, NewApp};
use access::{Change, Permit, Scope};
use api::pds::{CreateUser, GetUser, Role, Token, TokenReply};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::text::Line;
use roster::house;
use roster::settings::House;
use serde_json::{Value, json};
use wire::Operation;

use crate::client::{Connection, form, posted};
use crate::people::mix;
use crate::{Trouble, load};

/// What the grant by a signed text is called.
const BY_ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// For how long what the app signs is good, in seconds.
const GOOD_FOR: i64 = 300;
/// What the app is called; a run takes the place of an earlier one's.
const NAME: &str = "benchmark";
/// The id of the administrator who calls.
const MANAGER: &str = "pds_manager";
/// The administrator's display name, which holds what nobody else's does.
const RARE_NAME: &str = "zq zoqx";
/// People who call with tokens of their own.
const PEOPLE: usize = 256;

/// The numbers of what the app signs.
static SIGNED: AtomicU64 = AtomicU64::new(0);

/// An app that has a public key with a directory.
pub(crate) struct App {
    id: String,
    /// The directory, as PDS spells it.
    domain: String,
    pair: KeyPair,
}

impl App {
    /// Registers an app with the default directory of a house.
    pub(crate) async fn registered(place: &House) -> Result<Self, Trouble> {
        let open = house::open(place, false).await?;
        let directory = open.default_directory().await?;
        let permit = Permit::operator(NAME, Scope::Account(directory.account), load::now());
        let mut change = Change::new(&open.store, &open.tools, None);
        for app in apps::list(&mut open.store.reader(), permit.account()).await? {
            if app.name == NAME {
                apps::delete(&mut change, &permit, &app.id).await?;
            }
        }
        let pair = KeyPair::generate(KeySize::Rsa2048)?;
        let name = Line::new(NAME)?;
        let new = NewApp { name: &name, public_key: &pem(&pair)?, redirect_uri: None, secret: None };
        let id = apps::add(&mut change, &permit, &new).await?;
        change.commit(&permit).await?;
        open.store.close().await;
        Ok(Self { id, domain: format!("rs{}", directory.key.number), pair })
    }

    /// Asks for a token of a user.
    pub(crate) fn by_assertion(&self, user: &str) -> Vec<u8> {
        self.exchange(&json!({ "sub": user, "sub_type": "user" }))
    }

    /// Asks for a token of the directory itself.
    fn of_service(&self) -> Vec<u8> {
        self.exchange(&json!({ "sub": self.domain, "sub_type": "service" }))
    }

    fn exchange(&self, whom: &Value) -> Vec<u8> {
        let assertion = self.signed(whom);
        let fields = [("grant_type", BY_ASSERTION), ("client_id", &self.id), ("assertion", &assertion)];
        form(Token::PATH, &fields)
    }

    /// Asks for the next token.
    pub(crate) fn by_refreshing(&self, refresh_token: &str) -> Vec<u8> {
        let fields =
            [("grant_type", "refresh_token"), ("client_id", &self.id), ("refresh_token", refresh_token)];
        form(Token::PATH, &fields)
    }

    fn signed(&self, whom: &Value) -> String {
        let now = load::now().0;
        let mut claims = json!({
            "iss": self.id,
            "aud": self.domain,
            "jti": format!("{now}-{}", SIGNED.fetch_add(1, Ordering::Relaxed)),
            "exp": now / 1_000 + GOOD_FOR,
            "iat": now / 1_000,
        });
        for (name, value) in whom.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(&claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .expect("a key of 2,048 bits has room for the digest");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The public key as people hand it over.
fn pem(pair: &KeyPair) -> Result<String, Trouble> {
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    Ok(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref())))
}

/// Those who call: an administrator, and people who are nothing else.
pub(crate) struct Callers {
    app: App,
    address: SocketAddr,
    tokens: RwLock<Tokens>,
}

/// What they call with.
struct Tokens {
    manager: String,
    /// Ids of people, each with the token.
    people: Vec<(String, String)>,
}

impl Callers {
    /// The administrator alone, who is made where there is none.
    pub(crate) async fn at(address: SocketAddr, app: App) -> Result<Self, Trouble> {
        let mut connection = Connection::open(address).await?;
        let (service, _) = token(&mut connection, &app.of_service()).await?;
        let get = GetUser { user_id: Some(MANAGER.to_owned()) };
        let (status, _) = connection.exchange(&posted(&service, &get)).await?;
        if status != 200 {
            let manager = CreateUser {
                user_id: MANAGER.to_owned(),
                nick_name: Some(RARE_NAME.to_owned()),
                role: Some(Role::Admin),
                ..CreateUser::default()
            };
            connection.post(&service, &manager).await?;
        }
        let (manager, _) = token(&mut connection, &app.by_assertion(MANAGER)).await?;
        Ok(Self { app, address, tokens: RwLock::new(Tokens { manager, people: Vec::new() }) })
    }

    /// Takes people by chance, of those with these ids, who may sign in.
    pub(crate) async fn find_people(&self, ids: &[String]) -> Result<(), Trouble> {
        let mut connection = Connection::open(self.address).await?;
        let mut people: Vec<(String, String)> = Vec::new();
        for id in (0..4 * PEOPLE as u64).map(|n| &ids[index(n, ids.len())]) {
            let (status, _) = connection.exchange(&self.app.by_assertion(id)).await?;
            // Others are disabled or locked.
            if status == 200 && people.iter().all(|(known, _)| known != id) {
                people.push((id.clone(), String::new()));
            }
            if people.len() == PEOPLE {
                break;
            }
        }
        self.tokens.write().unwrap_or_else(PoisonError::into_inner).people = people;
        self.renew().await?;
        Ok(())
    }

    /// New tokens for all, since they end; the seconds that each of the people's took.
    pub(crate) async fn renew(&self) -> Result<Vec<f64>, Trouble> {
        let mut connection = Connection::open(self.address).await?;
        let (manager, _) = token(&mut connection, &self.app.by_assertion(MANAGER)).await?;
        let ids: Vec<String> = self.now().people.iter().map(|(id, _)| id.clone()).collect();
        let (mut people, mut seconds) = (Vec::new(), Vec::new());
        for id in ids {
            let request = self.app.by_assertion(&id);
            let started = Instant::now();
            let (access_token, _) = token(&mut connection, &request).await?;
            seconds.push(started.elapsed().as_secs_f64());
            people.push((id, access_token));
        }
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = Tokens { manager, people };
        Ok(seconds)
    }

    /// A person's tokens, each in exchange for what came with the one before; the seconds that each took.
    pub(crate) async fn refresh(&self, times: usize) -> Result<Vec<f64>, Trouble> {
        let mut connection = Connection::open(self.address).await?;
        let (_, mut renewal) = token(&mut connection, &self.assertion(0)).await?;
        let mut seconds = Vec::new();
        for _ in 0..times {
            let request = self.app.by_refreshing(&renewal);
            let started = Instant::now();
            (_, renewal) = token(&mut connection, &request).await?;
            seconds.push(started.elapsed().as_secs_f64());
        }
        Ok(seconds)
    }

    /// Asks for a token of one of the people.
    pub(crate) fn assertion(&self, n: u64) -> Vec<u8> {
        let tokens = self.now();
        let (id, _) = &tokens.people[index(n, tokens.people.len())];
        self.app.by_assertion(id)
    }

    /// The administrator's token.
    pub(crate) fn manager(&self) -> String {
        self.now().manager.clone()
    }

    /// The token of one of the people.
    pub(crate) fn person(&self, n: u64) -> String {
        let tokens = self.now();
        tokens.people[index(n, tokens.people.len())].1.clone()
    }

    fn now(&self) -> RwLockReadGuard<'_, Tokens> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of so many, by chance.
pub(crate) fn index(n: u64, length: usize) -> usize {
    usize::try_from(mix(n) % length as u64).expect("below a length")
}

/// The access token that is asked for, and for what there is the next one.
async fn token(connection: &mut Connection, request: &[u8]) -> Result<(String, String), Trouble> {
    let reply: TokenReply = serde_json::from_slice(connection.send(request).await?)?;
    let text = |token: &api::Password| token.secret().reveal_text().unwrap_or_default().to_owned();
    Ok((text(&reply.access_token), text(&reply.refresh_token)))
}
