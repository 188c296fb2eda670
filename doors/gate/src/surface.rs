//! What a server answers, as its doors declare it: for tests that look at all of it.

use api::coverage::Declared;
use http::Method;

use crate::events;
use crate::server::Server;

/// All that a server answers.
#[derive(Debug, Clone)]
pub struct Surface {
    /// What programs call.
    pub apis: Vec<Api>,
    /// What people see: each page's path, with a method that it has.
    pub pages: Vec<(Method, &'static str)>,
}

/// What one door answers to programs.
#[derive(Debug, Clone)]
pub struct Api {
    /// The door's name, `eds-user`.
    pub door: &'static str,
    /// The version that calls name; `None` where a path leads to what is called.
    pub version: Option<&'static str>,
    /// Its actions, in the order of their registration.
    pub declared: Vec<Declared>,
}

impl Server {
    /// All that it answers, but for its health and figures, which say nothing of any account.
    pub fn surface(&self) -> Surface {
        let of_door = |door: &crate::Door| Api {
            door: door.name,
            version: Some(door.version),
            declared: door.declared().to_vec(),
        };
        let mut apis: Vec<Api> = self.doors.iter().map(of_door).collect();
        let operations = self.operations.declared().to_vec();
        apis.push(Api { door: self.operations.name(), version: None, declared: operations });
        apis.push(Api { door: events::DOOR, version: None, declared: vec![events::declared()] });
        Surface { apis, pages: self.pages.served() }
    }
}
