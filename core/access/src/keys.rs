//! The installation's keys as a running process holds them: read at its start, and again where another process
//! has added one.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use model::Secret;

use crate::keyring::{Keyring, KeyringError, Place, SealError};

/// The keys that are in use, and the file they come from.
pub struct Keys {
    file: PathBuf,
    held: RwLock<Arc<Keyring>>,
}

/// Why a sealed value cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// It was sealed under a key that the installation does not hold, or was tampered with.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The keys could not be read again.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl Keys {
    /// The keys of `file`, as read.
    pub fn new(file: PathBuf, keyring: Keyring) -> Self {
        Self { file, held: RwLock::new(Arc::new(keyring)) }
    }

    /// The keys now.
    pub fn now(&self) -> Arc<Keyring> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again: something was sealed under a key that is not known here.
    ///
    /// # Errors
    /// Of the file; the keys stay what they were.
    pub fn read_again(&self) -> Result<Arc<Keyring>, KeyringError> {
        let newer = Arc::new(Keyring::open(&self.file)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&newer);
        Ok(newer)
    }

    /// Opens what was sealed for `place`, also where another process has added the key since the file was read.
    ///
    /// # Errors
    /// `Sealed`; `Keyring` where the file had to be read again and could not be.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret, Closed> {
        match self.now().unseal(place, sealed) {
            Err(SealError::UnknownKey(_)) => Ok(self.read_again()?.unseal(place, sealed)?),
            opened => Ok(opened?),
        }
    }
}
