"""EIAM: passwords of users, and the five policies for them."""

import time
from typing import Any
from uuid import uuid4

from alibabacloud_eiam20211201 import models

from eiam import DAY, Fault, Instance, address, invalid, missing, new_instance, phone
from harness import EIAM, UNBROKEN_PASSWORD, Server, Tea, tea

COMMON = ["inclusion_upper_case", "inclusion_lower_case", "inclusion_number"]


def test_the_current_sdk_sets_and_shows_all_five_policies(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))

    client.set_password_complexity_configuration(
        models.SetPasswordComplexityConfigurationRequest(
            instance_id=at.id,
            password_min_length=10,
            password_complexity_rules=[
                models.SetPasswordComplexityConfigurationRequestPasswordComplexityRules(
                    password_check_type="inclusion_special_case"
                )
            ],
            disabled_weak_password_login=True,
        )
    )
    client.set_password_expiration_configuration(
        models.SetPasswordExpirationConfigurationRequest(
            instance_id=at.id,
            password_expiration_status="enabled",
            password_valid_max_day=90,
            password_expiration_action="forbid_login",
        )
    )
    client.set_password_history_configuration(
        models.SetPasswordHistoryConfigurationRequest(
            instance_id=at.id, password_history_status="enabled", password_history_max_retention=3
        )
    )
    client.set_password_initialization_configuration(
        models.SetPasswordInitializationConfigurationRequest(
            instance_id=at.id, password_initialization_status="enabled", password_initialization_type="random"
        )
    )
    client.set_forget_password_configuration(
        models.SetForgetPasswordConfigurationRequest(
            instance_id=at.id, forget_password_status="enabled", authentication_channels=["email"]
        )
    )
    complexity = client.get_password_complexity_configuration(
        models.GetPasswordComplexityConfigurationRequest(instance_id=at.id)
    ).body.password_complexity_configuration
    expiration = client.get_password_expiration_configuration(
        models.GetPasswordExpirationConfigurationRequest(instance_id=at.id)
    ).body.password_expiration_configuration
    history = client.get_password_history_configuration(
        models.GetPasswordHistoryConfigurationRequest(instance_id=at.id)
    ).body.password_history_configuration
    initialization = client.get_password_initialization_configuration(
        models.GetPasswordInitializationConfigurationRequest(instance_id=at.id)
    ).body.password_initialization_configuration
    forgotten = client.get_forget_password_configuration(
        models.GetForgetPasswordConfigurationRequest(instance_id=at.id)
    ).body.open_forget_password_configuration

    assert complexity.password_min_length == 10
    assert [rule.password_check_type for rule in complexity.password_complexity_rules] == ["inclusion_special_case"]
    assert complexity.disabled_weak_password_login is True
    assert abs(complexity.disabled_weak_password_login_started_at - time.time() * 1000) < 60_000
    assert (expiration.password_expiration_status, expiration.password_valid_max_day) == ("enabled", 90)
    assert expiration.password_expiration_action == "forbid_login"
    assert expiration.effective_authentication_source_ids == ["ia_all"]
    assert (history.password_history_status, history.password_history_max_retention) == ("enabled", 3)
    assert initialization.password_initialization_status == "enabled"
    assert initialization.password_initialization_type == "random"
    assert (forgotten.forget_password_status, forgotten.authentication_channels) == ("enabled", ["email"])
    assert (forgotten.enable, forgotten.enable_email, forgotten.enable_sms) == (True, True, False)


# What is shown while nobody has set anything.
DEFAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "PasswordComplexity": (
        "PasswordComplexityConfiguration",
        {
            "PasswordMinLength": 8,
            "PasswordComplexityRules": [{"PasswordCheckType": rule} for rule in COMMON],
            "DisabledWeakPasswordLogin": False,
        },
    ),
    "PasswordExpiration": (
        "PasswordExpirationConfiguration",
        {
            "PasswordExpirationStatus": "disabled",
            "PasswordExpirationNotificationStatus": "disabled",
            "PasswordExpirationNotificationChannels": [],
            "EffectiveAuthenticationSourceIds": ["ia_all"],
        },
    ),
    "PasswordHistory": ("PasswordHistoryConfiguration", {"PasswordHistoryStatus": "disabled"}),
    "PasswordInitialization": (
        "PasswordInitializationConfiguration",
        {
            "PasswordInitializationStatus": "disabled",
            "PasswordForcedUpdateStatus": "disabled",
            "PasswordInitializationNotificationChannels": [],
        },
    ),
    "ForgetPassword": (
        "OpenForgetPasswordConfiguration",
        {
            "ForgetPasswordStatus": "disabled",
            "AuthenticationChannels": [],
            "Enable": False,
            "EnableSms": False,
            "EnableEmail": False,
        },
    ),
}


def policy(instance: Instance, name: str) -> dict[str, Any]:
    """A policy as it is shown."""
    key, _ = DEFAULTS[name]
    answer = instance.call(f"Get{name}Configuration")
    assert list(answer) == [key]
    found: dict[str, Any] = answer[key]
    return found


def put(instance: Instance, name: str, **given: Any) -> None:
    """Sets a policy."""
    assert instance.call(f"Set{name}Configuration", **given) == {}


def test_each_policy_has_a_default(instance: Instance) -> None:
    for name, (_, default) in DEFAULTS.items():
        assert policy(instance, name) == default, name


def test_each_policy_comes_back_as_it_was_set_and_is_replaced_whole(instance: Instance) -> None:
    rules = [
        "inclusion_upper_case",
        "inclusion_lower_case",
        "inclusion_number",
        "inclusion_special_case",
        "exclusion_username",
        "exclusion_email",
        "exclusion_phone_number",
        "exclusion_display_name",
    ]
    wholes: dict[str, dict[str, Any]] = {
        "PasswordComplexity": {
            "PasswordMinLength": 64,
            "PasswordComplexityRules": [{"PasswordCheckType": rule} for rule in rules],
            "DisabledWeakPasswordLogin": False,
        },
        "PasswordExpiration": {
            "PasswordExpirationStatus": "enabled",
            "PasswordValidMaxDay": 3650,
            "PasswordExpirationAction": "remind_update_password",
            "PasswordExpirationNotificationStatus": "enabled",
            "PasswordExpirationNotificationChannels": ["login", "email", "sms"],
            "PasswordExpirationNotificationDuration": 7,
            "PasswordForcedUpdateDuration": 365,
            "EffectiveAuthenticationSourceIds": ["ia_password", "ia_otp_sms", "idp_mwpcwnhrimlr2horx7xgg7pp7y"],
        },
        "PasswordHistory": {"PasswordHistoryStatus": "enabled", "PasswordHistoryMaxRetention": 24},
        "PasswordInitialization": {
            "PasswordInitializationStatus": "enabled",
            "PasswordInitializationType": "random",
            "PasswordForcedUpdateStatus": "enabled",
            "PasswordInitializationNotificationChannels": ["email", "sms"],
        },
        "ForgetPassword": {
            "ForgetPasswordStatus": "enabled",
            "AuthenticationChannels": ["email", "sms", "totp", "web_authn"],
        },
    }
    least: dict[str, dict[str, Any]] = {
        "PasswordComplexity": {"PasswordMinLength": 1},
        "PasswordExpiration": {"PasswordExpirationStatus": "disabled"},
        "PasswordHistory": {"PasswordHistoryStatus": "disabled"},
        "PasswordInitialization": {"PasswordInitializationStatus": "disabled"},
        "ForgetPassword": {"ForgetPasswordStatus": "disabled"},
    }

    for name, whole in wholes.items():
        put(instance, name, **whole)
        mirrored = {"Enable": True, "EnableSms": True, "EnableEmail": True} if name == "ForgetPassword" else {}
        assert policy(instance, name) == {**whole, **mirrored}
        put(instance, name, **least[name])
        bare = {**DEFAULTS[name][1], **least[name]}
        if name == "PasswordComplexity":
            bare["PasswordComplexityRules"] = []
        assert policy(instance, name) == bare
    put(instance, "PasswordComplexity", **wholes["PasswordComplexity"])
    other = new_instance(instance.sdk)
    assert policy(other, "PasswordComplexity") == DEFAULTS["PasswordComplexity"][1]


def test_since_when_weak_passwords_are_barred_is_kept(instance: Instance) -> None:
    begun = time.time_ns() // 1_000_000

    def started(barred: bool) -> int | None:
        """What is shown once it is said again."""
        put(instance, "PasswordComplexity", PasswordMinLength=8, DisabledWeakPasswordLogin=barred)
        shown = policy(instance, "PasswordComplexity")
        assert shown["DisabledWeakPasswordLogin"] is barred
        return shown.get("DisabledWeakPasswordLoginStartedAt")

    first, same, off, later = (started(barred) for barred in (True, True, False, True))

    assert first and begun - 1000 <= first <= time.time_ns() // 1_000_000 + 1000
    assert same == first and off is None
    assert later and later > first


def test_what_a_policy_cannot_be_is_named(instance: Instance) -> None:
    ends = {
        "PasswordExpirationStatus": "enabled",
        "PasswordValidMaxDay": 90,
        "PasswordExpirationAction": "forbid_login",
    }
    told = {
        **ends,
        "PasswordExpirationNotificationStatus": "enabled",
        "PasswordExpirationNotificationChannels": ["sms"],
        "PasswordExpirationNotificationDuration": 7,
    }
    made = {"PasswordInitializationStatus": "enabled", "PasswordInitializationType": "random"}
    cases: list[tuple[str, dict[str, Any], Fault]] = [
        ("PasswordComplexity", {}, missing("PasswordMinLength")),
        ("PasswordComplexity", {"PasswordMinLength": 0}, invalid("PasswordMinLength")),
        ("PasswordComplexity", {"PasswordMinLength": 65}, invalid("PasswordMinLength")),
        (
            "PasswordComplexity",
            {"PasswordMinLength": 8, "PasswordComplexityRules": [{"PasswordCheckType": "inclusion_emoji"}]},
            invalid("PasswordCheckType"),
        ),
        ("PasswordExpiration", {}, missing("PasswordExpirationStatus")),
        ("PasswordExpiration", {"PasswordExpirationStatus": "on"}, invalid("PasswordExpirationStatus")),
        *(
            ("PasswordExpiration", {name: told[name] for name in told if name != gone}, missing(gone))
            for gone in told
            if gone != "PasswordExpirationNotificationStatus"
        ),
        ("PasswordExpiration", {**ends, "PasswordValidMaxDay": 0}, invalid("PasswordValidMaxDay")),
        ("PasswordExpiration", {**ends, "PasswordValidMaxDay": 3651}, invalid("PasswordValidMaxDay")),
        ("PasswordExpiration", {**ends, "PasswordExpirationAction": "warn"}, invalid("PasswordExpirationAction")),
        (
            "PasswordExpiration",
            {**told, "PasswordExpirationNotificationChannels": ["fax"]},
            invalid("PasswordExpirationNotificationChannels"),
        ),
        (
            "PasswordExpiration",
            {**told, "PasswordExpirationNotificationDuration": 90},
            invalid("PasswordExpirationNotificationDuration"),
        ),
        ("PasswordExpiration", {**told, "PasswordForcedUpdateDuration": 7}, invalid("PasswordForcedUpdateDuration")),
        ("PasswordExpiration", {**told, "PasswordForcedUpdateDuration": 366}, invalid("PasswordForcedUpdateDuration")),
        (
            "PasswordExpiration",
            {**ends, "EffectiveAuthenticationSourceIds": ["ia_all", "ia_password"]},
            invalid("EffectiveAuthenticationSourceIds"),
        ),
        (
            "PasswordExpiration",
            {**ends, "EffectiveAuthenticationSourceIds": ["ia_other"]},
            invalid("EffectiveAuthenticationSourceIds"),
        ),
        ("PasswordHistory", {}, missing("PasswordHistoryStatus")),
        ("PasswordHistory", {"PasswordHistoryStatus": "enabled"}, missing("PasswordHistoryMaxRetention")),
        *(
            (
                "PasswordHistory",
                {"PasswordHistoryStatus": "enabled", "PasswordHistoryMaxRetention": count},
                invalid("PasswordHistoryMaxRetention"),
            )
            for count in (0, 25)
        ),
        ("PasswordInitialization", {}, missing("PasswordInitializationStatus")),
        ("PasswordInitialization", {"PasswordInitializationStatus": "enabled"}, missing("PasswordInitializationType")),
        (
            "PasswordInitialization",
            {**made, "PasswordInitializationType": "chosen"},
            invalid("PasswordInitializationType"),
        ),
        ("PasswordInitialization", {**made, "PasswordForcedUpdateStatus": "1"}, invalid("PasswordForcedUpdateStatus")),
        (
            "PasswordInitialization",
            {**made, "PasswordInitializationNotificationChannels": ["login"]},
            invalid("PasswordInitializationNotificationChannels"),
        ),
        ("ForgetPassword", {}, missing("ForgetPasswordStatus")),
        ("ForgetPassword", {"ForgetPasswordStatus": "enabled"}, missing("AuthenticationChannels")),
        (
            "ForgetPassword",
            {"ForgetPasswordStatus": "enabled", "AuthenticationChannels": ["fax"]},
            invalid("AuthenticationChannels"),
        ),
    ]

    for name, given, expected in cases:
        assert instance.fault(f"Set{name}Configuration", **given) == expected, (name, given)
    for name, (_, default) in DEFAULTS.items():
        assert policy(instance, name) == default, name


COMPLEXITY: list[tuple[int, list[str], list[str], list[str]]] = [
    (1, [], ["1", "密", "x" * 64], ["", "a b"]),
    (4, [], ["1234"], ["123"]),
    (3, ["inclusion_upper_case"], ["xXx"], ["xxx"]),
    (3, ["inclusion_lower_case"], ["XxX"], ["XXX"]),
    (3, ["inclusion_number"], ["xx1"], ["xxx"]),
    (
        3,
        ["inclusion_special_case"],
        [f"xx{special}" for special in "`@%+\\/'\"!#$^?:,(){}[]~-_."],
        ["xxx", "xx*", "xx1"],
    ),
    (3, ["exclusion_username"], ["lice", "bob"], ["alice", "xALICEx"]),
    (3, ["exclusion_email"], ["example.com", "me.work"], ["my.mail", "xMy.MAILx"]),
    (3, ["exclusion_phone_number"], ["1380000000"], ["13800000000", "x13800000000"]),
    (3, ["exclusion_display_name"], ["Mrs.Li"], ["Ms.Li", "xms.lix"]),
]


def test_a_password_is_such_as_the_policy_wants(instance: Instance) -> None:
    who: dict[str, Any] = {
        "Username": "alice",
        "DisplayName": "Ms.Li",
        **phone("86", "13800000000"),
        **address("my.mail@example.com"),
        "PrimaryOrganizationalUnitId": instance.root,
    }
    user = instance.call("CreateUser", **who)["UserId"]

    for length, rules, fit, unfit in COMPLEXITY:
        put(
            instance,
            "PasswordComplexity",
            PasswordMinLength=length,
            PasswordComplexityRules=[{"PasswordCheckType": rule} for rule in rules],
        )
        for password in fit:
            assert instance.call("UpdateUserPassword", UserId=user, Password=password) == {}, (rules, password)
        for password in unfit:
            found = instance.fault("UpdateUserPassword", UserId=user, Password=password)
            assert found == (invalid("Password") if password else missing("Password")), (rules, password)
            if password:
                new = {**who, "Username": "lic", **phone("1", "13800000000"), **address("my.mail@example.net")}
                assert instance.fault("CreateUser", **new, Password=password) == invalid("Password"), (rules, password)
    assert instance.names() == ["alice"]


def test_a_policy_does_not_touch_passwords_that_are_set(instance: Instance) -> None:
    user = instance.user("alice", Password="Passw0rd")
    before = instance.shown(user)

    put(instance, "PasswordComplexity", PasswordMinLength=64)

    assert instance.shown(user) == before
    assert instance.fault("UpdateUserPassword", UserId=user, Password="Passw0rd") == invalid("Password")


def test_a_password_ends_as_the_policy_says(instance: Instance) -> None:
    alice = instance.user("alice", Password=UNBROKEN_PASSWORD)
    bob = instance.user("bob")
    ends = {"PasswordExpirationStatus": "enabled", "PasswordExpirationAction": "remind_update_password"}

    def end_of(user: str) -> int | None:
        """When a user's password ends, in both answers that say it."""
        [listed] = instance.call("ListUsers", UserIds=[user])["Users"]
        shown = instance.shown(user)
        assert listed.get("PasswordExpireTime") == shown.get("PasswordExpireTime")
        return shown.get("PasswordExpireTime")

    never = end_of(alice)
    put(instance, "PasswordExpiration", **ends, PasswordValidMaxDay=30)
    month = end_of(alice)
    put(instance, "PasswordExpiration", **ends, PasswordValidMaxDay=90)
    quarter = end_of(alice)
    instance.call("UpdateUserPassword", UserId=bob, Password=UNBROKEN_PASSWORD)
    later = end_of(bob)
    put(instance, "PasswordExpiration", PasswordExpirationStatus="disabled")

    made = instance.shown(alice)["CreateTime"]
    assert (never, month, quarter) == (None, made + 30 * DAY, made + 90 * DAY)
    assert later == instance.shown(bob)["UpdateTime"] + 90 * DAY
    assert end_of(alice) is None


def test_a_password_is_set_and_shown_to_be_there(instance: Instance) -> None:
    user = instance.user("alice", **address("alice@example.com"))
    before = instance.shown(user)

    answer = instance.call(
        "UpdateUserPassword",
        UserId=user,
        Password=UNBROKEN_PASSWORD,
        PasswordForcedUpdateStatus="enabled",
        UserNotificationChannels=["email", "sms"],
    )
    instance.call(
        "UpdateUserPassword", UserId=user, Password=f"{UNBROKEN_PASSWORD}2", PasswordForcedUpdateStatus="disabled"
    )
    after = instance.shown(user)

    assert answer == {}
    assert after.pop("UpdateTime") > before.pop("UpdateTime")
    assert after == {**before, "PasswordSet": True}
    cases: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
        ({}, missing("Password")),
        ({"Password": ""}, missing("Password")),
        ({"Password": "123456"}, invalid("Password")),
        ({"Password": "With blank1"}, invalid("Password")),
        ({"Password": "Aa1" + "x" * 62}, invalid("Password")),
        ({"Password": UNBROKEN_PASSWORD, "PasswordForcedUpdateStatus": "yes"}, invalid("PasswordForcedUpdateStatus")),
        ({"Password": UNBROKEN_PASSWORD, "UserNotificationChannels": ["fax"]}, invalid("UserNotificationChannels")),
    ]
    for given, expected in cases:
        assert instance.fault("UpdateUserPassword", UserId=user, **given) == expected, given


def test_a_password_comes_to_be_where_the_call_says_so(instance: Instance) -> None:
    def has_password(**config: Any) -> bool:
        given = {"PasswordInitializationConfig": config} if config else {}
        user = instance.user(f"user_{uuid4().hex}", **address(f"{uuid4().hex}@example.com"), **given)
        return bool(instance.shown(user)["PasswordSet"])

    random = {"PasswordInitializationType": "random", "UserNotificationChannels": ["email"]}
    custom = {"PasswordInitializationPolicyPriority": "custom"}
    everywhere = {"PasswordInitializationPolicyPriority": "global"}
    cases: list[tuple[dict[str, Any], bool]] = [
        ({}, False),
        (random, False),
        ({**everywhere, **random}, False),
        (custom, False),
        ({**custom, **random}, True),
    ]

    assert [has_password(**config) for config, _ in cases] == [expected for _, expected in cases]
    instance.call(
        "SetPasswordInitializationConfiguration",
        PasswordInitializationStatus="enabled",
        PasswordInitializationType="random",
    )
    assert [has_password(**config) for config, _ in cases] == [True, True, True, False, True]
