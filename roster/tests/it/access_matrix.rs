//! Who may do what: every kind of caller before everything that the server answers, as it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use access::ram::{Ask, Grants, Keys, Verdict, decide, system};
use api::coverage::Declared;
use api::pds::Role;
use gate::Api;
use model::{Audience, Millis, Right};
use serde_json::{Value, json};

use crate::support::{Anyone, App, Browser, Key, NOW, PdsCaller, Ram, Server, access, document, told_of};

/// Callers of one kind, in a column of the matrix: the same for all actions, or another one for each.
struct Column {
    kind: String,
    callers: Callers,
    /// Of a token's role: what is for it, as operations declare; what else it may not do the rules find out.
    most: Option<Audience>,
}

enum Callers {
    Same(Box<Anyone>),
    /// By the RAM action that they may, or may not, use.
    Each(BTreeMap<&'static str, Anyone>),
}

impl Column {
    fn of(kind: &str, caller: Anyone) -> Self {
        Self { kind: kind.to_owned(), callers: Callers::Same(Box::new(caller)), most: None }
    }

    /// Whether what refuses this caller is asked before anything else.
    fn is_sieved(&self, declared: &Declared) -> bool {
        self.most.is_none_or(|most| declared.audience().is_none_or(|audience| audience > most))
    }

    fn caller(&self, right: Right) -> &Anyone {
        match &self.callers {
            Callers::Same(caller) => caller,
            Callers::Each(callers) => &callers[right.action()],
        }
    }
}

/// Everything that is declared, with its door.
fn everything(server: &Server) -> impl Iterator<Item = (&Api, &Declared)> {
    server.surface().apis.iter().flat_map(|api| api.declared.iter().map(move |declared| (api, declared)))
}

/// All RAM actions, each once.
fn actions(server: &Server) -> BTreeSet<&'static str> {
    everything(server).map(|(_, declared)| declared.right().action()).collect()
}

/// One user for each action, with what `policies` says.
async fn each(server: &Server, ram: &Ram<'_>, name: &str, policies: impl Fn(&str) -> Vec<String>) -> Callers {
    let actions = actions(server);
    let users: Vec<(String, Vec<String>)> =
        actions.iter().map(|action| (format!("{name}-{}", plain(action)), policies(action))).collect();
    let keys = ram.users(&users).await;
    let callers = keys.iter().map(|key| Anyone::with_key(server, key));
    Callers::Each(actions.into_iter().zip(callers).collect())
}

/// An action as part of a name.
fn plain(action: &str) -> String {
    action.replace(':', "-")
}

/// Users, roles and the account itself.
async fn with_keys(server: &Server) -> Vec<Column> {
    let ram = Ram::of(server).await;
    let key = |key: &Key| Anyone::with_key(server, key);
    let mut columns = vec![
        Column::of("the account's root", Anyone::root(server)),
        Column::of("a RAM user with nothing", key(&ram.user("nothing", &[]).await)),
    ];
    for policy in system::all() {
        let user = ram.user(policy.name, &[policy.name]).await;
        columns.push(Column::of(&format!("a RAM user with {}", policy.name), key(&user)));
    }
    let mut policies = Vec::new();
    for action in actions(server) {
        policies.push((format!("allow-{}", plain(action)), document("Allow", action, "*")));
        policies.push((format!("deny-{}", plain(action)), document("Deny", action, "*")));
    }
    ram.policies(&policies).await;
    columns.push(Column {
        kind: "a RAM user whom a policy allows exactly this action".to_owned(),
        callers: each(server, &ram, "may", |action| vec![format!("allow-{}", plain(action))]).await,
        most: None,
    });
    columns.push(Column {
        kind: "a RAM user with AdministratorAccess, whom a policy denies this action".to_owned(),
        callers: each(server, &ram, "may-not", |action| {
            vec!["AdministratorAccess".to_owned(), format!("deny-{}", plain(action))]
        })
        .await,
        most: None,
    });
    let role = ram.role("everything", "user/nothing", &["AdministratorAccess"]).await;
    let whole = ram.assume("nothing", &role, None).await.expect("it is trusted");
    columns.push(Column::of("a session of a role with AdministratorAccess", key(&whole)));
    let narrow = ram.assume("nothing", &role, Some(&reading(server))).await.expect("it is trusted");
    columns.push(Column::of("the same, narrowed to Describe*, Get* and List*", key(&narrow)));
    columns
}

/// A session policy for what reads by its name.
fn reading(server: &Server) -> String {
    let products: BTreeSet<&str> =
        actions(server).iter().filter_map(|action| action.split(':').next()).collect();
    let allowed: Vec<String> = products
        .iter()
        .flat_map(|product| ["Describe*", "Get*", "List*"].map(|names| format!("{product}:{names}")))
        .collect();
    json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": allowed, "Resource": "*" }] })
        .to_string()
}

/// Who comes with a token, or with nothing.
async fn without_keys(server: &Server) -> Vec<Column> {
    let mut columns = vec![Column::of("nobody", Anyone::nobody(server))];
    let owner = PdsCaller::of(server);
    for (name, role) in [
        ("user", Role::User),
        ("subdomain", Role::Subdomain),
        ("subdomain-admin", Role::SubdomainAdmin),
        ("subdomain-super-admin", Role::SubdomainSuperAdmin),
        ("admin", Role::Admin),
        ("superadmin", Role::SuperAdmin),
    ] {
        if role != Role::SuperAdmin {
            owner.make_user_as(name, role).await;
        }
        let token = owner.link_for_token(name).await;
        let most = match role {
            Role::User | Role::Subdomain => Audience::Users,
            Role::SubdomainAdmin | Role::SubdomainSuperAdmin | Role::Admin | Role::SuperAdmin => {
                Audience::Managers
            }
        };
        let column = Column::of(&format!("a token of role {name}"), Anyone::bearer(server, &token));
        columns.push(Column { most: Some(most), ..column });
    }
    let app = App::of(server).await.service_token().await;
    let column = Column::of("an app's own token", Anyone::bearer(server, &access(&app)));
    columns.push(Column { most: Some(Audience::Managers), ..column });
    columns
}

/// Whether an answer says that this caller may not do this, or is nobody who may; anything else is said to callers who
/// may.
fn refusal(status: u16, code: &str) -> bool {
    let codes = ["Forbidden", "Forbidden.RAM", "NoPermission", "MissingAccessKeyId", "MissingSecurityToken"];
    status == 401 || codes.contains(&code) || status == 403 && code.starts_with("ForbiddenNoPermission.")
}

/// What stands in the columns.
#[derive(Default)]
struct Letters(BTreeMap<String, char>);

impl Letters {
    /// `+` where the caller may, else a letter for the refusal.
    fn of(&mut self, status: u16, code: &str) -> char {
        assert!(status < 500, "{status} {code}");
        if !refusal(status, code) {
            return '+';
        }
        let next = ('a'..='z').nth(self.0.len()).expect("there are fewer refusals than letters");
        *self.0.entry(format!("{status} {code}")).or_insert(next)
    }
}

/// A parameter in none of the forms that any is taken in.
fn nonsense(declared: &Declared) -> Value {
    let names = declared.parameters().filter(|name| !name.contains('.'));
    names.map(|name| (name.to_owned(), json!({ "\u{7}": "\u{7}" }))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_caller_may_do_what_the_matrix_says() {
    let server = Server::start().await;
    let keys = with_keys(&server).await;
    let tokens = without_keys(&server).await;

    let mut letters = Letters::default();
    let mut rows = String::new();
    let mut unlike = Vec::new();
    for (api, declared) in everything(&server) {
        let does = if declared.right().writes() { 'w' } else { 'r' };
        let _ = write!(rows, "\n{:<8} {:<38} {does} ", api.door, declared.name());
        for (at, column) in keys.iter().chain(&tokens).enumerate() {
            let caller = column.caller(declared.right());
            let told = told_of(&caller.call(api, declared, &json!({})).await);
            if [0, 2, 12, 14, 16, 17].contains(&at) {
                rows.push(' ');
            }
            rows.push(letters.of(told.0, &told.1));
            // Who may not use an action learns nothing of its parameters.
            if refusal(told.0, &told.1) && column.is_sieved(declared) {
                let again = told_of(&caller.call(api, declared, &nonsense(declared)).await);
                if again != told {
                    unlike.push(format!("{} for {}: {told:?}, {again:?}", declared.name(), column.kind));
                }
            }
        }
    }
    assert_eq!(unlike, Vec::<String>::new(), "a refusal comes before anything else");

    let mut picture = String::from("From the left:\n");
    for (at, column) in keys.iter().chain(&tokens).enumerate() {
        let _ = writeln!(picture, "{:>2} {}", at + 1, column.kind);
    }
    for (refusal, letter) in &letters.0 {
        let _ = writeln!(picture, "{letter} = {refusal}");
    }
    insta::assert_snapshot!(picture + &rows, @r"
    From the left:
     1 the account's root
     2 a RAM user with nothing
     3 a RAM user with AdministratorAccess
     4 a RAM user with AliyunECDFullAccess
     5 a RAM user with AliyunECDReadOnlyAccess
     6 a RAM user with AliyunEIAMFullAccess
     7 a RAM user with AliyunEIAMReadOnlyAccess
     8 a RAM user with AliyunPDSFullAccess
     9 a RAM user with AliyunPDSReadOnlyAccess
    10 a RAM user with AliyunRAMFullAccess
    11 a RAM user with AliyunRAMReadOnlyAccess
    12 a RAM user with AliyunSTSAssumeRoleAccess
    13 a RAM user whom a policy allows exactly this action
    14 a RAM user with AdministratorAccess, whom a policy denies this action
    15 a session of a role with AdministratorAccess
    16 the same, narrowed to Describe*, Get* and List*
    17 nobody
    18 a token of role user
    19 a token of role subdomain
    20 a token of role subdomain-admin
    21 a token of role subdomain-super-admin
    22 a token of role admin
    23 a token of role superadmin
    24 an app's own token
    b = 400 MissingAccessKeyId
    e = 401 AccessTokenInvalid
    d = 403 Forbidden
    a = 403 Forbidden.RAM
    f = 403 ForbiddenNoPermission.Domain
    g = 403 ForbiddenNoPermission.Drive
    h = 403 ForbiddenNoPermission.Role
    i = 403 ForbiddenNoPermission.User
    c = 403 NoPermission

    eds-user InitTenantAlias                        w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user GetAdUsersCount                        r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user GetUsersCount                          r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user GetManagerInfoByAuthCode               w  +a ++aaaaaaaa +a ++ b bbbbbbb
    eds-user CreateGroup                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DescribeGroups                         r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user DescribeGroupUser                      r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user UserBatchJoinGroup                     w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user ModifyGroup                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user UserBatchQuitGroup                     w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user RemoveGroup                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DescribeMfaDevices                     r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user LockMfaDevice                          w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user RemoveMfaDevice                        w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user UnlockMfaDevice                        w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user CreateOrg                              w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DescribeOrgs                           r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user DescribeOrgByLayer                     r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user ModifyOrg                              w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user MoveOrg                                w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user MoveUserOrg                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user RemoveOrg                              w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user CheckUsedProperty                      r  +a +++aaaaaaa +a +a b bbbbbbb
    eds-user CheckUsedPropertyValue                 r  +a +++aaaaaaa +a +a b bbbbbbb
    eds-user CreateProperty                         w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DeleteUserPropertyValue                w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user ListProperty                           r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user ListPropertyValue                      r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user RemoveProperty                         w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user SetUserPropertyValue                   w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user UpdateProperty                         w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user CreateResourceGroup                    w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DeleteResourceGroup                    w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DescribeResourceGroups                 r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user TransferResourcesIntoGroup             w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user TransferResourcesOutofGroup            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user ChangeUserPassword                     w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user CreateUsers                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user DescribeUsers                          r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user FilterUsers                            r  +a +++aaaaaaa +a +a b bbbbbbb
    eds-user DescribeUser                           r  +a +++aaaaaaa +a ++ b bbbbbbb
    eds-user LockUsers                              w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user ModifyUser                             w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user RemoveUsers                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user ResetUserPassword                      w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user BatchSetDesktopManager                 w  +a ++aaaaaaaa +a +a b bbbbbbb
    eds-user UnlockUsers                            w  +a ++aaaaaaaa +a +a b bbbbbbb
    eiam     BindUserAuthnSourceMapping             w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     ListUserAuthnSourceMappings            r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     UnbindUserAuthnSourceMapping           w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UnbindTotpAuthenticator                w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     CreateCustomField                      w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     DisableCustomField                     w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     EnableCustomField                      w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetCustomField                         r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     DeleteCustomField                      w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetInstanceGlobalizationConfig         r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     SetInstanceGlobalizationConfig         w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     CreateGroup                            w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateGroupDescription                 w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetGroup                               r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListGroups                             r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     DeleteGroup                            w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateGroup                            w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     CheckInstanceForDelete                 r  +c +cc++ccccc +c +c b bbbbbbb
    eiam     CreateInstance                         w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateInstanceDescription              w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetInstance                            r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListInstances                          r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListEiamInstances                      r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     DeleteInstance                         w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetPasswordComplexityConfiguration     r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     GetPasswordExpirationConfiguration     r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     GetForgetPasswordConfiguration         r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     GetPasswordHistoryConfiguration        r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     GetPasswordInitializationConfiguration r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     SetPasswordComplexityConfiguration     w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     SetPasswordExpirationConfiguration     w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     SetForgetPasswordConfiguration         w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     SetPasswordHistoryConfiguration        w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     SetPasswordInitializationConfiguration w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetInstanceLicense                     r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     GetServiceQuota                        r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     GetInstanceQuota                       r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListRegions                            r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListEiamRegions                        r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     CreateOrganizationalUnit               w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateOrganizationalUnitDescription    w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetOrganizationalUnit                  r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListOrganizationalUnits                r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     UpdateOrganizationalUnitParentId       w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     ListOrganizationalUnitParents          r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     DeleteOrganizationalUnit               w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     DeleteOrganizationalUnitChildren       w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateOrganizationalUnit               w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetRootOrganizationalUnit              r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     AddUserToOrganizationalUnits           w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     CreateUser                             w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateUserDescription                  w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     DisableUser                            w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     EnableUser                             w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     GetUser                                r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     AddUsersToGroup                        w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     RemoveUsersFromGroup                   w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     RemoveUserFromOrganizationalUnits      w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     ListUsers                              r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListGroupsForUser                      r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     ListUsersForGroup                      r  +c +cc++ccccc +c ++ b bbbbbbb
    eiam     DeleteUser                             w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     DeleteUsers                            w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateUserPassword                     w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     SetUserPrimaryOrganizationalUnit       w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UnlockUser                             w  +c +cc+cccccc +c +c b bbbbbbb
    eiam     UpdateUser                             w  +c +cc+cccccc +c +c b bbbbbbb
    ram      AttachPolicyToRole                     w  +c +cccccc+cc +c +c b bbbbbbb
    ram      AttachPolicyToUser                     w  +c +cccccc+cc +c +c b bbbbbbb
    ram      DetachPolicyFromRole                   w  +c +cccccc+cc +c +c b bbbbbbb
    ram      DetachPolicyFromUser                   w  +c +cccccc+cc +c +c b bbbbbbb
    ram      ListEntitiesForPolicy                  r  +c +cccccc++c +c ++ b bbbbbbb
    ram      ListPoliciesForRole                    r  +c +cccccc++c +c ++ b bbbbbbb
    ram      ListPoliciesForUser                    r  +c +cccccc++c +c ++ b bbbbbbb
    ram      CreateAccessKey                        w  +c +cccccc+cc +c +c b bbbbbbb
    ram      GetAccessKeyLastUsed                   r  +c +cccccc++c +c ++ b bbbbbbb
    ram      ListAccessKeys                         r  +c +cccccc++c +c ++ b bbbbbbb
    ram      DeleteAccessKey                        w  +c +cccccc+cc +c +c b bbbbbbb
    ram      UpdateAccessKey                        w  +c +cccccc+cc +c +c b bbbbbbb
    ram      CreatePolicy                           w  +c +cccccc+cc +c +c b bbbbbbb
    ram      GetPolicy                              r  +c +cccccc++c +c ++ b bbbbbbb
    ram      ListPolicies                           r  +c +cccccc++c +c ++ b bbbbbbb
    ram      DeletePolicy                           w  +c +cccccc+cc +c +c b bbbbbbb
    ram      CreateRole                             w  +c +cccccc+cc +c +c b bbbbbbb
    ram      GetRole                                r  +c +cccccc++c +c ++ b bbbbbbb
    ram      ListRoles                              r  +c +cccccc++c +c ++ b bbbbbbb
    ram      DeleteRole                             w  +c +cccccc+cc +c +c b bbbbbbb
    ram      UpdateRole                             w  +c +cccccc+cc +c +c b bbbbbbb
    ram      SimulatePolicy                         r  +c +cccccc++c +c +c b bbbbbbb
    ram      CreateUser                             w  +c +cccccc+cc +c +c b bbbbbbb
    ram      GetUser                                r  +c +cccccc++c +c ++ b bbbbbbb
    ram      ListUsers                              r  +c +cccccc++c +c ++ b bbbbbbb
    ram      DeleteUser                             w  +c +cccccc+cc +c +c b bbbbbbb
    ram      UpdateUser                             w  +c +cccccc+cc +c +c b bbbbbbb
    sts      AssumeRole                             w  +c +cccccccc+ +c +c b bbbbbbb
    sts      GetCallerIdentity                      r  ++ ++++++++++ ++ ++ b bbbbbbb
    pds      AccountToken                           w  ++ ++++++++++ ++ ++ + +++++++
    pds      Token                                  w  ++ ++++++++++ ++ ++ + +++++++
    pds      Authorize                              r  ++ ++++++++++ ++ ++ + +++++++
    pds      Batch                                  r  +d +dddd++ddd +d +d e +++++++
    pds      GetLinkInfo                            r  +d +dddd++ddd +d ++ e dd+++++
    pds      LinkAccount                            w  +d +dddd+dddd +d +d e dd+++++
    pds      GetLinkInfoByUserId                    r  +d +dddd++ddd +d ++ e dd+++++
    pds      UnLinkAccount                          w  +d +dddd+dddd +d +d e dd+++++
    pds      CreateDomain                           w  +d +dddd+dddd +d +d e fffffff
    pds      GetDomain                              r  +d +dddd++ddd +d ++ e ffff+++
    pds      GetDomainQuota                         r  +d +dddd++ddd +d ++ e +++++++
    pds      ListDomains                            r  +d +dddd++ddd +d ++ e fffffff
    pds      DeleteDomain                           w  +d +dddd+dddd +d +d e fffffff
    pds      SearchDomains                          r  +d +dddd++ddd +d +d e fffffff
    pds      UpdateDomain                           w  +d +dddd+dddd +d +d e ff+++++
    pds      CreateDrive                            w  +d +dddd+dddd +d +d e +++++++
    pds      GetDrive                               r  +d +dddd++ddd +d ++ e +++++++
    pds      GetDefaultDrive                        r  +d +dddd++ddd +d ++ e +++++++
    pds      ListDrive                              r  +d +dddd++ddd +d ++ e gggg+++
    pds      ListMyDrives                           r  +d +dddd++ddd +d ++ e +++++++
    pds      ListMyGroupDrive                       r  +d +dddd++ddd +d ++ e +++++++
    pds      DeleteDrive                            w  +d +dddd+dddd +d +d e +++++++
    pds      SearchDrive                            r  +d +dddd++ddd +d +d e gggg+++
    pds      UpdateDrive                            w  +d +dddd+dddd +d +d e +++++++
    pds      ListGroupUser                          r  +d +dddd++ddd +d ++ e +++++++
    pds      ListGroupMember                        r  +d +dddd++ddd +d ++ e +++++++
    pds      AddGroupMember                         w  +d +dddd+dddd +d +d e +++++++
    pds      CreateGroup                            w  +d +dddd+dddd +d +d e +++++++
    pds      GetGroup                               r  +d +dddd++ddd +d ++ e +++++++
    pds      ListGroup                              r  +d +dddd++ddd +d ++ e +++++++
    pds      DeleteGroup                            w  +d +dddd+dddd +d +d e +++++++
    pds      RemoveGroupMember                      w  +d +dddd+dddd +d +d e +++++++
    pds      GroupUpdateName                        w  +d +dddd+dddd +d +d e +++++++
    pds      SearchGroup                            r  +d +dddd++ddd +d +d e +++++++
    pds      UpdateGroup                            w  +d +dddd+dddd +d +d e +++++++
    pds      ListDirectChildMemberships             r  +d +dddd++ddd +d ++ e +++++++
    pds      CreateMembership                       w  +d +dddd+dddd +d +d e +++++++
    pds      GetMembership                          r  +d +dddd++ddd +d ++ e +++++++
    pds      HasMember                              r  +d +dddd++ddd +d +d e +++++++
    pds      ListDirectParentMemberships            r  +d +dddd++ddd +d ++ e +++++++
    pds      DeleteMembership                       w  +d +dddd+dddd +d +d e +++++++
    pds      UpdateMembership                       w  +d +dddd+dddd +d +d e +++++++
    pds      AssignRole                             w  +d +dddd+dddd +d +d e hh+++++
    pds      CancelAssignRole                       w  +d +dddd+dddd +d +d e hh+++++
    pds      ListAssignment                         r  +d +dddd++ddd +d ++ e hhhh+++
    pds      ListIdentityRole                       r  +d +dddd++ddd +d ++ e +++++++
    pds      CreateUser                             w  +d +dddd+dddd +d +d e ii+++++
    pds      GeneralGetUser                         r  +d +dddd++ddd +d +d e +++++++
    pds      GeneralSearchUser                      r  +d +dddd++ddd +d +d e +++++++
    pds      GetUser                                r  +d +dddd++ddd +d ++ e +++++++
    pds      ImportUser                             w  +d +dddd+dddd +d +d e ii+++++
    pds      ListUser                               r  +d +dddd++ddd +d ++ e iiii+++
    pds      DeleteUser                             w  +d +dddd+dddd +d +d e ii+++++
    pds      SearchUser                             r  +d +dddd++ddd +d +d e iiii+++
    pds      UpdateUser                             w  +d +dddd+dddd +d +d e +++++++
    audit    ReadAudit                              r  +c +ccccccccc +c +c e ccccccc
    ");
    server.stop().await;
}

/// Pages belong to whoever is signed in; what nobody sees of them.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_of_the_pages_what_is_for_anybody() {
    let server = Server::start().await;
    let mut picture = String::new();
    for (method, path) in &server.surface().pages {
        let browser = Browser::new(&server);
        let answer = if method == "GET" { browser.ask(path).await } else { browser.post(path, &[]).await };
        let to = answer.header("location").split('?').next().unwrap_or_default();
        let line = format!("{:<4} {path:<19} {} {to}", method.as_str(), answer.status);
        let _ = writeln!(picture, "{}", line.trim_end());
    }

    insta::assert_snapshot!(picture, @r"
    GET  /account            303 /sign-in
    POST /account            303 /sign-in
    GET  /account/code       303 /sign-in
    POST /account/code       303 /sign-in
    GET  /account/device     303 /sign-in
    POST /account/device     303 /sign-in
    GET  /account/password   303 /sign-in
    POST /account/password   303 /sign-in
    GET  /account/sessions   303 /sign-in
    POST /account/sessions   303 /sign-in
    GET  /dev/messages       404
    GET  /password/forgotten 200
    POST /password/forgotten 400
    GET  /password/reset     410
    POST /password/reset     410
    GET  /sign-in            200
    POST /sign-in            400
    GET  /sign-out           303 /sign-in
    POST /sign-out           303 /sign-in
    ");
    server.stop().await;
}

/// Whether a policy of the system allows an action.
fn allows(policy: &system::System, action: &str) -> bool {
    let grants = Grants(vec![policy.named()]);
    let principal = "acs:ram::1000000000000001:user/reader".to_owned();
    let keys = Keys { now: Millis(NOW), source: None, secure: false, mfa: None, principal, more: Vec::new() };
    let resources = ["*".to_owned()];
    matches!(decide(&grants, None, &Ask { action, resources: &resources, keys: &keys }), Verdict::Allowed(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_for_reading_allow_what_reads_and_nothing_else() {
    let server = Server::start().await;
    let mut products = BTreeSet::new();
    for policy in system::all().iter().filter(|policy| policy.name.ends_with("ReadOnlyAccess")) {
        let product = policy.name.trim_start_matches("Aliyun").trim_end_matches("ReadOnlyAccess");
        let code = format!("{}:", product.to_lowercase());
        products.insert(code.clone());
        for (_, declared) in everything(&server) {
            let right = declared.right();
            let expected = right.action().starts_with(&code) && reads(declared);
            assert_eq!(allows(policy, right.action()), expected, "{}: {}", policy.name, right.action());
        }
    }
    // Each product that lists things has such a policy; and everything of it is in a policy for all of it.
    for (api, declared) in everything(&server) {
        let action = declared.right().action();
        let code = format!("{}:", action.split(':').next().expect("a product"));
        if api.version.is_some() && reads(declared) && declared.right().is_asked() {
            assert!(products.contains(&code), "{action}");
        }
        let full = system::all().iter().filter(|policy| policy.name.ends_with("FullAccess"));
        let holding: Vec<&str> = full.filter(|p| allows(p, action)).map(|p| p.name).collect();
        assert_eq!(holding.len(), usize::from(products.contains(&code)), "{action}: {holding:?}");
    }
    server.stop().await;
}

/// Whether an action is one of those that policies for reading are for. What anybody may do, or every AccessKey, is
/// asked of none.
fn reads(declared: &Declared) -> bool {
    let is_open = declared.audience() == Some(Audience::Anybody);
    !declared.right().writes() && declared.right().is_asked() && !is_open
}

#[test]
fn a_token_of_any_user_is_for_who_may_do_everything() {
    let holding: Vec<&str> = system::all()
        .iter()
        .filter(|policy| allows(policy, "pds:LinkAccount"))
        .map(|policy| policy.name)
        .collect();

    assert_eq!(holding, ["AdministratorAccess", "AliyunPDSFullAccess"]);
}
