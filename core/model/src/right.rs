//! What an action needs its caller to be allowed, and on which resource.

/// The right that an action asks for: a RAM action and what kind of access it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    action: &'static str,
    level: Level,
}

/// Who an operation is for, of those who come with a token and a role; an AccessKey's calls are for the policy to decide.
/// What a rule finds out later may be stricter.
///
/// Source: `reference/pds.md` §5; `reference/doors.md` §7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Anybody, also who proves nothing.
    Anybody,
    /// Every user of the directory.
    Users,
    /// Those who manage others.
    Managers,
    /// AccessKeys alone.
    Owner,
}

/// RAM's access levels of an action. Source: `reference/eds-user.md`, "RAM" of each action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Reads one thing.
    Get,
    /// Reads many.
    List,
    /// Makes something new.
    Create,
    /// Changes what exists.
    Update,
    /// Takes something away.
    Delete,
    /// Tells callers of themselves, which needs no policy.
    Unasked,
}

impl Right {
    /// The right to read one thing, `"<ram-code>:<Action>"`.
    pub const fn get(action: &'static str) -> Self {
        Self { action, level: Level::Get }
    }

    /// The right to list.
    pub const fn list(action: &'static str) -> Self {
        Self { action, level: Level::List }
    }

    /// The right to create.
    pub const fn create(action: &'static str) -> Self {
        Self { action, level: Level::Create }
    }

    /// The right to change.
    pub const fn update(action: &'static str) -> Self {
        Self { action, level: Level::Update }
    }

    /// The right to delete.
    pub const fn delete(action: &'static str) -> Self {
        Self { action, level: Level::Delete }
    }

    /// What every AccessKey may do without a policy: it reads.
    pub const fn unasked(action: &'static str) -> Self {
        Self { action, level: Level::Unasked }
    }

    /// Whether policies are asked for it.
    pub const fn is_asked(&self) -> bool {
        !matches!(self.level, Level::Unasked)
    }

    /// The RAM action, `"ecd:CreateUsers"`.
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// Whether using the right changes something, so that the call is a change and not a read.
    pub const fn writes(&self) -> bool {
        matches!(self.level, Level::Create | Level::Update | Level::Delete)
    }
}

/// What an action touches, as RAM policies name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// The API has no resource level: only `"*"` in a policy helps.
    Any,
    /// A resource of the caller's account; `relative` is the last part of its ARN.
    Of {
        /// The RAM code, `eiam`.
        product: &'static str,
        /// `instance/idaas_x/user/*`.
        relative: String,
    },
    /// Whoever calls, as a RAM user or a role: for what a request leaves out that names nobody.
    Own,
    /// A resource that the request names by its whole ARN, which may be another account's.
    Arn(String),
}

impl Resource {
    /// Bytes of what a request names.
    pub fn length(&self) -> usize {
        match self {
            Self::Any | Self::Own => 0,
            Self::Of { relative, .. } => relative.len(),
            Self::Arn(arn) => arn.len(),
        }
    }

    /// A resource of `product` in the caller's account.
    pub fn new(product: &'static str, relative: impl Into<String>) -> Self {
        Self::Of { product, relative: relative.into() }
    }
}
