//! Answers as they travel: a reply or a fault, in JSON or XML.

use serde::Serialize;
use serde_json::Value;

use crate::fault::{AccessDenied, Fault};
use crate::xml;

/// The format that the caller asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON, also where nothing was asked for.
    #[default]
    Json,
    /// XML.
    Xml,
}

/// A format that is neither JSON nor XML: `InvalidParameter.Format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the format is neither JSON nor XML")]
pub struct UnknownFormat;

impl Format {
    /// Reads the parameter `Format`, whose case does not matter; absent or empty means JSON.
    ///
    /// # Errors
    /// The text names another format.
    ///
    /// Source: `reference/protocol.md` §1.2.
    pub fn read(text: Option<&str>) -> Result<Self, UnknownFormat> {
        match text.unwrap_or_default() {
            "" => Ok(Self::Json),
            text if text.eq_ignore_ascii_case("json") => Ok(Self::Json),
            text if text.eq_ignore_ascii_case("xml") => Ok(Self::Xml),
            _ => Err(UnknownFormat),
        }
    }

    /// The content type, written exactly as clients compare it: without a blank.
    ///
    /// Source: `reference/protocol.md` §6.4.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

/// The body of a success: `RequestId` first, then the members of `reply`.
///
/// # Panics
/// If `reply` is not an object with text for keys, or its `Serialize` fails: no action declares
/// such a reply.
///
/// Source: `reference/protocol.md` §6.1.
pub fn success<T: Serialize>(format: Format, action: &str, request_id: &str, reply: &T) -> Vec<u8> {
    let answer = Answer { request_id, reply };
    match format {
        Format::Json => json(&answer),
        Format::Xml => document(&format!("{action}Response"), &answer),
    }
}

/// The body of an error: `RequestId`, `HostId`, `Code`, `Message`, and `AccessDeniedDetail` where
/// the fault has it.
///
/// Source: `reference/protocol.md` §6.2.
pub fn error(format: Format, request_id: &str, host: &str, fault: &Fault) -> Vec<u8> {
    let answer = Answer {
        request_id,
        reply: &Envelope {
            host_id: host,
            code: &fault.code,
            message: &fault.message,
            access_denied_detail: fault.access_denied.as_deref(),
        },
    };
    match format {
        Format::Json => json(&answer),
        Format::Xml => document("Error", &answer),
    }
}

#[derive(Serialize)]
struct Answer<'a, T> {
    #[serde(rename = "RequestId")]
    request_id: &'a str,
    #[serde(flatten)]
    reply: &'a T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    host_id: &'a str,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_denied_detail: Option<&'a AccessDenied>,
}

/// Why [`json`] and [`document`] may rely on what they are given.
const IS_OBJECT: &str = "an answer is an object with text for keys";

fn json<T: Serialize>(answer: &Answer<'_, T>) -> Vec<u8> {
    serde_json::to_vec(answer).expect(IS_OBJECT)
}

/// XML, by way of a JSON value: `RequestId` first, the other members as the value orders them.
fn document<T: Serialize>(root: &str, answer: &Answer<'_, T>) -> Vec<u8> {
    let request_id = Value::from(answer.request_id);
    let reply = serde_json::to_value(answer.reply).expect(IS_OBJECT);
    let mut out = xml::HEAD.to_owned();
    xml::within(&mut out, root, |out| {
        xml::element(out, "RequestId", &request_id);
        for (name, member) in reply.as_object().into_iter().flatten() {
            xml::element(out, name, member);
        }
    });
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::fault::NoPermission;

    const ID: &str = "1CBAFFAB-B697-4049-A9B1-67E1FC5F1234";

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Reply {
        users: Vec<Named>,
        locked: Vec<String>,
        next_token: Option<String>,
        total: i64,
        more: bool,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        name: String,
        extras: BTreeMap<String, bool>,
    }

    fn reply() -> Reply {
        let named = |name: &str| Named {
            name: name.to_owned(),
            extras: BTreeMap::from([("a b".to_owned(), true), ("1".to_owned(), false)]),
        };
        Reply {
            users: vec![named("张 <&>"), named("x\u{0}\u{FFFF}\r\ny\"'")],
            locked: Vec::new(),
            next_token: None,
            total: 2,
            more: false,
        }
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_success_begins_with_the_request_id() {
        let found = text(success(Format::Json, "ListUsers", ID, &reply()));

        let expected = json!({
            "RequestId": ID,
            "Users": [
                {"Name": "张 <&>", "Extras": {"a b": true, "1": false}},
                {"Name": "x\u{0}\u{FFFF}\r\ny\"'", "Extras": {"a b": true, "1": false}},
            ],
            "Locked": [], "NextToken": null, "Total": 2, "More": false,
        });
        assert!(found.starts_with(&format!("{{\"RequestId\":\"{ID}\",\"Users\":[")));
        assert_eq!(serde_json::from_str::<Value>(&found).unwrap(), expected);
    }

    #[test]
    fn a_success_may_have_no_members_of_its_own() {
        #[derive(Serialize)]
        struct Nothing {}

        let json = text(success(Format::Json, "LockUser", ID, &Nothing {}));
        let unit = text(success(Format::Json, "LockUser", ID, &()));
        let xml = text(success(Format::Xml, "LockUser", ID, &()));

        assert_eq!(json, format!("{{\"RequestId\":\"{ID}\"}}"));
        assert_eq!(unit, json);
        assert_eq!(
            xml,
            format!("{}<LockUserResponse><RequestId>{ID}</RequestId></LockUserResponse>", xml::HEAD)
        );
    }

    #[test]
    fn in_xml_a_list_is_its_element_repeated() {
        let found = text(success(Format::Xml, "ListUsers", ID, &reply()));

        for part in [
            "<?xml version='1.0' encoding='UTF-8'?><ListUsersResponse><RequestId>1CBAFFAB-",
            "<Users><Extras><_1>false</_1><a_b>true</a_b></Extras><Name>张 &lt;&amp;&gt;</Name></Users><Users>",
            "<Name>x\u{FFFD}\u{FFFD}&#13;\ny\"'</Name>",
            "<Total>2</Total>",
            "<More>false</More>",
        ] {
            assert!(found.contains(part), "{part} in {found}");
        }
        assert!(!found.contains("Locked"));
        assert!(!found.contains("NextToken"));
        assert!(found.ends_with("</ListUsersResponse>"));
    }

    #[test]
    fn an_error_is_an_envelope() {
        let fault = Fault::new(404, "InvalidAction.NotFound", "Specified api is <not> found.");

        let json = text(error(Format::Json, ID, "localhost:8080", &fault));
        let xml = text(error(Format::Xml, ID, "localhost:8080", &fault));

        assert_eq!(
            json,
            format!(
                "{{\"RequestId\":\"{ID}\",\"HostId\":\"localhost:8080\",\
                 \"Code\":\"InvalidAction.NotFound\",\"Message\":\"Specified api is <not> found.\"}}"
            )
        );
        assert!(xml.starts_with(&format!("{}<Error><RequestId>{ID}</RequestId>", xml::HEAD)));
        assert!(xml.contains("<Message>Specified api is &lt;not&gt; found.</Message>"));
        assert!(xml.contains("<HostId>localhost:8080</HostId>"));
        assert!(xml.ends_with("</Error>"));
    }

    #[test]
    fn a_refusal_says_which_right_was_wanting() {
        let denied = AccessDenied {
            auth_action: "ecd:DescribeUsers".to_owned(),
            auth_principal_type: Some("SubUser".into()),
            auth_principal_owner_id: None,
            auth_principal_display_name: None,
            no_permission_type: NoPermission::ImplicitDeny,
            policy_type: None,
            encoded_diagnostic_message: None,
        };
        let fault = Fault {
            access_denied: Some(Box::new(denied)),
            retry_after_millis: Some(5),
            ..Fault::new(403, "NoPermission", "No.")
        };

        let found: Value = serde_json::from_slice(&error(Format::Json, ID, "h", &fault)).unwrap();

        let expected = json!({
            "RequestId": ID, "HostId": "h", "Code": "NoPermission", "Message": "No.",
            "AccessDeniedDetail": {
                "AuthAction": "ecd:DescribeUsers",
                "AuthPrincipalType": "SubUser",
                "NoPermissionType": "ImplicitDeny",
            },
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_format_is_read_in_any_case() {
        for (text, expected) in [
            (None, Ok(Format::Json)),
            (Some(""), Ok(Format::Json)),
            (Some("json"), Ok(Format::Json)),
            (Some("JSON"), Ok(Format::Json)),
            (Some("Xml"), Ok(Format::Xml)),
            (Some("yaml"), Err(UnknownFormat)),
        ] {
            assert_eq!(Format::read(text), expected, "{text:?}");
        }
    }
}
