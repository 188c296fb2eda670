//! What a permit was decided by, so that the same can be decided again.

use model::Right;

use crate::access_keys::Error;
use crate::caller::{Caller, Who};
use crate::known;
use crate::permit::Circumstances;
use crate::ram::{Ask, Verdict, decide};

/// Who asked for what, and the state of the account's policies that allowed it.
#[derive(Debug)]
pub(crate) struct Basis {
    caller: Caller,
    right: Right,
    /// The ARNs that were asked for.
    resources: Vec<String>,
}

impl Basis {
    pub(crate) fn new(caller: Caller, right: Right, resources: Vec<String>) -> Self {
        Self { caller, right, resources }
    }

    /// The generation of the account's keys, users, roles and policies that it was decided under.
    pub(crate) fn generation(&self) -> i64 {
        self.caller.generation
    }

    /// Whether the same caller would be let do the same under this generation, as the rows say now.
    pub(crate) async fn stands(
        &self,
        rows: &mut store::Reader,
        circumstances: &Circumstances,
        generation: i64,
    ) -> Result<bool, store::Error> {
        if generation == self.generation() {
            return Ok(true);
        }
        let (who, grants) = match known::now(rows, &self.caller).await {
            Ok(Some(now)) => now,
            Err(Error::Store(error)) => return Err(error),
            // What is wrong with a policy is told where the call is decided anew.
            Ok(None) | Err(_) => return Ok(false),
        };
        // By another name it would be another one in the audit trail.
        if who != self.caller.who {
            return Ok(false);
        }
        if who == Who::Root || !self.right.is_asked() {
            return Ok(true);
        }
        let keys = circumstances.keys(&who.principal(self.caller.account));
        let ask = Ask { action: self.right.action(), resources: &self.resources, keys: &keys };
        let verdict = decide(&grants, self.caller.session.as_deref(), &ask);
        Ok(matches!(verdict, Verdict::Allowed(_)))
    }
}
