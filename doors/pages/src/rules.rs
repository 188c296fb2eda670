//! What a page says of the passwords that a directory takes.

use directory::Error;
use directory::passwords::Told;
use model::policy::Check;

use crate::words::Words;

/// The rules, each in words.
pub(crate) fn listed(words: &Words, told: &Told) -> Vec<String> {
    let mut rules = vec![words.rule_length.replace("{length}", &told.complexity.min_length.to_string())];
    rules.extend(told.complexity.checks.iter().map(|check| of(words, *check).to_owned()));
    if told.complexity.weak_barred_since.is_some() {
        rules.push(words.rule_weak.to_owned());
    }
    if let Some(count) = told.history.keeps.filter(|count| *count > 0) {
        rules.push(words.rule_history.replace("{count}", &count.to_string()));
    }
    rules
}

const fn of(words: &Words, check: Check) -> &'static str {
    match check {
        Check::UpperCase => words.rule_upper,
        Check::LowerCase => words.rule_lower,
        Check::Digit => words.rule_digit,
        Check::Special => words.rule_special,
        Check::NoUsername => words.rule_username,
        Check::NoEmail => words.rule_email,
        Check::NoPhone => words.rule_phone,
        Check::NoDisplayName => words.rule_display,
    }
}

/// What is told of a password that is not taken.
///
/// # Errors
/// What is not about the password.
pub(crate) fn refusal(words: &'static Words, error: Error) -> Result<&'static str, Error> {
    if matches!(error, Error::WeakPassword) {
        return Ok(words.weak);
    }
    if matches!(error, Error::Reused) {
        return Ok(words.reused);
    }
    Err(error)
}
