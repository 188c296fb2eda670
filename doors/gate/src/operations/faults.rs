//! What a call is told that the gate itself refuses.
//!
//! Source: `reference/pds.md` §3 and §4.

use wire::Fault;

/// The code of a path that leads nowhere.
pub(crate) const NO_API: &str = "I404NF";

/// Characters of the caller's path that an error repeats.
const SHOWN_PATH: usize = 255;
/// And of the method, which inside a batch is any text.
const SHOWN_METHOD: usize = 32;

/// No operation has the path, or not with that method.
pub(super) fn no_api(method: &str, path: &str) -> Fault {
    let shown = |text: &str, most| text.chars().take(most).collect::<String>();
    let (method, path) = (shown(method, SHOWN_METHOD), shown(path, SHOWN_PATH));
    Fault::new(404, NO_API, format!("API not found with `{method} {path}`"))
}

/// The token, or its absence, does not let the call in. Clients fetch another token.
pub(super) fn token_invalid(reason: &str) -> Fault {
    Fault::new(401, "AccessTokenInvalid", format!("AccessToken is invalid. {reason}"))
}

/// The role in the token is not the user's any more. Clients look for the last word, and fetch another token.
///
/// Source: `reference/pds.md` §3.4.
pub(super) fn role_changed() -> Fault {
    let message = "No Permission to access resource user. UserRoleChanged";
    Fault::new(403, "ForbiddenNoPermission.User", message)
}

/// The proof is no token and does not let the call in; a call to elsewhere than its token is for.
pub(super) fn forbidden(reason: &str) -> Fault {
    let message = format!("User not authorized to operate on the specified APIs. {reason}");
    Fault::new(403, "Forbidden", message)
}

/// The operation is known and not served.
pub(super) fn not_supported() -> Fault {
    Fault::new(400, "OperationNotSupport", "This operation is not supported.")
}

/// The call was accepted before.
pub(super) fn replayed() -> Fault {
    forbidden("SignatureNonceUsed: the request was used already.")
}
