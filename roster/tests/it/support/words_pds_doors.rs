//! All three doors into the default directory of one server.

use api::eds::DescribedUser;
use api::eiam::ShownUser;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::server::Server;
use super::words_eiam::{Instance, list_users};
use super::words_pds::{Pds, text_of};
use super::words_users::user;

/// The doors of one server.
pub(crate) struct ThreeDoors {
    /// PDS, by AccessKey.
    pub(crate) pds: Pds,
    /// eds-user.
    pub(crate) eds: Client,
    /// EIAM.
    pub(crate) eiam: Client,
    /// The default directory, as EIAM knows it.
    pub(crate) corp: Instance,
}

impl ThreeDoors {
    /// Those of this server.
    pub(crate) async fn of(server: &Server) -> Self {
        let eiam = server.administrator().eiam();
        let corp = Instance::default_of(&eiam).await;
        Self { pds: Pds::owner(server), eds: server.administrator(), eiam, corp }
    }

    /// The id by which EIAM knows a user, system users too.
    pub(crate) async fn eiam_id(&self, name: &str) -> String {
        let users = list_users(&self.eiam, &self.corp.users()).await;
        let found = users.iter().find(|user| user.username == name);
        found.unwrap_or_else(|| panic!("{name} is there")).user_id.clone()
    }

    /// A user by the username, as EIAM shows it.
    pub(crate) async fn by_eiam(&self, name: &str) -> ShownUser {
        self.corp.get_user(&self.eiam, &self.eiam_id(name).await).await
    }

    /// The same, as eds-user shows it.
    pub(crate) async fn by_eds(&self, name: &str) -> DescribedUser {
        user(&self.eds, name).await
    }

    /// The same, as PDS shows it.
    pub(crate) async fn by_pds(&self, name: &str) -> Value {
        let found = self.pds.pages("/user/search", &json!({ "user_name": name }), 100).await;
        found.into_iter().find(|user| user["user_name"] == name).unwrap_or_else(|| panic!("{name} is there"))
    }

    /// The id by which PDS knows a user.
    pub(crate) async fn pds_id(&self, name: &str) -> String {
        text_of(&self.by_pds(name).await["user_id"])
    }

    /// Calls an action of EIAM on a user, whatever comes of it.
    pub(crate) async fn try_eiam(&self, action: &str, name: &str, more: &[(&str, &str)]) -> Answer {
        let id = self.eiam_id(name).await;
        let parameters = [&[("UserId", id.as_str())], more].concat();
        self.corp.call(&self.eiam, action, &parameters).await
    }

    /// The same, where the call is right.
    pub(crate) async fn act(&self, action: &str, name: &str, more: &[(&str, &str)]) {
        let answer = self.try_eiam(action, name, more).await;
        assert_eq!(answer.status, 200, "{action} {more:?}: {}", answer.text());
    }
}
