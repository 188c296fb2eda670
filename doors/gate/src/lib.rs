//! The road all HTTP doors share: read, authenticate, decode, authorize, answer, log.

mod answers;
mod attempts;
mod authenticate;
mod door;
mod figures;
mod handler;
mod operations;
mod outcome;
mod pages;
mod request;
mod rpc;
mod server;
#[cfg(test)]
mod testing;
mod way;

pub use access::keyring::Keyring;
pub use access::{Change, Circumstances, Denied, Permit, Principal, Reader, page_token};
pub use door::{Builder, Directories, Door, Words, access_denied};
pub use figures::Figures;
pub use operations::{Domains, Operations, OperationsBuilder, OperationsWords, Relay};
pub use pages::{
    Cookie, Cookies, FormOf, LONGEST_STATE, Onward, PageAnswer, PageRequest, Pages, PagesBuilder, SetCookie,
    origin_of, with_code,
};
pub use server::{Clock, Limits, Network, Server, Start};
pub use way::{Refusal, busy};
