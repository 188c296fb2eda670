//! The road all HTTP doors share: read, authenticate, decode, authorize, answer, log.

mod answers;
mod attempts;
mod authenticate;
mod door;
mod events;
mod figures;
mod handler;
mod limits;
mod network;
mod noise;
mod operations;
mod outcome;
mod pages;
mod peers;
mod request;
mod rpc;
mod server;
mod surface;
#[cfg(test)]
mod testing;
mod tls;
mod way;

pub use access::keyring::Keyring;
pub use access::{Change, Circumstances, Denied, Permit, Principal, Reader, page_token};
pub use door::{Builder, Directories, Door, Words, access_denied, refused};
pub use figures::Figures;
pub use limits::{Rate, Rates};
pub use network::Network;
pub use operations::{Domains, Operations, OperationsBuilder, OperationsWords, Relay};
pub use pages::{
    Cookie, Cookies, FormOf, LONGEST_STATE, Onward, PageAnswer, PageRequest, Pages, PagesBuilder, SetCookie,
    origin_of, with_code,
};
pub use server::{Clock, Limits, Server, Start};
pub use surface::{Api, Surface};
pub use tls::{Renewal, Tls, TlsFiles, TlsUnfit};
pub use way::{Refusal, busy};
