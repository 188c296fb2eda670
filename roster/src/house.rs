//! The house that every command works in: the folder, the keys, the store, the tools.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use access::access_keys::{self, NewKey};
use access::keyring::{Keyring, KeyringError};
use access::passwords::Hasher;
use access::{Keys, Tools};
use directory::first_start::first_start;
use model::AccountUid;
use model::account::Directory;
use store::directories::ListedAccount;
use store::{Store, directories};

use crate::settings::House;
use crate::surroundings::{self, Surroundings};
use crate::trouble::Trouble;

/// Passwords that may wait for each hashing thread: about as long as an SDK waits for an answer.
const QUEUE_PER_THREAD: usize = 400;

/// An open house.
pub struct Open {
    /// The store.
    pub store: Store,
    /// What changes are made with.
    pub tools: Arc<Tools>,
}

/// Makes the folder where it is not there, for its owner alone.
///
/// # Errors
/// `File` where it cannot be made or written.
pub fn make_folder(folder: &Path) -> Result<(), Trouble> {
    let trouble = |source| Trouble::File { doing: "make the folder", path: folder.to_owned(), source };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(trouble)
}

/// Takes the folder for one server. It is free again when the file is dropped, also by a kill.
///
/// # Errors
/// `InUse` where another server has it, `File` where the lock cannot be made.
pub fn lock(folder: &Path) -> Result<File, Trouble> {
    let path = folder.join("lock");
    let trouble = |source| Trouble::File { doing: "write", path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(trouble)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Trouble::InUse(folder.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(trouble(source)),
    }
}

/// Opens the house. Keys are made with `make_keys`, and only where there is nothing yet that other keys have sealed.
///
/// # Errors
/// Of the keys and the store; `NoAccount` where a command has come too early.
pub async fn open(house: &House, make_keys: bool) -> Result<Open, Trouble> {
    if !make_keys && house.folder.as_ref().is_some_and(|folder| !folder.join("roster.db").exists()) {
        return Err(Trouble::NoAccount);
    }
    let store = Store::open(&house.place).await?;
    let is_new = directories::first_account(&mut store.reader()).await?.is_none();
    let keyring = match Keyring::open(&house.keys) {
        Err(KeyringError::Missing(_)) if make_keys && is_new => make(&house.keys)?,
        opened => opened?,
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let tools = Arc::new(Tools {
        ids: surroundings::ids(),
        hasher: Hasher::new(threads, threads * QUEUE_PER_THREAD)?,
        chance: Box::new(surroundings::chance),
        keys: Keys::new(house.keys.clone(), keyring),
        signing: access::signing_keys::SigningKeys::default(),
        guesses: access::guesses::Guesses::new(house.lockout),
        held: access::Held::default(),
    });
    Ok(Open { store, tools })
}

/// Makes the file of keys; where another node was faster, reads its.
fn make(file: &Path) -> Result<Keyring, Trouble> {
    match Keyring::create(file, surroundings::chance().as_mut()) {
        Err(KeyringError::Exists(_)) => Ok(Keyring::open(file)?),
        made => Ok(made?),
    }
}

impl Open {
    /// Makes the account, its directory and its first key, where there is none; the key, if it was made up here.
    ///
    /// # Errors
    /// Of the store, or where the key cannot be written down.
    pub async fn first_start(
        &self,
        surroundings: &Surroundings,
        folder: Option<&Path>,
    ) -> Result<Option<NewKey>, Trouble> {
        let now = (surroundings.clock)();
        if let Some(given) = &surroundings.first_key {
            first_start(&self.store, &self.tools, given, now).await?;
            return Ok(None);
        }
        if directories::first_account(&mut self.store.reader()).await?.is_some() {
            return Ok(None);
        }
        let key = NewKey::generate((self.tools.chance)().as_mut());
        // Before the account is made: a key that cannot be written down would be lost.
        if let Some(folder) = folder {
            write_credentials(folder, &key)?;
        }
        if first_start(&self.store, &self.tools, &key, now).await? {
            return Ok(Some(key));
        }
        Ok(None)
    }

    /// Whether these are the keys that the accounts' secrets were sealed under.
    ///
    /// # Errors
    /// `Sealed` where they are others: with them every call would fail.
    pub async fn check_keys(&self) -> Result<(), Trouble> {
        let mut reader = self.store.reader();
        for account in directories::accounts(&mut reader).await? {
            access_keys::openable(&mut reader, &self.tools.keys.now(), account.uid).await?;
        }
        Ok(())
    }

    /// The account of this uid or name; without one the only account that there is.
    ///
    /// # Errors
    /// `NoAccount` before the first start; `NoSuchAccount`; `WhichAccount`.
    pub async fn account(&self, named: Option<&str>) -> Result<ListedAccount, Trouble> {
        let mut accounts = directories::accounts(&mut self.store.reader()).await?;
        if let Some(named) = named {
            // The uid first: no name may come between an account and its number.
            let by_uid = accounts.iter().position(|account| account.uid.0.to_string() == named);
            let found = by_uid.or_else(|| accounts.iter().position(|account| account.name == named));
            return found
                .map(|at| accounts.swap_remove(at))
                .ok_or_else(|| Trouble::NoSuchAccount(named.to_owned()));
        }
        match (accounts.pop(), accounts.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(Trouble::WhichAccount),
            (None, _) => Err(Trouble::NoAccount),
        }
    }

    /// The default directory of an account.
    ///
    /// # Errors
    /// `NoAccount` where it has none.
    pub async fn directory_of(&self, account: AccountUid) -> Result<Directory, Trouble> {
        directories::default_of(&mut self.store.reader(), account).await?.ok_or(Trouble::NoAccount)
    }

    /// The default directory of the only account.
    ///
    /// # Errors
    /// As of [`Open::account`].
    pub async fn default_directory(&self) -> Result<Directory, Trouble> {
        self.directory_of(self.account(None).await?.uid).await
    }
}

/// Where the first root key is kept until somebody deletes the file.
pub fn credentials(folder: &Path) -> PathBuf {
    folder.join("credentials")
}

fn write_credentials(folder: &Path, key: &NewKey) -> Result<(), Trouble> {
    let path = credentials(folder);
    let trouble = |source| Trouble::File { doing: "write", path: path.clone(), source };
    let text =
        format!("AccessKeyId={}\nAccessKeySecret={}\n", key.id, key.secret.reveal_text().unwrap_or_default());
    // A file of an earlier try keeps its mode, so it goes first.
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => return Err(trouble(source)),
        _ => {}
    }
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    });
    written.map_err(trouble)
}
