//! Users' values through the rules, as no door shows them yet.

use std::sync::Arc;

use access::access_keys::NewKey;
use access::keyring::Keyring;
use access::passwords::Hasher;
use access::{Change, Keys, Permit, Reader, Scope, Tools};
use model::account::Directory;
use model::event::Event;
use model::property::Kind;
use model::text::{PropertyName, PropertyText, Username};
use model::total::Total;
use model::user::User;
use model::{Handle, Ids, Millis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::{Place, Store, directories, totals, verify};
use tempfile::TempDir;

use super::*;
use crate::first_start::first_start;
use crate::named::Thing;
use crate::users::{self, NewUser};

const AT: Millis = Millis(1_768_465_800_000);
const NO_LIMITS: Limits = Limits { properties: 100, values: 100, reserved: &["email"] };

/// A directory with what is needed to change it.
struct Home {
    store: Store,
    tools: Arc<Tools>,
    permit: Permit,
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
        let tools = Arc::new(Tools {
            ids: Ids::new(Box::new(random)),
            hasher: Hasher::new(1, 10).expect("a thread starts"),
            chance: Box::new(|| Box::new(StdRng::seed_from_u64(2))),
            keys: Keys::new(file, keyring),
            signing: access::signing_keys::SigningKeys::default(),
            guesses: access::guesses::Guesses::default(),
            held: access::Held::default(),
        });
        let key = NewKey::generate(&mut StdRng::seed_from_u64(3));
        first_start(&store, &tools, &key, AT).await.expect("it is new");
        let mut reader = store.reader();
        let account = directories::first_account(&mut reader).await.expect("it reads").expect("made above");
        let directory = directories::default_of(&mut reader, account).await.expect("it reads");
        let permit = Permit::operator("test", Scope::Directory(directory.expect("made above")), AT);
        Self { store, tools, permit, _folder: folder }
    }

    fn change(&self) -> Change {
        Change::new(&self.store, &self.tools, None)
    }

    fn reader(&self) -> Reader {
        Reader::new(&self.store, &self.tools)
    }

    fn directory(&self) -> &Directory {
        match self.permit.scope() {
            Scope::Directory(directory) => directory,
            Scope::Account(_) => unreachable!("made above"),
        }
    }

    async fn make(&self, new: NewProperty) -> Property {
        let mut change = self.change();
        let made = create(&mut change, &self.permit, &new, NO_LIMITS).await;
        let (property, saved) = made.expect("it can be made");
        assert!(saved.iter().all(Result::is_ok), "{saved:?}");
        change.commit(&self.permit).await.expect("it is written");
        property
    }

    /// Makes a user with these values.
    async fn user(&self, name: &str, given: &[GivenText], demands: bool) -> Result<User, Error> {
        let mut change = self.change();
        let username = Username::new(name).expect("short");
        let new = NewUser { values: given.to_vec(), demands_values: demands, ..NewUser::named(username) };
        let made = users::create(&mut change, &self.permit, &[new]).await?.pop().expect("one")?;
        change.commit(&self.permit).await.expect("it is written");
        Ok(made)
    }

    /// Changes a user's values; whether anything differs.
    async fn set(&self, user: &User, given: &[GivenText]) -> Result<bool, Error> {
        let mut change = self.change();
        let user = users::locked_one(&mut change, &self.permit, user.username.as_str()).await?;
        let plan = Plan::of_change(&mut change, &self.permit, &user, given).await?;
        let differs = carry_out(&mut change, &self.permit, &user, &plan).await?;
        if differs {
            change.record(Event::removed("test", &user));
            change.commit(&self.permit).await.map_err(|failure| match failure {
                access::Failure::Store(error) => Error::Store(error),
                access::Failure::Unrecorded => unreachable!("recorded above"),
            })?;
        }
        Ok(differs)
    }

    /// A user's values, `name=a,b`.
    async fn values(&self, user: &User) -> Vec<String> {
        let found = of_user(&mut self.reader(), &self.permit, user.id.number()).await.expect("it reads");
        found.iter().map(|values| format!("{}={}", values.property, values.texts.join(","))).collect()
    }

    async fn count(&self, property: &Property) -> i64 {
        let total = Total::Property(property.id.number());
        totals::read(&mut self.store.reader(), self.directory().key, total).await.expect("it reads")
    }

    async fn verify(&self) {
        let report = verify::directory(&self.store, self.directory().key).await.expect("it reads");
        assert_eq!(report.differences, Vec::<String>::new());
    }
}

fn new(name: &str, kind: Kind, items: &[&str]) -> NewProperty {
    let items = items.iter().map(|value| NewItem::of(*value)).collect();
    NewProperty { items, ..NewProperty::named(PropertyName::new(name).expect("short"), kind) }
}

fn set(property: &str, text: &str) -> GivenText {
    GivenText { property: property.to_owned(), turn: Turn::Set(text.to_owned()) }
}

fn removed(property: &str) -> GivenText {
    GivenText { property: property.to_owned(), turn: Turn::Remove }
}

fn named(property: &Property) -> Named {
    Named { thing: Some(Thing::Handle(Handle::Whole(property.id))), text: "ufd_x".to_owned() }
}

fn text(text: &str) -> Option<PropertyText> {
    Some(PropertyText::new(text).expect("short"))
}

/// What was refused, short.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result.expect_err("it is refused") {
        Error::Taken(unique, text) => format!("Taken {unique:?} {text}"),
        Error::Missing(argument, text) => format!("Missing {argument:?} {text}"),
        Error::Unfit(argument, text) => format!("Unfit {argument:?} {text}"),
        Error::Required(text) => format!("Required {text}"),
        other => other.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_value_is_kept_and_shown_sealed_or_not() {
    let home = Home::new().await;
    for encrypted in [false, true] {
        let (name, long) = (if encrypted { "bo" } else { "al" }, "a".repeat(1_024));
        for (field, kind, items) in [
            ("text", Kind::Text, &[][..]),
            ("number", Kind::Number, &[]),
            ("truth", Kind::Truth, &[]),
            ("select", Kind::Select, &["a", "b"]),
            ("checkbox", Kind::Checkbox, &["a", "b", "c"]),
        ] {
            home.make(NewProperty { encrypted, ..new(&format!("{field}_{name}"), kind, items) }).await;
        }
        let field = |field: &str, value: &str| set(&format!("{field}_{name}"), value);
        let given = [
            field("TEXT", &long),
            field("number", "1.50"),
            field("truth", "true"),
            field("select", "b"),
            field("checkbox", r#"["c","a"]"#),
        ];
        let user = home.user(name, &given, true).await.expect("all fit");
        let shown = |values: [&str; 5]| -> Vec<String> {
            let fields = ["text", "number", "truth", "select", "checkbox"];
            fields.iter().zip(values).map(|(field, value)| format!("{field}_{name}={value}")).collect()
        };
        assert_eq!(home.values(&user).await, shown([&long, "1.50", "true", "b", "a,c"]));
        let own = rows::own(&mut home.store.reader(), home.directory().key, user.id.number()).await;
        for text in own.expect("it reads").into_iter().filter_map(|own| own.text) {
            assert_eq!(Keyring::sealed_under(&text), encrypted.then_some(1), "{text}");
        }
        assert!(!home.set(&user, &given).await.expect("all fit"), "nothing differs");

        let changes = [field("text", "y"), field("select", "a"), field("checkbox", "b")];
        assert!(home.set(&user, &changes).await.expect("all fit"));
        assert_eq!(home.values(&user).await, shown(["y", "1.50", "true", "a", "b"]));
        let removals = [removed(&format!("number_{name}")), field("checkbox", "[]")];
        assert!(home.set(&user, &removals).await.expect("nothing demands them"));
        assert!(!home.set(&user, &removals).await.expect("nothing is left"));
        let left = shown(["y", "", "true", "a", ""]).into_iter().filter(|field| !field.ends_with('='));
        assert_eq!(home.values(&user).await, left.collect::<Vec<_>>());
        home.verify().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_by_the_name_of_its_field() {
    let home = Home::new().await;
    home.make(new("age", Kind::Number, &[])).await;
    home.make(NewProperty { enabled: false, ..new("old", Kind::Text, &[]) }).await;
    home.make(NewProperty { required: true, ..new("job", Kind::Select, &["dev"]) }).await;

    let job = set("job", "dev");
    let cases: [(&[GivenText], &str); 5] = [
        (&[set("age", "x"), set("nobody", "1")], "Missing PropertyName nobody"),
        (&[job.clone(), set("old", "x")], "Missing PropertyName old"),
        (&[set("age", "x")], "Unfit PropertyValue age"),
        (&[set("age", "1"), set("AGE", "1")], "Unfit PropertyValue AGE"),
        (&[set("age", "1")], "Required job"),
    ];
    for (given, expected) in cases {
        assert_eq!(refused(home.user("al", given, true).await), expected);
    }
    let user = home.user("al", &[], false).await.expect("nobody demands it");
    assert!(!home.set(&user, &[removed("job")]).await.expect("there is none to remove"));
    assert!(home.set(&user, &[job]).await.expect("it fits"));
    assert_eq!(refused(home.set(&user, &[removed("job")]).await), "Required job");
    home.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_are_every_new_user_s_and_unique_ones_the_first_one_s() {
    let home = Home::new().await;
    home.make(NewProperty { default: text("dev"), required: true, ..new("job", Kind::Select, &["dev"]) })
        .await;
    for (name, kind) in [("desk", Kind::Select), ("seat", Kind::Text)] {
        home.make(NewProperty { default: text("one"), unique: true, ..new(name, kind, &["one"]) }).await;
    }

    let first = home.user("al", &[], true).await.expect("they have defaults");
    assert_eq!(home.values(&first).await, ["job=dev", "desk=one", "seat=one"]);
    assert_eq!(refused(home.user("bo", &[], true).await), "Taken PropertyValue desk");
    let second = home.user("bo", &[], false).await.expect("what is taken is left out");
    assert_eq!(home.values(&second).await, ["job=dev"]);
    home.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_value_is_one_user_s_however_it_lies() {
    let home = Home::new().await;
    let mut fields = Vec::new();
    for encrypted in [false, true] {
        for (kind, value) in [(Kind::Text, "x"), (Kind::Select, "a"), (Kind::Checkbox, r#"["b","a"]"#)] {
            let name = format!("{kind:?} {encrypted}");
            home.make(NewProperty { unique: true, encrypted, ..new(&name, kind, &["a", "b"]) }).await;
            fields.push((name, value));
        }
    }
    let all: Vec<GivenText> = fields.iter().map(|(name, value)| set(name, value)).collect();
    let al = home.user("al", &all, true).await.expect("they are free");
    let bo = home.user("bo", &[], true).await.expect("nothing is required");
    for (name, value) in &fields {
        let taken = format!("Taken PropertyValue {name}");
        assert_eq!(refused(home.user("cy", &[set(name, value)], true).await), taken);
        assert_eq!(refused(home.set(&bo, &[set(name, value)]).await), taken);
        assert!(!home.set(&al, &[set(name, value)]).await.expect("it is hers"));
        home.set(&al, &[removed(name)]).await.expect("it is hers");
        home.set(&bo, &[set(name, value)]).await.expect("it is free");
    }
    home.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_out_of_use_hides_its_values_and_a_removed_one_has_none() {
    let home = Home::new().await;
    let text = home.make(NewProperty { encrypted: true, ..new("text", Kind::Text, &[]) }).await;
    let job = home.make(new("job", Kind::Checkbox, &["dev"])).await;
    let user = home.user("al", &[set("text", "x"), set("job", "dev")], true).await.expect("they fit");

    for (enabled, shown) in [(false, &["job=dev"][..]), (true, &["text=x", "job=dev"])] {
        let mut change = home.change();
        let changed = enable(&mut change, &home.permit, &named(&text), enabled).await.expect("it is there");
        change.commit(&home.permit).await.expect("it is written");
        assert_eq!(changed.enabled, enabled);
        assert_eq!(home.values(&user).await, shown);
    }
    assert_eq!((home.count(&text).await, home.count(&job).await), (1, 1));

    for property in [&text, &job] {
        let mut change = home.change();
        remove_id(&mut change, &home.permit, &named(property)).await.expect("it is there");
        change.commit(&home.permit).await.expect("it is written");
        assert_eq!(
            refused(by_id(&mut home.reader(), &home.permit, &named(property)).await),
            "Missing Property ufd_x"
        );
    }
    assert_eq!(home.values(&user).await, Vec::<String>::new());
    home.verify().await;
    assert!(!crate::sweep::sweep(&home.store, &home.tools, AT).await.expect("it works"));
    assert_eq!((home.count(&text).await, home.count(&job).await), (0, 0));
    home.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_s_name_is_free_and_its_default_fits() {
    let home = Home::new().await;
    let cases = [
        (new("Email", Kind::Text, &[]), "Taken PropertyName Email"),
        (NewProperty { default: text("x"), ..new("age", Kind::Number, &[]) }, "Unfit PropertyValue x"),
        (NewProperty { default: text("c"), ..new("job", Kind::Select, &["a"]) }, "Unfit PropertyValue c"),
    ];
    for (new, expected) in cases {
        let mut change = home.change();
        assert_eq!(refused(create(&mut change, &home.permit, &new, NO_LIMITS).await), expected);
    }
}
