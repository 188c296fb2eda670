//! Lists that are read page by page, each marker leading to the next page.

use api::pds::{GeneralSearchUser, ListGroupUser, ListUser, SearchGroup, SearchUser};
use wire::Operation;

use super::app::Callers;
use crate::Trouble;
use crate::client::Connection;

/// A list whose pages have markers.
pub(crate) trait Marked: Operation + Clone {
    /// The page that begins at a marker.
    fn at(&self, marker: &str) -> Self;
    /// How many a page has, and where the next one begins; empty after the last one.
    fn told(reply: &Self::Reply) -> (usize, &str);
}

macro_rules! marked {
    ($($operation:ty: $items:ident),+) => {
        $(impl Marked for $operation {
            fn at(&self, marker: &str) -> Self {
                Self { marker: Some(marker.to_owned()), ..self.clone() }
            }

            fn told(reply: &Self::Reply) -> (usize, &str) {
                (reply.$items.len(), &reply.next_marker)
            }
        })+
    };
}

marked!(ListUser: items, SearchUser: items, GeneralSearchUser: items, ListGroupUser: user_items, SearchGroup: items);

/// Reads all pages of a list, as the administrator; the markers of all pages but the first.
pub(crate) async fn walk<L: Marked>(
    connection: &mut Connection,
    callers: &Callers,
    list: &L,
    mut each: impl FnMut(L::Reply),
) -> Result<Vec<String>, Trouble> {
    let (mut markers, token) = (Vec::new(), callers.manager());
    let mut request = list.clone();
    loop {
        let reply = connection.post(&token, &request).await?;
        let next = L::told(&reply).1.to_owned();
        each(reply);
        if next.is_empty() {
            return Ok(markers);
        }
        request = list.at(&next);
        markers.push(next);
    }
}
