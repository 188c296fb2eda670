//! The routes that are measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::eds::{CreateUsers, DescribeUsers, DescribeUsersReply, NewUser, VERSION};
use wire::{Action, List};

use crate::Trouble;
use crate::client::{Connection, Next, plain, signed};
use crate::people::{email, mix, username};
use crate::server::{self, Echo, Process};

/// Terms that are searched for, each with what it stands for.
pub(crate) const TERMS: [(&str, &str); 8] = [
    ("rare", "smith77@"),
    ("absent", "qzxv"),
    ("absent, of common grams", "johnson_"),
    ("common", "son"),
    ("one letter", "e"),
    ("one Chinese character", "王"),
    ("two Chinese characters", "王伟"),
    ("mail domain", "example.com"),
];

/// The numbers of people that this process creates, each once.
static CREATED: AtomicU64 = AtomicU64::new(0);

/// A constant answer.
pub(crate) fn constant() -> Next {
    Arc::new(|_| plain("/healthz"))
}

/// Parsed, verified, answered; nothing is read.
pub(crate) fn verified() -> Next {
    Arc::new(|n| {
        let echo = Echo {
            end_user_ids: vec![username(n)],
            max_results: Some(10),
            is_query_all_sub_orgs: Some(true),
        };
        signed(Echo::NAME, server::VERSION, &echo)
    })
}

/// One user by name, uniformly.
pub(crate) fn by_name(users: u64) -> Next {
    Arc::new(move |n| {
        let name = username(mix(n) % users);
        describe(&DescribeUsers { end_user_ids: List::try_from(vec![name]).ok(), ..DescribeUsers::default() })
    })
}

/// The first page of 100, with its kept total.
pub(crate) fn page() -> Next {
    Arc::new(|_| describe(&of_100(None)))
}

/// The first page of a term.
pub(crate) fn first_page(term: &str) -> Next {
    let filter = Some(term.to_owned());
    Arc::new(move |_| describe(&of_100(filter.clone())))
}

/// The page behind the first one of a term, if there is one: its total is in the token.
pub(crate) async fn second_page(server: &Process, term: &str) -> Result<Option<Next>, Trouble> {
    let mut request = of_100(Some(term.to_owned()));
    let mut connection = Connection::open(server.address).await?;
    let reply: DescribeUsersReply = serde_json::from_slice(connection.send(&describe(&request)).await?)?;
    request.next_token = Some(reply.next_token.clone());
    Ok((!reply.next_token.is_empty()).then(|| Arc::new(move |_| describe(&request)) as Next))
}

/// How many users hold a term.
pub(crate) async fn total(server: &Process, term: &str) -> Result<i64, Trouble> {
    let mut connection = Connection::open(server.address).await?;
    let request = describe(&of_100(Some(term.to_owned())));
    let reply: DescribeUsersReply = serde_json::from_slice(connection.send(&request).await?)?;
    Ok(reply.count.unwrap_or_default())
}

/// A new user, durably, without password and mail.
pub(crate) fn create(from: u64) -> Next {
    Arc::new(move |_| {
        let n = from + CREATED.fetch_add(1, Ordering::Relaxed);
        let new = NewUser { end_user_id: username(n), email: Some(email(n)), ..NewUser::default() };
        let users = List::try_from(vec![new]).expect("one user");
        let all = CreateUsers {
            users,
            password: None,
            auto_lock_time: None,
            is_local_admin: None,
            password_expire_days: None,
        };
        signed(CreateUsers::NAME, VERSION, &all)
    })
}

fn of_100(filter: Option<String>) -> DescribeUsers {
    DescribeUsers { max_results: 100.try_into().ok(), filter, ..DescribeUsers::default() }
}

fn describe(request: &DescribeUsers) -> Vec<u8> {
    signed(DescribeUsers::NAME, VERSION, request)
}
