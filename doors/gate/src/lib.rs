//! The road all HTTP doors share: read, authenticate, decode, authorize, answer, log.

mod attempts;
mod authenticate;
mod door;
mod figures;
mod handler;
mod request;
mod server;

pub use access::{Change, Denied, Permit, Reader, page_token};
pub use door::{Builder, Directories, Door, Refusal, Words, access_denied, busy};
pub use figures::Figures;
pub use server::{Clock, Limits, Network, Server, Start};
