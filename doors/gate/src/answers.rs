//! Room for the answers that are being sent: whoever asks for large ones and does not read them fills it, and not the
//! memory.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What large answers of all connections may take together.
const ROOM: usize = 256 << 20;
/// It is given in steps of this size; shorter answers are free.
const STEP: usize = 64 << 10;

/// The room of all answers.
pub(crate) struct Answers(Arc<Semaphore>);

/// The share of the room that one answer takes; a short one takes none.
pub(crate) struct Share(Option<OwnedSemaphorePermit>);

/// An answer with its share, which is free again once the last of it has gone to the peer, or the peer has.
struct Held {
    body: Vec<u8>,
    _share: Share,
}

impl Default for Answers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM / STEP)))
    }
}

impl Answers {
    /// The share for an answer of so many bytes; `None` where there is no room for it.
    pub(crate) fn share(&self, length: usize) -> Option<Share> {
        let steps = u32::try_from(length / STEP).ok()?;
        if steps == 0 {
            return Some(Share(None));
        }
        Arc::clone(&self.0).try_acquire_many_owned(steps).ok().map(|permit| Share(Some(permit)))
    }
}

impl Share {
    /// For a short answer.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The answer, which keeps its share until it is sent.
    pub(crate) fn hold(self, body: Vec<u8>) -> Bytes {
        match self.0 {
            None => body.into(),
            Some(_) => Bytes::from_owner(Held { body, _share: self }),
        }
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_room_until_they_are_sent() {
        let answers = Answers::default();
        let large = vec![1; ROOM / 4];
        let mut sent: Vec<Bytes> =
            (0..4).map(|_| answers.share(large.len()).expect("there is room").hold(large.clone())).collect();

        assert!(answers.share(large.len()).is_none());
        assert!(answers.share(STEP).is_none());
        assert_eq!(answers.share(STEP - 1).expect("short ones are free").hold(vec![2; 3]), vec![2; 3]);

        let one = sent.pop().expect("there are four");
        let rest = one.slice(10..);
        drop(one);
        assert!(answers.share(STEP).is_none(), "a part of it is still to be sent");
        drop(rest);
        assert_eq!(answers.share(large.len()).expect("there is room").hold(large.clone()), large);
    }

    #[test]
    fn what_has_no_room_at_all_gets_none() {
        assert!(Answers::default().share(ROOM + STEP).is_none());
        assert!(Answers::default().share(usize::MAX).is_none());
    }
}
