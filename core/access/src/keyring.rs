//! The installation's keys: the file they lie in, and what is sealed, signed and digested with them.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use model::Secret;
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The bytes of a master key and of every key derived from it.
const KEY_BYTES: usize = 32;
/// The bytes of an XChaCha20 nonce: long enough to be drawn at random for every value.
const NONCE_BYTES: usize = 24;

/// The installation's numbered keys, of which the one with the highest number is in use.
///
/// They lie in a text file, one key a line: the number, a space and 32 random bytes in base64; a line
/// that begins with `#` is a comment. From each master key come six keys, one for each use, so that what
/// one use gives away says nothing about another.
pub struct Keyring {
    /// By ascending number, never empty.
    keys: Vec<Key>,
}

/// Where a sealed value lies. A value opens only in the place that it was sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The row's key, as text.
    pub row: &'a str,
    /// The column's name.
    pub column: &'a str,
}

/// What a message authentication code is for; codes of one purpose mean nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens that callers hold for us: page tokens, sessions, links.
    Tokens,
    /// The chain over the audit trail.
    Audit,
    /// What is remembered of a call that its caller has marked.
    Calls,
}

/// Why a key file cannot be used. No variant holds a key or a part of one.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is no key file.
    #[error("{}: there is no key file", .0.display())]
    Missing(PathBuf),
    /// A new key file was asked for where one is already.
    #[error("{}: there is a key file already", .0.display())]
    Exists(PathBuf),
    /// Others than its owner may read or write the file.
    #[error("{}: others than its owner may use the key file (mode {mode:03o}); run chmod 600 on it", path.display())]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold keys.
    #[error("{}: {fault}", path.display())]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// What is wrong with its text.
        fault: TextFault,
    },
    /// The highest number there is, is taken.
    #[error("{}: no number is left for another key", .0.display())]
    Full(PathBuf),
    /// The operating system refused.
    #[error("{}: cannot {doing} the key file: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`.
        doing: &'static str,
        /// The key file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What is wrong with the text of a key file; lines count from 1.
///
/// The offending text is not repeated: whatever stands on a wrong line may be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// The line does not begin with a number from 1 to 4294967295 and a space.
    #[error("line {0}: a number from 1 on and a key were expected, with a space between them")]
    Number(usize),
    /// What follows the number is not 32 bytes in base64.
    #[error("line {0}: the key is not 32 bytes in base64")]
    Key(usize),
    /// The number stands on an earlier line too.
    #[error("line {0}: the number is used twice")]
    Twice(usize),
    /// There is no key at all.
    #[error("there is no key in it")]
    Empty,
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed under a key that the key file does not hold.
    #[error("sealed under key {0}, which the key file does not hold")]
    UnknownKey(u32),
    /// It is not a sealed value.
    #[error("not a sealed value")]
    Malformed,
    /// It was changed, or sealed for another place or under another key of that number.
    #[error("the sealed value was changed, moved or sealed under other keys")]
    Forged,
}

impl Keyring {
    /// Makes a key file with one key, readable by its owner alone, and opens it.
    ///
    /// The file appears whole and on disk or not at all. Where several processes create it at once, one
    /// wins and the others get `Exists`, upon which they can open what the winner wrote.
    ///
    /// # Errors
    /// `Exists` where there is a file already, which is left as it is; `Io`.
    pub fn create(path: &Path, rng: &mut dyn CryptoRng) -> Result<Self, KeyringError> {
        let mut text = Zeroizing::new(String::from(HEADING));
        push_line(&mut text, 1, rng);
        let keyring = Self::from_text(&text).expect("the text was just written by the rules");

        let draft = Draft::write(path, &text, rng).map_err(|source| failed("write", path, source))?;
        draft.publish(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyringError::Exists(path.to_owned()),
            _ => failed("write", path, source),
        })?;
        Ok(keyring)
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// `Missing`, `Exposed` (on Unix), `Malformed`, `Io`.
    pub fn open(path: &Path) -> Result<Self, KeyringError> {
        let mut file = File::open(path).map_err(|source| not_opened(path, source))?;
        read(&mut file, path).and_then(|text| parse(path, &text))
    }

    /// Adds a key to the file, which becomes the one in use, and opens the result; the other keys stay.
    ///
    /// At every instant the file holds the old keys or the old ones and the new one, and rotations that
    /// run at once each add their own. Other processes see the new key when they open the file again.
    ///
    /// # Errors
    /// As for [`Keyring::open`], and `Full`.
    pub fn rotate(path: &Path, rng: &mut dyn CryptoRng) -> Result<Self, KeyringError> {
        // The file itself is replaced, not a symbolic link to it.
        let path = &fs::canonicalize(path).map_err(|source| not_opened(path, source))?;
        let mut held = hold(path).map_err(|source| not_opened(path, source))?;
        let mut text = read(&mut held, path)?;
        let number =
            parse(path, &text)?.current().checked_add(1).ok_or_else(|| KeyringError::Full(path.clone()))?;
        if !text.ends_with('\n') {
            push(&mut text, "\n");
        }
        push_line(&mut text, number, rng);
        let keyring = parse(path, &text)?;

        let draft = Draft::write(path, &text, rng).map_err(|source| failed("write", path, source))?;
        draft.replace(path, &held).map_err(|source| failed("write", path, source))?;
        Ok(keyring)
    }

    /// Reads keys from the text of a key file.
    ///
    /// # Errors
    /// Says which line is wrong, and never what stands there.
    pub fn from_text(text: &str) -> Result<Self, TextFault> {
        let mut keys = Vec::<Key>::new();
        for (at, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (number, encoded) = line.split_once(' ').ok_or(TextFault::Number(at))?;
            let number = key_number(number).ok_or(TextFault::Number(at))?;
            let master = master_key(encoded.trim_start()).ok_or(TextFault::Key(at))?;
            if keys.iter().any(|key| key.number == number) {
                return Err(TextFault::Twice(at));
            }
            keys.push(Key::derive(number, &master));
        }
        keys.sort_by_key(|key| key.number);
        if keys.is_empty() { Err(TextFault::Empty) } else { Ok(Self { keys }) }
    }

    /// The number of the key in use.
    pub fn current(&self) -> u32 {
        self.newest().number
    }

    /// Encrypts `plaintext` for `place` under the key in use: `<key number>:<base64 of nonce and ciphertext>`.
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8], rng: &mut dyn CryptoRng) -> String {
        let key = self.newest();
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let ciphertext = key
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &place.bound() })
            .expect("a value is shorter than the cipher's limit of 256 GiB");
        format!("{}:{}", key.number, STANDARD.encode([&nonce[..], &ciphertext].concat()))
    }

    /// Decrypts what [`Keyring::seal`] made for the same place, under whichever key of the ring it was.
    ///
    /// # Errors
    /// `Malformed` where it is no sealed text, `UnknownKey` where its key is not in the ring, `Forged` where
    /// the text, the place or the key is not the one of the sealing.
    pub fn unseal(&self, place: Place<'_>, sealed: &str) -> Result<Secret, SealError> {
        let (number, encoded) = split(sealed).ok_or(SealError::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SealError::Malformed)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Malformed)?;
        let key = self.numbered(number).ok_or(SealError::UnknownKey(number))?;
        key.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: &place.bound() })
            .map(Secret::new)
            .map_err(|_| SealError::Forged)
    }

    /// The number of the key that `sealed` was sealed under, so that a sweep finds what an older key sealed;
    /// `None` where it is not a sealed value.
    pub fn sealed_under(sealed: &str) -> Option<u32> {
        split(sealed).map(|(number, _)| number)
    }

    /// A message authentication code (HMAC-SHA256) over `parts` under the key in use; its number is
    /// [`Keyring::current`], to be kept with the code.
    ///
    /// The parts' lengths are covered: `["a", "bc"]` and `["ab", "c"]` have different codes. Compare codes in
    /// constant time.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        self.newest().mac(purpose, parts)
    }

    /// The code over `parts` under the key `number`, to check one that was made before a rotation; `None`
    /// where the ring does not hold that key.
    pub fn mac_with(&self, number: u32, purpose: Purpose, parts: &[&[u8]]) -> Option<[u8; 32]> {
        self.numbered(number).map(|key| key.mac(purpose, parts))
    }

    /// What is remembered of an accepted request: 64 bits of a keyed digest of the AccessKey's id and the
    /// request's nonce (or signature, where it has no nonce).
    ///
    /// The key is the one with the *lowest* number: under the newest one, what was accepted before a
    /// rotation would look new after it, and could be replayed until its clock window has passed. For the
    /// same reason an old key is not to be taken out of the file while requests are served.
    pub fn replay_hash(&self, access_key: &str, nonce: &str) -> i64 {
        let code = authenticate(&self.oldest().replay, &[access_key.as_bytes(), nonce.as_bytes()]);
        let (first, _) = code.split_first_chunk().expect("the code has 32 bytes");
        i64::from_be_bytes(*first)
    }

    /// A keyed digest of `parts` that stays the same for good, so that equal ones can be found where they lie: the
    /// parts' lengths are covered, as in [`Keyring::mac`].
    ///
    /// The key is the one with the *lowest* number: under the newest one, what was digested before a rotation would
    /// look new after it. For the same reason the oldest key is never to be taken out of the file.
    pub fn lasting_digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        authenticate(&self.oldest().digests, parts)
    }

    fn oldest(&self) -> &Key {
        self.keys.first().expect("a keyring is never empty")
    }

    fn newest(&self) -> &Key {
        self.keys.last().expect("a keyring is never empty")
    }

    fn numbered(&self, number: u32) -> Option<&Key> {
        self.keys.iter().find(|key| key.number == number)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring of ")?;
        f.debug_list().entries(self.keys.iter().map(|key| key.number)).finish()
    }
}

impl Place<'_> {
    /// The place as associated data: each part behind its length, so that none can borrow from its neighbour.
    fn bound(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [self.table, self.row, self.column] {
            bytes.extend_from_slice(&length(part.as_bytes()));
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// What comes of one master key, which is itself not kept.
struct Key {
    number: u32,
    secrets: Zeroizing<[u8; KEY_BYTES]>,
    tokens: Zeroizing<[u8; KEY_BYTES]>,
    audit: Zeroizing<[u8; KEY_BYTES]>,
    replay: Zeroizing<[u8; KEY_BYTES]>,
    calls: Zeroizing<[u8; KEY_BYTES]>,
    digests: Zeroizing<[u8; KEY_BYTES]>,
}

impl Key {
    fn derive(number: u32, master: &[u8; KEY_BYTES]) -> Self {
        // A master key is uniformly random: HKDF needs no salt.
        let hkdf = Hkdf::<Sha256>::new(None, master);
        let purpose = |info: &str| {
            let mut key = Zeroizing::new([0; KEY_BYTES]);
            hkdf.expand(info.as_bytes(), key.as_mut()).expect("32 bytes are within HKDF's limit");
            key
        };
        Self {
            number,
            secrets: purpose("roster secrets"),
            tokens: purpose("roster tokens"),
            audit: purpose("roster audit"),
            replay: purpose("roster replay"),
            calls: purpose("roster calls"),
            digests: purpose("roster digests"),
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.secrets).into())
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::Tokens => &self.tokens,
            Purpose::Audit => &self.audit,
            Purpose::Calls => &self.calls,
        };
        authenticate(key, parts)
    }
}

fn authenticate(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&length(part));
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_le_bytes()
}

/// Takes a sealed value apart: the key's number, and base64.
fn split(sealed: &str) -> Option<(u32, &str)> {
    let (number, encoded) = sealed.split_once(':')?;
    Some((key_number(number)?, encoded))
}

/// Reads a key's number in its one spelling: no sign, no leading zero.
fn key_number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok()).flatten()
}

fn master_key(encoded: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let mut master = Zeroizing::new([0; KEY_BYTES]);
    if bytes.len() != KEY_BYTES {
        return None;
    }
    master.copy_from_slice(&bytes);
    Some(master)
}

const HEADING: &str = "\
# The keys of this Roster installation. Whoever reads them can read what it keeps encrypted, and without
# them nobody can: keep a copy, apart from the database's. The highest number is the key in use.
";

/// Adds the line of a new key.
fn push_line(text: &mut Zeroizing<String>, number: u32, rng: &mut dyn CryptoRng) {
    let mut master = Zeroizing::new([0; KEY_BYTES]);
    rng.fill_bytes(master.as_mut());
    let encoded = Zeroizing::new(STANDARD.encode(master.as_ref()));
    let line = Zeroizing::new(format!("{number} {}\n", *encoded));
    push(text, &line);
}

/// Adds to a text that holds keys: a string that grew in place would leave its old bytes behind unwiped.
fn push(text: &mut Zeroizing<String>, more: &str) {
    let mut longer = Zeroizing::new(String::with_capacity(text.len() + more.len()));
    longer.push_str(text);
    longer.push_str(more);
    *text = longer;
}

fn parse(path: &Path, text: &str) -> Result<Keyring, KeyringError> {
    Keyring::from_text(text).map_err(|fault| KeyringError::Malformed { path: path.to_owned(), fault })
}

/// Reads the whole of an open key file, unless others may use it.
fn read(file: &mut File, path: &Path) -> Result<Zeroizing<String>, KeyringError> {
    let metadata = file.metadata().map_err(|source| failed("read", path, source))?;
    if let Some(mode) = exposed(&metadata) {
        return Err(KeyringError::Exposed { path: path.to_owned(), mode });
    }
    // One byte more than the file has, so that reading up to its end does not grow the string.
    let size = usize::try_from(metadata.len()).unwrap_or(0);
    let mut text = Zeroizing::new(String::with_capacity(size.saturating_add(1)));
    file.read_to_string(&mut text).map_err(|source| failed("read", path, source))?;
    Ok(text)
}

fn not_opened(path: &Path, source: io::Error) -> KeyringError {
    match source.kind() {
        io::ErrorKind::NotFound => KeyringError::Missing(path.to_owned()),
        _ => failed("read", path, source),
    }
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> KeyringError {
    KeyringError::Io { doing, path: path.to_owned(), source }
}

/// Opens the key file and keeps other rotations out until it is closed.
fn hold(path: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        file.lock()?;
        // Who waited for the lock may hold a file that another rotation has replaced meanwhile.
        if is_same(&file.metadata()?, &fs::metadata(path)?) {
            return Ok(file);
        }
    }
}

/// A finished file under a temporary name beside its place; removed when it does not get there.
struct Draft {
    file: File,
    path: PathBuf,
}

impl Draft {
    fn write(beside: &Path, text: &str, rng: &mut dyn CryptoRng) -> io::Result<Self> {
        let mut name = beside.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        name.push(format!(".{:016x}.new", rng.next_u64()));
        let path = beside.with_file_name(name);
        let mut draft = Self { file: create_private(&path)?, path };
        draft.file.write_all(text.as_bytes())?;
        draft.file.sync_all()?;
        Ok(draft)
    }

    /// Gives the file its name where nothing has that name yet. A link refuses a taken name; a rename
    /// would overwrite it.
    fn publish(self, name: &Path) -> io::Result<()> {
        fs::hard_link(&self.path, name)?;
        sync_folder(name)
    }

    /// Puts the file in the place of `old`, for the same owner.
    fn replace(self, name: &Path, old: &File) -> io::Result<()> {
        give_to_owner_of(&self.file, old)?;
        fs::rename(&self.path, name)?;
        sync_folder(name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename nothing is left to remove; otherwise a failure leaves a file that only its owner
        // reads, and the error that matters is on its way already.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The permission bits, where they let others than the owner use the file.
#[cfg(unix)]
fn exposed(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn exposed(_: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

/// Keeps a rotation by the machine's administrator from locking out the account that serves.
#[cfg(unix)]
fn give_to_owner_of(file: &File, old: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let (now, wanted) = (file.metadata()?, old.metadata()?);
    if now.uid() == wanted.uid() {
        return Ok(());
    }
    fchown(file, Some(wanted.uid()), Some(wanted.gid()))
}

#[cfg(not(unix))]
fn give_to_owner_of(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

/// Puts the names in the folder of `path` on disk.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const PLACE: Place<'_> = Place { table: "access_keys", row: "LTAI5t", column: "secret" };

    fn chance(seed: u64) -> StdRng {
        StdRng::seed_from_u64(seed)
    }

    /// Key `number` is 32 times the byte `number`.
    fn line(number: u32) -> String {
        format!("{number} {}\n", STANDARD.encode([number.to_le_bytes()[0]; KEY_BYTES]))
    }

    fn ring(numbers: &[u32]) -> Keyring {
        let text: String = numbers.iter().map(|number| line(*number)).collect();
        Keyring::from_text(&text).expect("the text is well formed")
    }

    fn text(secret: &Secret) -> &str {
        secret.reveal_text().expect("the test seals text")
    }

    #[test]
    fn a_key_file_is_read_line_by_line() {
        let key = STANDARD.encode([7; KEY_BYTES]);
        let short = STANDARD.encode([7; KEY_BYTES - 1]);
        let long = STANDARD.encode([7; KEY_BYTES + 1]);
        let cases = [
            (format!("1 {key}"), Ok(1)),
            (format!("# a comment\n\n3 {key}\r\n  2   {key}  \n"), Ok(3)),
            (format!("4294967295 {key}\n"), Ok(u32::MAX)),
            (String::new(), Err(TextFault::Empty)),
            ("# only this\n".to_owned(), Err(TextFault::Empty)),
            (format!("# first\n{key}\n"), Err(TextFault::Number(2))),
            (format!("0 {key}"), Err(TextFault::Number(1))),
            (format!("01 {key}"), Err(TextFault::Number(1))),
            (format!("+1 {key}"), Err(TextFault::Number(1))),
            (format!("4294967296 {key}"), Err(TextFault::Number(1))),
            (format!("1\t{key}"), Err(TextFault::Number(1))),
            ("1 ".to_owned(), Err(TextFault::Number(1))),
            (format!("1 {short}"), Err(TextFault::Key(1))),
            (format!("1 {long}"), Err(TextFault::Key(1))),
            (format!("1 {key} {key}"), Err(TextFault::Key(1))),
            ("1 not,base64".to_owned(), Err(TextFault::Key(1))),
            (format!("1 {key}\n2 {key}\n1 {key}\n"), Err(TextFault::Twice(3))),
        ];
        for (text, expected) in cases {
            assert_eq!(Keyring::from_text(&text).map(|ring| ring.current()), expected, "{text}");
        }
    }

    #[test]
    fn nothing_prints_a_key() {
        let ring = ring(&[1, 2]);

        assert_eq!(format!("{ring:?}"), "Keyring of [1, 2]");
        let fault = Keyring::from_text("c2VjcmV0c2VjcmV0").expect_err("there is no number");
        assert!(!format!("{fault} {fault:?}").contains("c2Vj"));
    }

    #[test]
    fn what_is_sealed_opens_in_its_place() {
        let ring = ring(&[1]);
        for plaintext in ["", "hunter2", "密码"] {
            let sealed = ring.seal(PLACE, plaintext.as_bytes(), &mut chance(1));

            assert!(sealed.starts_with("1:"), "{sealed}");
            assert_eq!(text(&ring.unseal(PLACE, &sealed).expect("nothing was changed")), plaintext);
        }
    }

    #[test]
    fn two_sealings_of_one_value_differ() {
        let (ring, mut chance) = (ring(&[1]), chance(1));

        assert_ne!(ring.seal(PLACE, b"x", &mut chance), ring.seal(PLACE, b"x", &mut chance));
    }

    #[test]
    fn what_is_sealed_opens_nowhere_else() {
        let ring = ring(&[1]);
        let sealed = ring.seal(PLACE, b"hunter2", &mut chance(1));
        let elsewhere = [
            Place { table: "users", ..PLACE },
            Place { row: "LTAI5u", ..PLACE },
            Place { column: "token", ..PLACE },
            Place { table: "access_key", row: "sLTAI5t", ..PLACE },
            Place { row: "LTAI5tsecret", column: "", ..PLACE },
            Place { table: PLACE.row, row: PLACE.table, ..PLACE },
        ];
        for place in elsewhere {
            assert_eq!(
                ring.unseal(place, &sealed).expect_err("another place"),
                SealError::Forged,
                "{place:?}"
            );
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let ring = ring(&[1]);
        let sealed = ring.seal(PLACE, b"hunter2", &mut chance(1));
        let bytes = STANDARD.decode(&sealed[2..]).expect("the rest is base64");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = format!("1:{}", STANDARD.encode(changed));

            assert_eq!(
                ring.unseal(PLACE, &changed).expect_err("a byte was changed"),
                SealError::Forged,
                "{at}"
            );
        }
    }

    #[test]
    fn what_is_no_sealed_value_says_why() {
        let ring = ring(&[1, 2]);
        let sealed = ring.seal(PLACE, b"hunter2", &mut chance(1));
        let body = &sealed[2..];
        let cases = [
            (format!("1:{body}"), SealError::Forged),
            (format!("3:{body}"), SealError::UnknownKey(3)),
            (format!("02:{body}"), SealError::Malformed),
            (format!("+2:{body}"), SealError::Malformed),
            (format!("-2:{body}"), SealError::Malformed),
            (body.to_owned(), SealError::Malformed),
            (format!(":{body}"), SealError::Malformed),
            (format!("2:{body}="), SealError::Malformed),
            (format!("2: {body}"), SealError::Malformed),
            ("2:".to_owned(), SealError::Malformed),
            (format!("2:{}", STANDARD.encode([0; NONCE_BYTES - 1])), SealError::Malformed),
            (format!("2:{}", STANDARD.encode([0; NONCE_BYTES])), SealError::Forged),
            (String::new(), SealError::Malformed),
        ];
        for (sealed, expected) in cases {
            assert_eq!(ring.unseal(PLACE, &sealed).expect_err("it does not open"), expected, "{sealed}");
        }
    }

    #[test]
    fn a_value_tells_which_key_sealed_it() {
        let sealed = ring(&[1, 7]).seal(PLACE, b"x", &mut chance(1));

        assert_eq!(Keyring::sealed_under(&sealed), Some(7));
        assert_eq!(Keyring::sealed_under("x:y"), None);
    }

    #[test]
    fn codes_cover_purpose_key_and_the_parts_lengths() {
        let ring = ring(&[1, 2]);
        let code = ring.mac(Purpose::Tokens, &[b"ab", b"c"]);
        let others = [
            ring.mac(Purpose::Audit, &[b"ab", b"c"]),
            ring.mac(Purpose::Tokens, &[b"a", b"bc"]),
            ring.mac(Purpose::Tokens, &[b"abc"]),
            ring.mac(Purpose::Tokens, &[b"ab", b"c", b""]),
            ring.mac_with(1, Purpose::Tokens, &[b"ab", b"c"]).expect("key 1 is there"),
        ];

        assert_eq!(ring.mac_with(2, Purpose::Tokens, &[b"ab", b"c"]), Some(code));
        assert_eq!(ring.mac_with(3, Purpose::Tokens, &[b"ab", b"c"]), None);
        assert!(!others.contains(&code));
    }

    #[test]
    fn keys_and_codes_stay_what_they_are_from_release_to_release() {
        let ring = ring(&[1]);
        // Made by other implementations of HKDF, HMAC and XChaCha20-Poly1305, of the key of 32 bytes 0x01.
        let expected = "24c5235c7bb90f2b5609a527409a9c97826cc96f4d7af45fe97ea9ea3ae99be8";

        let code: String =
            ring.mac(Purpose::Tokens, &[b"ab", b"c"]).iter().map(|byte| format!("{byte:02x}")).collect();

        assert_eq!(code, expected);
        assert_eq!(ring.replay_hash("LTAI5t", "nonce"), 7_344_307_902_527_164_640);
        let sealed = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXahxsGIorY8Jbx5QsAbTckcd4ZXsRrPE=";
        assert_eq!(text(&ring.unseal(PLACE, sealed).expect("the same algorithms")), "hunter2");
    }

    #[test]
    fn a_rotation_forgets_no_request() {
        let before = ring(&[1]).replay_hash("LTAI5t", "nonce");

        assert_eq!(ring(&[1, 2]).replay_hash("LTAI5t", "nonce"), before);
        assert_ne!(ring(&[2]).replay_hash("LTAI5t", "nonce"), before);
        assert_ne!(ring(&[1]).replay_hash("LTAI5tn", "once"), before);
    }

    #[test]
    fn a_rotation_changes_no_digest() {
        let digest = |numbers: &[u32], parts: &[&[u8]]| ring(numbers).lasting_digest(parts);
        let before = digest(&[1], &[b"7", b"A-1"]);

        assert_eq!(digest(&[1, 2], &[b"7", b"A-1"]), before);
        assert_ne!(digest(&[2], &[b"7", b"A-1"]), before);
        assert_ne!(digest(&[1], &[b"7A", b"-1"]), before);
        assert_ne!(ring(&[1]).mac(Purpose::Calls, &[b"7", b"A-1"]), before);
    }

    #[test]
    fn a_created_file_opens_and_holds_one_key() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        assert!(matches!(Keyring::open(&path), Err(KeyringError::Missing(_))));

        let created = Keyring::create(&path, &mut chance(1)).expect("nothing is there");

        let sealed = created.seal(PLACE, b"hunter2", &mut chance(2));
        let opened = Keyring::open(&path).expect("it was just created");
        assert_eq!(
            (opened.current(), text(&opened.unseal(PLACE, &sealed).expect("the same key"))),
            (1, "hunter2")
        );
        assert_eq!(names(folder.path()), ["keys"]);
        let text = fs::read_to_string(&path).expect("it is text");
        assert_eq!(text.lines().filter(|line| !line.starts_with('#')).count(), 1);
    }

    #[test]
    fn a_file_that_exists_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        fs::write(&path, "something else").expect("the folder is ours");

        let error = Keyring::create(&path, &mut chance(1)).expect_err("the name is taken");

        assert!(matches!(error, KeyringError::Exists(_)), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("it is still there"), "something else");
        assert_eq!(names(folder.path()), ["keys"]);
    }

    #[test]
    fn of_many_who_create_at_once_one_wins_and_all_hold_its_key() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = &folder.path().join("keys");
        let start = &Barrier::new(8);
        let create = |seed| {
            start.wait();
            let made = Keyring::create(path, &mut chance(seed));
            let won = made.is_ok();
            let ring = match made {
                Err(KeyringError::Exists(_)) => Keyring::open(path),
                made => made,
            };
            (won, ring.expect("the file is whole as soon as it is there").mac(Purpose::Tokens, &[]))
        };

        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|seed| scope.spawn(move || create(seed))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
        });

        assert_eq!(made.iter().filter(|(won, _)| *won).count(), 1);
        assert!(made.iter().all(|(_, code)| *code == made[0].1));
        assert_eq!(names(folder.path()), ["keys"]);
    }

    #[test]
    fn a_rotation_keeps_what_was_sealed_readable() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        let before = Keyring::create(&path, &mut chance(1)).expect("nothing is there");
        let sealed = before.seal(PLACE, b"hunter2", &mut chance(2));

        let after = Keyring::rotate(&path, &mut chance(3)).expect("the file is good");

        let opened = Keyring::open(&path).expect("the file is still good");
        for ring in [&after, &opened] {
            assert_eq!(ring.current(), 2);
            assert_eq!(text(&ring.unseal(PLACE, &sealed).expect("key 1 is still there")), "hunter2");
            assert_eq!(ring.replay_hash("a", "b"), before.replay_hash("a", "b"));
        }
        let resealed = after.seal(PLACE, b"hunter2", &mut chance(4));
        assert_eq!(Keyring::sealed_under(&resealed), Some(2));
        assert_eq!(before.unseal(PLACE, &resealed).expect_err("key 2 is new"), SealError::UnknownKey(2));
        assert_eq!(names(folder.path()), ["keys"]);
    }

    #[test]
    fn a_rotation_keeps_comments_and_gaps() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        let old = format!("# ours\n{}{}# the end", line(9), line(4));
        write_private(&path, &old);

        let ring = Keyring::rotate(&path, &mut chance(1)).expect("the file is good");

        assert_eq!(format!("{ring:?}"), "Keyring of [4, 9, 10]");
        let text = fs::read_to_string(&path).expect("it is text");
        assert!(text.starts_with(&format!("{old}\n10 ")), "{text}");
    }

    #[test]
    fn rotations_at_once_each_add_their_key() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = &folder.path().join("keys");
        Keyring::create(path, &mut chance(0)).expect("nothing is there");

        std::thread::scope(|scope| {
            for seed in 1..=8 {
                scope.spawn(move || Keyring::rotate(path, &mut chance(seed)).expect("the file is good"));
            }
        });

        assert_eq!(
            format!("{:?}", Keyring::open(path).expect("good")),
            "Keyring of [1, 2, 3, 4, 5, 6, 7, 8, 9]"
        );
        assert_eq!(names(folder.path()), ["keys"]);
    }

    #[test]
    fn the_highest_number_cannot_be_passed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        write_private(&path, &line(u32::MAX));

        let error = Keyring::rotate(&path, &mut chance(1)).expect_err("there is no higher number");

        assert!(matches!(error, KeyringError::Full(_)), "{error}");
    }

    #[test]
    fn an_error_names_file_and_line() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        write_private(&path, "# ours\n1 nonsense\n");

        let error = Keyring::open(&path).expect_err("line 2 is wrong");

        assert_eq!(
            error.to_string(),
            format!("{}: line 2: the key is not 32 bytes in base64", path.display())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_use_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        Keyring::create(&path, &mut chance(1)).expect("nothing is there");
        let mode = || fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);

        for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o620, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the file is ours");
            match Keyring::open(&path) {
                Ok(_) => assert!(fine, "{mode:o}"),
                Err(KeyringError::Exposed { mode: found, .. }) => assert_eq!((found, fine), (mode, false)),
                Err(error) => panic!("{mode:o}: {error}"),
            }
        }

        assert!(matches!(Keyring::rotate(&path, &mut chance(2)), Err(KeyringError::Exposed { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
        Keyring::rotate(&path, &mut chance(2)).expect("nobody else may use it");
        assert_eq!(mode(), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_rotation_through_a_link_leaves_the_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, link) = (folder.path().join("keys"), folder.path().join("link"));
        Keyring::create(&path, &mut chance(1)).expect("nothing is there");
        std::os::unix::fs::symlink(&path, &link).expect("the folder is ours");

        Keyring::rotate(&link, &mut chance(2)).expect("the file is good");

        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(Keyring::open(&path).expect("it is good").current(), 2);
    }

    fn write_private(path: &Path, text: &str) {
        create_private(path).expect("the folder is ours").write_all(text.as_bytes()).expect("there is room");
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder is ours");
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("ASCII")).collect()
    }
}
