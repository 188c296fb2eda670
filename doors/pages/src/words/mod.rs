//! What pages say, in each language.

mod chinese;
mod english;

use model::globalization::Language;
use serde::Serialize;

/// What pages say in one language: each field is a text that stands in some page. In braces stand the names of what a
/// page puts in.
#[derive(Debug, Serialize)]
pub(crate) struct Words {
    // What stands around every page.
    pub(crate) language: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) back: &'static str,
    pub(crate) save: &'static str,
    pub(crate) proceed: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) none: &'static str,
    /// Between what something is called and what it is.
    pub(crate) colon: &'static str,
    /// The form came too late, or from another page.
    pub(crate) stale: &'static str,
    /// The form came without what the browser is known by.
    pub(crate) cookieless: &'static str,

    // Signing in.
    pub(crate) sign_in: &'static str,
    /// `{app}`.
    pub(crate) onward: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) password: &'static str,
    pub(crate) forgot: &'static str,
    pub(crate) refused: &'static str,
    /// `{minutes}`.
    pub(crate) wait: &'static str,
    pub(crate) locked: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) code_title: &'static str,
    pub(crate) code: &'static str,
    pub(crate) code_hint: &'static str,
    pub(crate) code_refused: &'static str,
    pub(crate) code_locked: &'static str,
    pub(crate) other_account: &'static str,
    pub(crate) ends_title: &'static str,
    /// `{days}`.
    pub(crate) ends: &'static str,
    pub(crate) ended_title: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) change_now: &'static str,
    pub(crate) later: &'static str,
    pub(crate) sign_out: &'static str,
    /// `{name}`.
    pub(crate) sign_out_ask: &'static str,

    // Passwords.
    pub(crate) forgotten_title: &'static str,
    pub(crate) forgotten_text: &'static str,
    pub(crate) forgotten_send: &'static str,
    pub(crate) forgotten_off: &'static str,
    pub(crate) forgotten_sent: &'static str,
    pub(crate) to_sign_in: &'static str,
    pub(crate) reset_title: &'static str,
    /// `{name}`.
    pub(crate) reset_text: &'static str,
    pub(crate) reset_gone: &'static str,
    pub(crate) reset_done: &'static str,
    pub(crate) reset_again: &'static str,
    pub(crate) change_title: &'static str,
    pub(crate) change_forced: &'static str,
    pub(crate) change_kept: &'static str,
    pub(crate) old_password: &'static str,
    pub(crate) old_refused: &'static str,
    pub(crate) new_password: &'static str,
    pub(crate) repeat_password: &'static str,
    pub(crate) differs: &'static str,
    pub(crate) weak: &'static str,
    pub(crate) reused: &'static str,
    /// `{length}`.
    pub(crate) rule_length: &'static str,
    pub(crate) rule_upper: &'static str,
    pub(crate) rule_lower: &'static str,
    pub(crate) rule_digit: &'static str,
    pub(crate) rule_special: &'static str,
    pub(crate) rule_username: &'static str,
    pub(crate) rule_email: &'static str,
    pub(crate) rule_phone: &'static str,
    pub(crate) rule_display: &'static str,
    pub(crate) rule_weak: &'static str,
    /// `{count}`.
    pub(crate) rule_history: &'static str,
    pub(crate) rules: &'static str,

    // The account.
    pub(crate) account: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) username: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) email: &'static str,
    pub(crate) phone: &'static str,
    /// Behind an address or a number, with the brackets.
    pub(crate) verified: &'static str,
    pub(crate) units: &'static str,
    pub(crate) password_ends: &'static str,
    pub(crate) required: &'static str,
    pub(crate) unfit: &'static str,
    pub(crate) taken: &'static str,
    pub(crate) overtaken: &'static str,
    pub(crate) overtaken_field: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) password_set: &'static str,

    // The device.
    pub(crate) device: &'static str,
    pub(crate) device_none: &'static str,
    pub(crate) device_begin: &'static str,
    pub(crate) device_scan: &'static str,
    pub(crate) device_key: &'static str,
    pub(crate) device_picture: &'static str,
    pub(crate) device_confirm: &'static str,
    pub(crate) device_superseded: &'static str,
    pub(crate) device_done: &'static str,
    pub(crate) device_is_on: &'static str,
    pub(crate) device_is_locked: &'static str,
    /// `{count}`.
    pub(crate) device_left: &'static str,
    pub(crate) device_remove: &'static str,
    pub(crate) device_remove_text: &'static str,
    pub(crate) device_removed: &'static str,
    pub(crate) device_proof: &'static str,
    pub(crate) codes_title: &'static str,
    pub(crate) codes_text: &'static str,
    pub(crate) codes_renew: &'static str,
    pub(crate) codes_kept: &'static str,

    // Sessions.
    pub(crate) sessions: &'static str,
    pub(crate) sessions_text: &'static str,
    /// Behind a browser, with the brackets.
    pub(crate) session_here: &'static str,
    pub(crate) session_awaits_code: &'static str,
    pub(crate) session_awaits_password: &'static str,
    pub(crate) session_browser: &'static str,
    /// `{browser}` and `{system}`.
    pub(crate) session_agent: &'static str,
    pub(crate) session_source: &'static str,
    pub(crate) session_since: &'static str,
    pub(crate) session_used: &'static str,
    pub(crate) session_end: &'static str,
    pub(crate) session_ended: &'static str,
    pub(crate) end_all: &'static str,
    pub(crate) end_all_text: &'static str,

    // Codes for managers.
    pub(crate) manager: &'static str,
    /// `{host}` and `{name}`.
    pub(crate) manager_ask: &'static str,
    pub(crate) manager_show: &'static str,
    pub(crate) manager_code: &'static str,
    pub(crate) manager_once: &'static str,
    pub(crate) manager_not: &'static str,
    pub(crate) manager_return: &'static str,

    // What is in the way.
    pub(crate) trouble: &'static str,
    pub(crate) trouble_none: &'static str,
    pub(crate) trouble_place: &'static str,
    pub(crate) trouble_method: &'static str,
    pub(crate) trouble_long: &'static str,
    pub(crate) trouble_form: &'static str,
    pub(crate) trouble_busy: &'static str,
    pub(crate) trouble_often: &'static str,
    pub(crate) trouble_own: &'static str,
}

/// What pages say in a language.
pub(crate) const fn of(language: Language) -> &'static Words {
    match language {
        Language::English => &english::WORDS,
        Language::Chinese => &chinese::WORDS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in braces of a text.
    fn holes(text: &str) -> Vec<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn each_text_is_there_in_each_language_with_the_same_holes() {
        let all = Language::ALL.map(|language| serde_json::to_value(of(language)).expect("plain texts"));
        for (name, english) in all[0].as_object().expect("a struct") {
            let [english, chinese] = [english, &all[1][name]].map(|text| text.as_str().unwrap_or_default());
            assert!(!english.is_empty() && !chinese.is_empty(), "{name}");
            let [mut one, mut other] = [holes(english), holes(chinese)];
            one.sort_unstable();
            other.sort_unstable();
            assert_eq!(one, other, "{name}");
            assert!(!english.contains(['<', '>', '&']) && !chinese.contains(['<', '>', '&']), "{name}");
        }
    }
}
