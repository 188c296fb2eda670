//! An action of our own: what policies would decide, and by which statement.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::{PolicyType, filled, valid};

/// The longest ARN, action, key or value that is asked about, in bytes.
const LONGEST: usize = 2_048;

/// `SimulatePolicy`: says what the policies of a principal would decide of a call, and names the statement that decides.
/// Ours alone; nothing is called.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SimulatePolicy {
    /// Who would call: the ARN of the account's root, a user, a role or an assumed role.
    pub principal: String,
    /// What would be called, as policies name it: `ecd:DescribeUsers`. `Action` is taken: it names this action itself.
    pub simulated_action: String,
    /// The ARNs of what it would be about, every one of which has to be allowed; `*` if none is given.
    pub resources: Option<List<String, 0, 100>>,
    /// The address that the call would come from.
    pub source_ip: Option<String>,
    /// Whether it would come by TLS; not, if it is not said.
    pub secure_transport: Option<bool>,
    /// A session policy, which narrows down what is allowed.
    pub session_policy: Option<String>,
    /// Other keys of conditions, with their values.
    pub condition_keys: Option<List<ConditionKey, 0, 50>>,
}

/// A key that conditions ask about, and its value.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ConditionKey {
    /// `sts:SourceIdentity`.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// What would be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Decision {
    /// It would be allowed.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// Where policies stand, each of which has to allow a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PolicyLayer {
    /// The policies that the user or the role has.
    AccountLevelIdentityBasedPolicy,
    /// The session policy.
    SessionPolicy,
    /// The role's trust policy.
    AssumeRolePolicy,
}

/// The answer of [`SimulatePolicy`].
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SimulatePolicyReply {
    /// What would be decided.
    pub decision: Decision,
    /// Where it would be refused; absent where it is allowed.
    pub policy_layer: Option<PolicyLayer>,
    /// The policy of the statement that decides; absent where none does, and where it is the session policy's.
    pub policy_name: Option<String>,
    /// Whose that policy is.
    pub policy_type: Option<PolicyType>,
    /// Which statement of it, from 1; absent where none decides, and for the root, which no policy binds.
    pub statement: Option<i64>,
    /// Which resource would be refused.
    pub resource: Option<String>,
}

impl Action for SimulatePolicy {
    const NAME: &'static str = "SimulatePolicy";
    const RIGHT: Right = Right::get("ram:SimulatePolicy");
    type Reply = SimulatePolicyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        let fits = |text: &str| !text.is_empty() && text.len() <= LONGEST;
        filled(&self.principal, "Principal")?;
        filled(&self.simulated_action, "SimulatedAction")?;
        valid(fits(&self.principal), "Principal")?;
        valid(fits(&self.simulated_action), "SimulatedAction")?;
        let mut resources = self.resources.iter().flat_map(|resources| resources.iter());
        valid(resources.all(|resource| fits(resource)), "Resources")?;
        let mut keys = self.condition_keys.iter().flat_map(|keys| keys.iter());
        valid(keys.all(|key| fits(&key.key) && key.value.len() <= LONGEST), "ConditionKeys")
    }
}
