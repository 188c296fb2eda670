//! Passwords: hashed and checked with Argon2id, on a few threads of their own.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use model::Secret;
use rand::CryptoRng;
use tokio::sync::mpsc;

/// The memory of one hash, in KiB: 19 MiB. With [`PASSES`] and [`LANES`] the first choice for Argon2id.
///
/// Source: OWASP Password Storage Cheat Sheet, Argon2id.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// How often a hash passes over its memory.
pub const PASSES: u32 = 2;
/// How many lanes the memory has.
pub const LANES: u32 = 1;

const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
/// Passwords of strangers that wait at once for each thread: a few seconds of its work.
const STRANGERS_PER_THREAD: usize = 128;
/// The most passes that a stored hash may ask for, so that no row can keep a thread busy for long.
const MOST_PASSES: u32 = 16;

/// A password's hash in the PHC string format, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<digest>`.
///
/// It does not print itself: whoever has it can try passwords against it.
#[derive(Clone)]
pub struct Hash(String);

/// The text is not an Argon2id hash that this program checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Argon2id hash of version 19, with salt and digest, within 19 MiB and 16 passes")]
pub struct NotAHash;

/// Too many passwords wait already, or the server is stopping: the caller may try again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being hashed; try again later")]
pub struct Busy;

/// A bounded pool of threads that hash passwords.
///
/// Each thread has one block of 19 MiB, made at its first hash and used for all that follow, so that no
/// number of requests takes more. The threads take turns between calls, one password a turn: a call with
/// one password waits for one hash of each call before it, not for all hundred of the largest. Strangers have a queue of
/// their own, which gets every second turn: however many there are, they make the others wait twice as long at most. A
/// call whose future is dropped leaves its queue; only passwords that a thread has begun are finished. The threads end
/// when the hasher is dropped; what still waits is answered [`Busy`].
pub struct Hasher {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Hash {
    /// Reads a stored hash.
    ///
    /// # Errors
    /// `NotAHash` where it is anything else, or asks for more memory or passes than a thread will give it.
    pub fn from_phc(text: impl Into<String>) -> Result<Self, NotAHash> {
        let text = text.into();
        take_apart(&text).ok_or(NotAHash)?;
        Ok(Self(text))
    }

    /// The text, to be stored.
    pub fn as_phc(&self) -> &str {
        &self.0
    }

    fn new(salt: Salt, digest: Output) -> Self {
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params()).expect("our own parameters have a text"),
            salt: Some(salt),
            hash: Some(digest),
        };
        Self(hash.to_string())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

impl Hasher {
    /// Starts `threads` threads (at least one) behind a queue for `queue` passwords.
    ///
    /// A call with more than `queue` passwords is always answered [`Busy`], so the queue has room for the
    /// largest batch that a door accepts.
    ///
    /// # Errors
    /// The operating system's, where it has no thread to give.
    pub fn new(threads: usize, queue: usize) -> io::Result<Self> {
        let places = threads.max(1) * STRANGERS_PER_THREAD;
        let queues = [Queue::of(queue), Queue::of(places)];
        let state = Mutex::new(State { queues, next: 0, busy: 0, closed: false });
        // Threads that were started before one fails end as this is dropped.
        let mut hasher =
            Self { shared: Arc::new(Shared { state, work: Condvar::new() }), threads: Vec::new() };
        for _ in 0..threads.max(1) {
            let shared = Arc::clone(&hasher.shared);
            let thread = thread::Builder::new().name("passwords".to_owned()).spawn(move || work(&shared))?;
            hasher.threads.push(thread);
        }
        Ok(hasher)
    }

    /// Hashes the passwords, each with a salt of its own drawn from `rng`, and answers in their order.
    ///
    /// They are queued when this is called, all of them or none; the future, which borrows nothing, only
    /// waits for them.
    ///
    /// # Errors
    /// [`Busy`] where the queue has no room for all of them.
    pub fn hash(
        &self,
        whose: Whose,
        passwords: Vec<Secret>,
        rng: &mut dyn CryptoRng,
    ) -> impl Future<Output = Result<Vec<Hash>, Busy>> + Send + use<> {
        let salts: Vec<Salt> = passwords.iter().map(|_| salt(rng)).collect();
        let tasks = passwords
            .into_iter()
            .zip(&salts)
            .enumerate()
            .map(|(at, (password, salt))| Task { at, password, salt: *salt, params: params() })
            .collect();
        let waiting = self.shared.enqueue(whose, tasks);
        async move {
            let digests = waiting?.digests(salts.len()).await?;
            Ok(salts.into_iter().zip(digests).map(|(salt, digest)| Hash::new(salt, digest)).collect())
        }
    }

    /// Whether `password` is the one that `hash` was made of, compared in constant time.
    ///
    /// It is queued when this is called; the future, which borrows nothing, only waits.
    ///
    /// # Errors
    /// [`Busy`] where the queue has no place.
    pub fn verify(
        &self,
        whose: Whose,
        password: Secret,
        hash: &Hash,
    ) -> impl Future<Output = Result<bool, Busy>> + Send + use<> {
        self.verify_any(whose, password, std::slice::from_ref(hash))
    }

    /// Whether `password` is one of those that `hashes` were made of, likewise. It costs as many hashes as there are.
    ///
    /// # Errors
    /// [`Busy`] where the queue has no room for all of them.
    pub fn verify_any(
        &self,
        whose: Whose,
        password: Secret,
        hashes: &[Hash],
    ) -> impl Future<Output = Result<bool, Busy>> + Send + use<> {
        let (mut tasks, mut expected) = (Vec::with_capacity(hashes.len()), Vec::with_capacity(hashes.len()));
        for (at, hash) in hashes.iter().enumerate() {
            let Parts { params, salt, digest } = take_apart(&hash.0).expect("checked when the hash was made");
            tasks.push(Task { at, password: password.clone(), salt, params });
            expected.push(digest);
        }
        let waiting = self.shared.enqueue(whose, tasks);
        async move {
            let digests = waiting?.digests(expected.len()).await?;
            // `Output` compares in constant time, and all of them are compared.
            Ok(digests.iter().zip(&expected).filter(|(digest, expected)| digest == expected).count() > 0)
        }
    }

    /// How many passwords wait for a thread.
    pub fn queued(&self) -> usize {
        self.shared.lock().queued()
    }

    /// How many threads are hashing.
    pub fn busy_threads(&self) -> usize {
        self.shared.lock().busy
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.shared.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so, and what it was hashing is answered `Busy`.
            let _ = thread.join();
        }
    }
}

/// What the threads and the callers share.
struct Shared {
    state: Mutex<State>,
    /// Told of every new job and of the end.
    work: Condvar,
}

struct State {
    /// By [`Whose`].
    queues: [Queue; 2],
    /// Which of them has the next turn, where both have something.
    next: usize,
    busy: usize,
    closed: bool,
}

/// Who wants a password hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Somebody who has signed the call, or acts for the server.
    Known = 0,
    /// Somebody in front of a page, whoever that is.
    Stranger = 1,
}

/// The calls that have passwords left to begin; the front one is next, and then goes to the back.
struct Queue {
    jobs: VecDeque<Job>,
    /// Passwords that may wait.
    places: usize,
}

/// The passwords of one call that no thread has begun, and where their digests go.
struct Job {
    tasks: VecDeque<Task>,
    digests: Digests,
}

/// Takes each digest with its password's place in the call.
type Digests = mpsc::UnboundedSender<(usize, Output)>;

/// One password to digest.
struct Task {
    /// Its place in the call.
    at: usize,
    password: Secret,
    salt: Salt,
    params: Params,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the queue")
    }

    /// Queues all tasks of one call, or none.
    fn enqueue(self: &Arc<Self>, whose: Whose, tasks: Vec<Task>) -> Result<Waiting, Busy> {
        let (sender, digests) = mpsc::unbounded_channel();
        let mut state = self.lock();
        let is_closed = state.closed;
        let queue = &mut state.queues[whose as usize];
        if is_closed || queue.queued() + tasks.len() > queue.places {
            return Err(Busy);
        }
        if !tasks.is_empty() {
            queue.jobs.push_back(Job { tasks: tasks.into(), digests: sender });
            self.work.notify_all();
        }
        Ok(Waiting { shared: Arc::clone(self), digests })
    }

    /// Waits for the next password, one of each call in turn; `None` at the end.
    fn next(&self) -> Option<(Task, Digests)> {
        let mut state = self
            .work
            .wait_while(self.lock(), |state| state.queued() == 0 && !state.closed)
            .expect("no thread panics while it holds the queue");
        let turn = state.next;
        let queue = [turn, 1 - turn].into_iter().find(|queue| !state.queues[*queue].jobs.is_empty())?;
        state.next = 1 - queue;
        let jobs = &mut state.queues[queue].jobs;
        let mut job = jobs.pop_front()?;
        let task = job.tasks.pop_front().expect("a job without tasks is not queued");
        let digests = job.digests.clone();
        if !job.tasks.is_empty() {
            jobs.push_back(job);
        }
        state.busy += 1;
        Some((task, digests))
    }

    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.queues.iter_mut().for_each(|queue| queue.jobs.clear());
        self.work.notify_all();
    }
}

impl State {
    fn queued(&self) -> usize {
        self.queues.iter().map(Queue::queued).sum()
    }
}

impl Queue {
    fn of(places: usize) -> Self {
        Self { jobs: VecDeque::new(), places }
    }

    fn queued(&self) -> usize {
        self.jobs.iter().map(|job| job.tasks.len()).sum()
    }
}

/// A call's claim on its digests; dropped, it takes what no thread has begun out of the queue.
struct Waiting {
    shared: Arc<Shared>,
    digests: mpsc::UnboundedReceiver<(usize, Output)>,
}

impl Waiting {
    async fn digests(mut self, count: usize) -> Result<Vec<Output>, Busy> {
        let mut done = Vec::with_capacity(count);
        while done.len() < count {
            // The channel ends early only where the hasher was dropped or its thread died.
            done.push(self.digests.recv().await.ok_or(Busy)?);
        }
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, digest)| digest).collect())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.digests.close();
        for queue in &mut self.shared.lock().queues {
            queue.jobs.retain(|job| !job.digests.is_closed());
        }
    }
}

/// What each thread does until the end.
fn work(shared: &Shared) {
    let mut memory = Vec::new();
    while let Some((task, digests)) = shared.next() {
        memory.resize(MEMORY_KIB as usize, Block::new());
        let digest = task.digest(&mut memory);
        shared.lock().busy -= 1;
        // Who dropped the call does not want it any more.
        let _ = digests.send((task.at, digest));
    }
}

impl Task {
    fn digest(&self, memory: &mut [Block]) -> Output {
        let length = self.params.output_len().unwrap_or(DIGEST_BYTES);
        Output::init_with(length, |out| {
            Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
                .hash_password_into_with_memory(self.password.reveal(), &self.salt, out, memory)
                .expect("the parameters were checked, and no password is 4 GiB long");
            Ok(())
        })
        .expect("a digest's length was checked with the parameters")
    }
}

/// What a hash says of how it was made.
struct Parts {
    params: Params,
    salt: Salt,
    digest: Output,
}

fn take_apart(phc: &str) -> Option<Parts> {
    let hash = PasswordHash::new(phc).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let ours = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    let payable = params.m_cost() <= MEMORY_KIB && params.t_cost() <= MOST_PASSES;
    (ours && payable).then_some(())?;
    Some(Parts { params, salt: hash.salt?, digest: hash.hash? })
}

fn params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(DIGEST_BYTES))
        .expect("the constants are within Argon2's limits")
}

fn salt(rng: &mut dyn CryptoRng) -> Salt {
    let mut bytes = [0; SALT_BYTES];
    rng.fill_bytes(&mut bytes);
    Salt::new(&bytes).expect("16 bytes are a salt's recommended length")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn chance() -> StdRng {
        StdRng::seed_from_u64(1)
    }

    fn hasher(threads: usize, queue: usize) -> Hasher {
        Hasher::new(threads, queue).expect("the system has threads")
    }

    fn passwords(count: usize) -> Vec<Secret> {
        (0..count).map(|at| Secret::new(format!("password {at}"))).collect()
    }

    #[tokio::test]
    async fn each_password_opens_its_own_hash_only() {
        let hasher = hasher(2, 10);

        let hashes =
            hasher.hash(Whose::Known, passwords(3), &mut chance()).await.expect("the queue is empty");

        assert_eq!(hashes.len(), 3);
        for (at, hash) in hashes.iter().enumerate() {
            for (other, password) in passwords(3).into_iter().enumerate() {
                assert_eq!(
                    hasher.verify(Whose::Known, password, hash).await,
                    Ok(at == other),
                    "{at} {other}"
                );
            }
        }
    }

    #[tokio::test]
    async fn a_password_is_found_among_several() {
        let hasher = hasher(1, 5);
        let hashes =
            hasher.hash(Whose::Known, passwords(3), &mut chance()).await.expect("the queue is empty");

        for (password, expected) in [("password 0", true), ("password 2", true), ("password 3", false)] {
            assert_eq!(
                hasher.verify_any(Whose::Known, Secret::new(password), &hashes).await,
                Ok(expected),
                "{password}"
            );
        }
        assert_eq!(hasher.verify_any(Whose::Known, Secret::new("password 0"), &[]).await, Ok(false));
        let six = [&hashes[..], &hashes[..]].concat();
        assert_eq!(hasher.verify_any(Whose::Known, Secret::new("password 0"), &six).await, Err(Busy));
    }

    #[tokio::test]
    async fn a_hash_says_how_it_was_made_and_does_not_print() {
        let hashes = hasher(1, 2)
            .hash(Whose::Known, vec![Secret::new("x"), Secret::new("x")], &mut chance())
            .await
            .expect("room");

        assert!(hashes[0].as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hashes[0].as_phc());
        assert_ne!(hashes[0].as_phc(), hashes[1].as_phc());
        assert_eq!(format!("{hashes:?}"), "[Hash(…), Hash(…)]");
        Hash::from_phc(hashes[0].as_phc()).expect("what is stored is read again");
    }

    #[tokio::test]
    async fn any_bytes_are_a_password() {
        let hasher = hasher(1, 1);
        for password in [Secret::new(""), Secret::new("密码".repeat(5_000)), Secret::new([0xff, 0x00])] {
            let hashes = hasher
                .hash(Whose::Known, vec![password.clone()], &mut chance())
                .await
                .expect("the queue is empty");
            assert_eq!(hasher.verify(Whose::Known, password, &hashes[0]).await, Ok(true));
            assert_eq!(hasher.verify(Whose::Known, Secret::new("other"), &hashes[0]).await, Ok(false));
        }
        assert!(
            hasher.hash(Whose::Known, Vec::new(), &mut chance()).await.expect("nothing to do").is_empty()
        );
    }

    #[tokio::test]
    async fn hashes_of_other_programs_are_checked() {
        let cases = [
            // The reference implementation's own test vectors.
            // Source: https://github.com/P-H-C/phc-winner-argon2, src/test.c.
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        ];
        for phc in cases {
            let hash = Hash::from_phc(phc).expect("it is well formed");
            assert_eq!(
                hasher(1, 1).verify(Whose::Known, Secret::new("password"), &hash).await,
                Ok(true),
                "{phc}"
            );
            assert_eq!(
                hasher(1, 1).verify(Whose::Known, Secret::new("Password"), &hash).await,
                Ok(false),
                "{phc}"
            );
        }
    }

    #[test]
    fn a_text_that_is_no_payable_argon2id_hash_is_refused() {
        let good = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        Hash::from_phc(good).expect("the pattern of all below");
        let cases = [
            String::new(),
            "hunter2".to_owned(),
            good.replace("argon2id", "argon2i"),
            good.replace("v=19", "v=16"),
            good.replace("$v=19", ""),
            good.replace("m=256", "m=19457"),
            good.replace("t=2", "t=17"),
            good.replace("m=256", "m=7"),
            good.replace("p=1", "p=0"),
            good.replace("p=1", "p=1,x=1"),
            good.replace("p=1", "p=1000000"),
            good.replace("p=1", "p=33"),
            good.replace("c29tZXNhbHQ", "c29t"),
            good.replace("$c29tZXNhbHQ", ""),
            good.rsplit_once('$').expect("it has parts").0.to_owned(),
            format!("{good}$more"),
            format!("{good} "),
        ];
        for phc in cases {
            assert_eq!(Hash::from_phc(phc.as_str()).expect_err(&phc), NotAHash);
        }
    }

    #[tokio::test]
    async fn a_call_with_one_password_does_not_wait_for_forty() {
        let hasher = hasher(1, 100);
        let forty = hasher.hash(Whose::Known, passwords(40), &mut chance());
        let one = hasher.hash(Whose::Known, passwords(1), &mut chance());

        let mut forty = std::pin::pin!(forty);
        tokio::select! {
            biased;
            _ = &mut forty => panic!("the forty were done first"),
            done = one => assert_eq!(done.expect("there was room").len(), 1),
        }

        assert!(hasher.queued() > 20, "{} of 40 are left", hasher.queued());
        assert_eq!(forty.await.expect("there was room").len(), 40);
    }

    #[tokio::test]
    async fn a_call_is_queued_whole_or_not_at_all() {
        let hasher = hasher(1, 40);
        assert_eq!(
            hasher.hash(Whose::Known, passwords(41), &mut chance()).await.expect_err("one too many"),
            Busy
        );
        assert_eq!((hasher.queued(), hasher.busy_threads()), (0, 0));

        let forty = hasher.hash(Whose::Known, passwords(40), &mut chance());
        let twenty = hasher.hash(Whose::Known, passwords(20), &mut chance());

        assert_eq!(twenty.await.expect_err("the queue is full"), Busy);
        assert!((20..=40).contains(&hasher.queued()), "{}", hasher.queued());
        drop(forty);
        assert_eq!(
            hasher.hash(Whose::Known, passwords(40), &mut chance()).await.expect("there is room again").len(),
            40
        );
    }

    #[tokio::test]
    async fn strangers_leave_the_queue_to_others() {
        let hasher = hasher(1, 400);
        let hash =
            hasher.hash(Whose::Known, passwords(1), &mut chance()).await.expect("there is room").remove(0);
        let check = || hasher.verify(Whose::Stranger, Secret::new("another"), &hash);

        let waiting: Vec<_> = (0..2 * STRANGERS_PER_THREAD).map(|_| check()).collect();

        assert!(
            hasher.verify(Whose::Known, Secret::new("another"), &hash).await.is_ok(),
            "others are let in"
        );
        assert!(hasher.queued() > STRANGERS_PER_THREAD / 2, "and before most of them");
        let mut answers = Vec::new();
        for one in waiting {
            answers.push(one.await);
        }
        let refused = answers.iter().filter(|answer| **answer == Err(Busy)).count();
        assert!((STRANGERS_PER_THREAD / 2..=STRANGERS_PER_THREAD).contains(&refused), "{refused}");
        assert_eq!(answers.iter().filter(|answer| **answer == Ok(false)).count(), answers.len() - refused);
        assert_eq!(check().await, Ok(false), "the places are free again");
    }

    #[tokio::test]
    async fn a_dropped_call_leaves_the_queue() {
        let hasher = hasher(1, 200);
        let dropped = hasher.hash(Whose::Known, passwords(100), &mut chance());
        let kept = hasher.hash(Whose::Known, passwords(2), &mut chance());

        drop(dropped);

        assert!(hasher.queued() <= 2, "{}", hasher.queued());
        assert_eq!(kept.await.expect("there was room").len(), 2);
        assert_eq!((hasher.queued(), hasher.busy_threads()), (0, 0));
    }

    #[tokio::test]
    async fn an_abandoned_wait_leaves_the_queue() {
        let hasher = hasher(1, 100);

        let waited = tokio::time::timeout(
            Duration::from_millis(1),
            hasher.hash(Whose::Known, passwords(100), &mut chance()),
        )
        .await;

        assert!(waited.is_err());
        assert_eq!(hasher.queued(), 0);
    }

    #[tokio::test]
    async fn calls_still_waiting_at_the_end_are_told() {
        let hasher = hasher(2, 100);
        let waiting = hasher.hash(Whose::Known, passwords(100), &mut chance());
        let shared = Arc::downgrade(&hasher.shared);

        drop(hasher);

        assert_eq!(waiting.await.expect_err("nobody is left to hash"), Busy);
        assert!(shared.upgrade().is_none(), "no thread is left");
    }
}
