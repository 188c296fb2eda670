//! System policies: what every account has and nobody can change.
//!
//! A read-only one allows what its product's actions declare as reading, and nothing that changes. `pds:LinkAccount`, which answers with a token
//! of any user, is in the two that allow everything of PDS.
//!
//! Source: `reference/protocol.md` §7.6.

use std::sync::{Arc, LazyLock};

use super::decide::{Named, PolicyName};
use super::grammar::{Kind, Policy};

/// A policy that every account has.
#[derive(Debug)]
pub struct System {
    /// `AliyunECDFullAccess`.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub description: &'static str,
    /// Its document.
    pub document: &'static str,
    policy: Arc<Policy>,
}

impl System {
    /// The policy as somebody has it.
    pub fn named(&self) -> Named {
        Named { name: PolicyName::System(self.name), policy: Arc::clone(&self.policy) }
    }
}

/// All of them, in the order of their names.
pub fn all() -> &'static [System] {
    &ALL
}

/// The one of this name, in any case.
pub fn find(name: &str) -> Option<&'static System> {
    ALL.iter().find(|system| system.name.eq_ignore_ascii_case(name))
}

static ALL: LazyLock<Vec<System>> = LazyLock::new(|| TEXTS.map(understood).into());

fn understood(Texts { name, description, document }: Texts) -> System {
    let policy = Policy::parse(document, Kind::Identity).expect("a test reads each of them");
    System { name, description, document, policy: Arc::new(policy) }
}

/// A system policy as it is written here.
struct Texts {
    name: &'static str,
    description: &'static str,
    document: &'static str,
}

/// Names, descriptions and documents, in the order of the names.
const TEXTS: [Texts; 10] = [
    Texts {
        name: "AdministratorAccess",
        description: "Everything in the account.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunECDFullAccess",
        description: "Everything of the convenience users of Elastic Desktop Service.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecd:*","Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunECDReadOnlyAccess",
        description: "Reading the convenience users of Elastic Desktop Service.",
        // Not `ecd:Get*`: `ecd:GetManagerInfoByAuthCode` uses up a code.
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":["ecd:CheckUsed*","ecd:Describe*","ecd:FilterUsers","ecd:GetAdUsersCount","ecd:GetUsersCount","ecd:List*"],"Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunEIAMFullAccess",
        description: "Everything of Identity as a Service.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"eiam:*","Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunEIAMReadOnlyAccess",
        description: "Reading in Identity as a Service.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":["eiam:CheckInstanceForDelete","eiam:Get*","eiam:List*"],"Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunPDSFullAccess",
        description: "Everything of Drive and Photo Service, a token of any user included.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"pds:*","Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunPDSReadOnlyAccess",
        description: "Reading in Drive and Photo Service.",
        // `pds:Batch` makes other calls, each of which is asked for by itself.
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":["pds:Batch","pds:GeneralGetUser","pds:GeneralSearchUser","pds:Get*","pds:HasMember","pds:List*","pds:Search*"],"Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunRAMFullAccess",
        description: "Everything of Resource Access Management: its users, roles, policies and AccessKeys.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"ram:*","Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunRAMReadOnlyAccess",
        description: "Reading in Resource Access Management.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":["ram:Get*","ram:List*","ram:SimulatePolicy"],"Resource":"*"}]}"#,
    },
    Texts {
        name: "AliyunSTSAssumeRoleAccess",
        description: "Assuming the roles that trust the caller.",
        document: r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#,
    },
];
