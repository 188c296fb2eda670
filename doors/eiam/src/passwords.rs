//! The password policies of an instance. What was never set is shown as its default.
//!
//! Source: `reference/eiam.md` 12; `reference/doors.md` §1.2.

use api::Ranged;
use api::eiam::{
    AuthenticationChannel, Channel, ComplexityRule, Done, ExpirationChannel, GetForgetPasswordConfiguration,
    GetForgetPasswordConfigurationReply, GetPasswordComplexityConfiguration,
    GetPasswordComplexityConfigurationReply, GetPasswordExpirationConfiguration,
    GetPasswordExpirationConfigurationReply, GetPasswordHistoryConfiguration,
    GetPasswordHistoryConfigurationReply, GetPasswordInitializationConfiguration,
    GetPasswordInitializationConfigurationReply, OpenForgetPasswordConfiguration, PasswordCheckType,
    PasswordComplexityConfiguration, PasswordExpirationAction, PasswordExpirationConfiguration,
    PasswordHistoryConfiguration, PasswordInitializationConfiguration, PasswordInitializationType,
    SetForgetPasswordConfiguration, SetPasswordComplexityConfiguration, SetPasswordExpirationConfiguration,
    SetPasswordHistoryConfiguration, SetPasswordInitializationConfiguration, Status, Word,
};
use directory::policies;
use gate::{Change, Permit, Reader};
use model::policy::{
    Check, Complexity, Expiration, ExpiredAction, Forgotten, History, InitialChannel, InitialPassword,
    Initialization, NoticeChannel, ProofChannel,
};

use crate::Settings;
use crate::words::Refused;

/// Every way to sign in: what an expiration is for where nothing else is said.
const ALL_SOURCES: &str = "ia_all";

pub(crate) async fn complexity(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetPasswordComplexityConfiguration,
) -> Result<GetPasswordComplexityConfigurationReply, Refused> {
    let policy: Complexity = policies::get(reader, permit).await?.unwrap_or_default();
    let rule = |check: &Check| ComplexityRule { password_check_type: check_type(*check) };
    Ok(GetPasswordComplexityConfigurationReply {
        password_complexity_configuration: PasswordComplexityConfiguration {
            password_min_length: i64::from(policy.min_length),
            password_complexity_rules: policy.checks.iter().map(rule).collect(),
            disabled_weak_password_login: policy.weak_barred_since.is_some(),
            disabled_weak_password_login_started_at: policy.weak_barred_since.map(|since| since.0),
        },
    })
}

pub(crate) async fn set_complexity(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetPasswordComplexityConfiguration,
) -> Result<Done, Refused> {
    let given = request.password_complexity_rules.iter().flatten();
    let words = given.filter_map(|rule| rule.password_check_type.as_ref().and_then(Word::get));
    let policy = Complexity {
        min_length: number(request.password_min_length),
        checks: once(words.map(check)),
        weak_barred_since: request.disabled_weak_password_login.unwrap_or(false).then(|| permit.at()),
    };
    policies::set_complexity(change, permit, &policy).await?;
    Ok(Done {})
}

fn check_type(check: Check) -> PasswordCheckType {
    match check {
        Check::UpperCase => PasswordCheckType::InclusionUpperCase,
        Check::LowerCase => PasswordCheckType::InclusionLowerCase,
        Check::Digit => PasswordCheckType::InclusionNumber,
        Check::Special => PasswordCheckType::InclusionSpecialCase,
        Check::NoUsername => PasswordCheckType::ExclusionUsername,
        Check::NoEmail => PasswordCheckType::ExclusionEmail,
        Check::NoPhone => PasswordCheckType::ExclusionPhoneNumber,
        Check::NoDisplayName => PasswordCheckType::ExclusionDisplayName,
    }
}

fn check(check: PasswordCheckType) -> Check {
    match check {
        PasswordCheckType::InclusionUpperCase => Check::UpperCase,
        PasswordCheckType::InclusionLowerCase => Check::LowerCase,
        PasswordCheckType::InclusionNumber => Check::Digit,
        PasswordCheckType::InclusionSpecialCase => Check::Special,
        PasswordCheckType::ExclusionUsername => Check::NoUsername,
        PasswordCheckType::ExclusionEmail => Check::NoEmail,
        PasswordCheckType::ExclusionPhoneNumber => Check::NoPhone,
        PasswordCheckType::ExclusionDisplayName => Check::NoDisplayName,
    }
}

pub(crate) async fn expiration(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetPasswordExpirationConfiguration,
) -> Result<GetPasswordExpirationConfigurationReply, Refused> {
    let policy: Expiration = policies::get(reader, permit).await?.unwrap_or_default();
    let action = |action| match action {
        ExpiredAction::ForbidLogin => PasswordExpirationAction::ForbidLogin,
        ExpiredAction::ForceUpdate => PasswordExpirationAction::ForceUpdatePassword,
        ExpiredAction::RemindUpdate => PasswordExpirationAction::RemindUpdatePassword,
    };
    let channel = |channel: &NoticeChannel| match channel {
        NoticeChannel::Login => ExpirationChannel::Login,
        NoticeChannel::Email => ExpirationChannel::Email,
        NoticeChannel::Sms => ExpirationChannel::Sms,
    };
    Ok(GetPasswordExpirationConfigurationReply {
        password_expiration_configuration: PasswordExpirationConfiguration {
            password_expiration_status: status(policy.enabled),
            password_valid_max_day: policy.valid_days.map(i64::from),
            password_expiration_action: policy.action.map(action),
            password_expiration_notification_status: status(policy.notifies),
            password_expiration_notification_channels: policy.channels.iter().map(channel).collect(),
            password_expiration_notification_duration: policy.notice_days.map(i64::from),
            password_forced_update_duration: policy.forced_update_days.map(i64::from),
            effective_authentication_source_ids: policy.sources,
        },
    })
}

pub(crate) async fn set_expiration(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetPasswordExpirationConfiguration,
) -> Result<Done, Refused> {
    let action = |action| match action {
        PasswordExpirationAction::ForbidLogin => ExpiredAction::ForbidLogin,
        PasswordExpirationAction::ForceUpdatePassword => ExpiredAction::ForceUpdate,
        PasswordExpirationAction::RemindUpdatePassword => ExpiredAction::RemindUpdate,
    };
    let channel = |channel: &ExpirationChannel| match channel {
        ExpirationChannel::Login => NoticeChannel::Login,
        ExpirationChannel::Email => NoticeChannel::Email,
        ExpirationChannel::Sms => NoticeChannel::Sms,
    };
    let sources = once(request.effective_authentication_source_ids.iter().flatten().cloned());
    let policy = Expiration {
        enabled: request.password_expiration_status == Status::Enabled,
        valid_days: request.password_valid_max_day.map(number),
        action: request.password_expiration_action.map(action),
        notifies: request.password_expiration_notification_status == Some(Status::Enabled),
        channels: once(request.password_expiration_notification_channels.iter().flatten().map(channel)),
        notice_days: request.password_expiration_notification_duration.map(number),
        forced_update_days: request.password_forced_update_duration.map(number),
        sources: if sources.is_empty() { vec![ALL_SOURCES.to_owned()] } else { sources },
    };
    policies::set(change, permit, &policy).await?;
    Ok(Done {})
}

pub(crate) async fn history(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetPasswordHistoryConfiguration,
) -> Result<GetPasswordHistoryConfigurationReply, Refused> {
    let policy: History = policies::get(reader, permit).await?.unwrap_or_default();
    Ok(GetPasswordHistoryConfigurationReply {
        password_history_configuration: PasswordHistoryConfiguration {
            password_history_status: status(policy.keeps.is_some()),
            password_history_max_retention: policy.keeps.map(i64::from),
        },
    })
}

pub(crate) async fn set_history(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetPasswordHistoryConfiguration,
) -> Result<Done, Refused> {
    let is_on = request.password_history_status == Status::Enabled;
    let keeps = request.password_history_max_retention.filter(|_| is_on).map(number);
    policies::set(change, permit, &History { keeps }).await?;
    Ok(Done {})
}

pub(crate) async fn initialization(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetPasswordInitializationConfiguration,
) -> Result<GetPasswordInitializationConfigurationReply, Refused> {
    let policy: Initialization = policies::get(reader, permit).await?.unwrap_or_default();
    let kind = |kind| match kind {
        InitialPassword::Random => PasswordInitializationType::Random,
    };
    Ok(GetPasswordInitializationConfigurationReply {
        password_initialization_configuration: PasswordInitializationConfiguration {
            password_initialization_status: status(policy.enabled),
            password_initialization_type: policy.kind.map(kind),
            password_forced_update_status: status(policy.must_change),
            password_initialization_notification_channels: policy.channels.into_iter().map(channel).collect(),
        },
    })
}

pub(crate) async fn set_initialization(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetPasswordInitializationConfiguration,
) -> Result<Done, Refused> {
    let kind = |kind| match kind {
        PasswordInitializationType::Random => InitialPassword::Random,
    };
    let channels = request.password_initialization_notification_channels.iter().flatten();
    let policy = Initialization {
        enabled: request.password_initialization_status == Status::Enabled,
        kind: request.password_initialization_type.map(kind),
        must_change: request.password_forced_update_status == Some(Status::Enabled),
        channels: once(channels.copied().map(initial_channel)),
    };
    policies::set(change, permit, &policy).await?;
    Ok(Done {})
}

/// A channel as the policy keeps it.
pub(crate) fn initial_channel(channel: Channel) -> InitialChannel {
    match channel {
        Channel::Email => InitialChannel::Email,
        Channel::Sms => InitialChannel::Sms,
    }
}

/// A channel as the policy keeps it, in this door's word.
pub(crate) fn channel(channel: InitialChannel) -> Channel {
    match channel {
        InitialChannel::Email => Channel::Email,
        InitialChannel::Sms => Channel::Sms,
    }
}

pub(crate) async fn forgotten(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetForgetPasswordConfiguration,
) -> Result<GetForgetPasswordConfigurationReply, Refused> {
    let policy: Forgotten = policies::get(reader, permit).await?.unwrap_or_default();
    let channel = |channel: &ProofChannel| match channel {
        ProofChannel::Email => AuthenticationChannel::Email,
        ProofChannel::Sms => AuthenticationChannel::Sms,
        ProofChannel::Totp => AuthenticationChannel::Totp,
        ProofChannel::WebAuthn => AuthenticationChannel::WebAuthn,
    };
    Ok(GetForgetPasswordConfigurationReply {
        open_forget_password_configuration: OpenForgetPasswordConfiguration {
            forget_password_status: status(policy.enabled),
            authentication_channels: policy.channels.iter().map(channel).collect(),
            enable: policy.enabled,
            enable_sms: policy.channels.contains(&ProofChannel::Sms),
            enable_email: policy.channels.contains(&ProofChannel::Email),
        },
    })
}

pub(crate) async fn set_forgotten(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetForgetPasswordConfiguration,
) -> Result<Done, Refused> {
    let channel = |channel: &AuthenticationChannel| match channel {
        AuthenticationChannel::Email => ProofChannel::Email,
        AuthenticationChannel::Sms => ProofChannel::Sms,
        AuthenticationChannel::Totp => ProofChannel::Totp,
        AuthenticationChannel::WebAuthn => ProofChannel::WebAuthn,
    };
    let policy = Forgotten {
        enabled: request.forget_password_status == Status::Enabled,
        channels: once(request.authentication_channels.iter().flatten().map(channel)),
    };
    policies::set(change, permit, &policy).await?;
    Ok(Done {})
}

fn status(is_enabled: bool) -> Status {
    if is_enabled { Status::Enabled } else { Status::Disabled }
}

/// A number that its declaration keeps small.
fn number<const MIN: i64, const MAX: i64>(ranged: Ranged<MIN, MAX>) -> u16 {
    u16::try_from(ranged.get()).expect("its range is small")
}

/// Each member once, where it comes first.
fn once<T: PartialEq>(members: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut met = Vec::new();
    for member in members {
        if !met.contains(&member) {
            met.push(member);
        }
    }
    met
}
