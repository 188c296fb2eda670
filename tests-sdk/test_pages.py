"""The pages in a real browser, in both languages: what people do for themselves, and how each page looks."""

import base64
import re
import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Browser

from credentials import LANGUAGES, Site, Window, code
from eiam import Instance, address, phone
from harness import EIAM, Tea

# What is told of a password that ends in three days, and of one that has ended.
SOON = {"en": "Your password ends in 3 days.", "zh": "您的密码将在 3 天后到期。"}
OVER = {"en": "Your password has ended.", "zh": "您的密码已到期"}
FIRST, SECOND, THIRD, FOURTH = "Quiet-harbour-7", "Green-lantern-8", "Brisk-meadow-9", "Amber-canyon-3"


def default_instance(site: Site) -> Instance:
    """The account's own instance, in which the pages of the server's own host are."""
    client = Tea(site.server, api=EIAM)
    return Instance(client, client.call("ListInstances")["Instances"][0]["InstanceId"])


def prepare(at: Instance, language: str) -> None:
    """Has people helped in one language, by rules that the pages tell of."""
    at.call("SetInstanceGlobalizationConfig", Language=LANGUAGES[language], TimeZone="Asia/Shanghai")
    rules = ["inclusion_upper_case", "inclusion_lower_case", "inclusion_number", "exclusion_username"]
    at.call(
        "SetPasswordComplexityConfiguration",
        PasswordMinLength=10,
        PasswordComplexityRules=[{"PasswordCheckType": rule} for rule in rules],
        DisabledWeakPasswordLogin=True,
    )
    at.call("SetPasswordHistoryConfiguration", PasswordHistoryStatus="enabled", PasswordHistoryMaxRetention=3)
    at.call("SetForgetPasswordConfiguration", ForgetPasswordStatus="enabled", AuthenticationChannels=["email", "sms"])
    expire(at, 90, 7)


def expire(at: Instance, days: int, notice: int) -> None:
    """Has passwords end after so many days, of which people are told so many days before."""
    at.call(
        "SetPasswordExpirationConfiguration",
        PasswordExpirationStatus="enabled",
        PasswordValidMaxDay=days,
        PasswordExpirationAction="remind_update_password",
        PasswordExpirationNotificationStatus="enabled",
        PasswordExpirationNotificationDuration=notice,
        PasswordExpirationNotificationChannels=["login"],
    )


def create(at: Instance, name: str, password: str = FIRST, **more: Any) -> str:
    """A user with a password and a mail address that is known to be theirs."""
    return at.user(name, Password=password, **address(f"{name}@example.com", True), **more)


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language of the pages."""
    found: str = request.param
    return found


@pytest.fixture
def corp(reaching: Site, language: str) -> Instance:
    """The default instance, in that language."""
    at = default_instance(reaching)
    prepare(at, language)
    return at


def test_who_is_invited_chooses_a_password_and_gets_in(
    reaching: Site, corp: Instance, chromium: Browser, language: str
) -> None:
    name = f"ivy_{language}"
    Tea(reaching.server).call("CreateUsers", Users=[{"EndUserId": name, "Email": f"{name}@example.com"}])
    letter = reaching.mails.next(f"{name}@example.com")
    assert letter.link.startswith(f"{reaching.url}/password/reset?token=") and name in letter.text
    assert bool(re.search("[\u4e00-\u9fff]", letter.subject)) == (language == "zh")
    window = Window(chromium, reaching.url, language, "192.0.2.11")

    assert window.open(letter.link) == 200
    window.shot("reset")
    assert window.send(new_password=FIRST, repeat_password=SECOND) == 422
    window.shot("reset-differs")
    for weak in ["short-7A", "nouppercase-7", "Password1234", f"A7-{name}-x"]:
        assert window.send(new_password=weak, repeat_password=weak) == 422, weak
    window.shot("reset-weak")
    assert window.send(new_password=FIRST, repeat_password=FIRST) == 200
    window.shot("reset-done")
    assert window.open(letter.link) == 410
    window.shot("reset-gone")

    assert window.sign_in(name.upper(), "Wrong-password-1") == 401
    window.shot("sign-in-refused")
    assert window.page.locator("[name=username]").input_value() == name.upper(), "what was typed stays"
    assert window.page.locator("[name=password]").input_value() == "", "but for the password"
    assert window.sign_in(f"{name}@example.com", FIRST) == 401, "the address is not known to be hers yet"
    window.sign_in(name.upper(), FIRST)
    assert window.path == "/account"
    window.close()


def test_a_profile_is_filled_in(reaching: Site, corp: Instance, chromium: Browser, language: str) -> None:
    for kind in ["input", "select", "checkbox"]:
        choices = [] if kind == "input" else ["tea", "milk", "water"]
        permissions = {"UserPermission": "read_write", "Unique": kind == "input"}
        corp.field(f"{kind}_{language}", kind, "string", *choices, **permissions)
    corp.field(f"desk_{language}", UserPermission="read_only", DefaultValue="4 / 12")
    name = f"pia_{language}"
    for other in [name, f"pip_{language}"]:
        create(corp, other, DisplayName="皮亚" if language == "zh" else "Pia")
    window = Window(chromium, reaching.url, language, "192.0.2.12")
    window.open("/account")
    window.shot("sign-in")
    window.send(username=name, password=FIRST)
    assert window.path == "/account", "back to where it was asked for"
    window.shot("account")

    form = window.form("display_name")
    form.locator("[type=checkbox]").first.check()
    form.get_by_label(f"The select_{language}").select_option(index=1)
    form.get_by_label(f"The input_{language}").fill("B-12")
    assert window.send(display_name="Pia <b>P.</b>" if language == "en" else "皮亚 <b>", description="1\n2") == 200
    window.shot("account-saved")
    assert window.page.locator("main b").count() == 0
    assert corp.values(user_id(corp, name))[f"input_{language}"] == "B-12"

    other = Window(chromium, reaching.url, language, "192.0.2.12")
    other.sign_in(f"pip_{language}", FIRST)
    other.page.get_by_label(f"The input_{language}").fill("B-12")
    assert other.send(display_name="P" if language == "en" else "皮") == 422
    other.shot("account-taken")
    other.close()
    window.close()


def user_id(at: Instance, name: str) -> str:
    """The id of a user."""
    [found] = [user["UserId"] for user in at.call("ListUsers", PageSize=100)["Users"] if user["Username"] == name]
    assert isinstance(found, str)
    return found


def test_a_password_is_changed_and_the_other_browsers_are_out(
    reaching: Site, corp: Instance, chromium: Browser, language: str
) -> None:
    name = f"paul_{language}"
    create(corp, name)
    window, other = (Window(chromium, reaching.url, language, "192.0.2.13") for _ in range(2))
    for each in [window, other]:
        each.sign_in(name, FIRST)

    window.open("/account/sessions")
    window.shot("sessions")
    window.open("/account/password")
    window.shot("password")
    assert window.send(old_password=SECOND, new_password=SECOND, repeat_password=SECOND) == 401
    window.shot("password-refused")
    assert window.send(old_password=FIRST, new_password=FIRST, repeat_password=FIRST) == 422
    window.shot("password-reused")
    # By the keyboard alone.
    assert window.send(_key="Enter", old_password=FIRST, new_password=SECOND, repeat_password=SECOND) == 200
    window.shot("password-changed")
    assert window.is_in() and not other.is_in()

    assert other.sign_in(name, FIRST) == 401
    other.sign_in(name, SECOND)
    window.open("/account/sessions")
    window.page.locator("ul.cards button").click()
    window.shot("sessions-ended")
    assert not other.is_in() and window.is_in()
    window.open("/sign-out")
    window.shot("sign-out")
    window.page.locator("main button").click()
    window.shot("signed-out")
    window.page.go_back()
    window.page.go_back()
    assert window.page.locator("nav").count() == 0, "nobody sees by the way back what was there"
    assert not window.is_in()
    other.close()
    window.close()


def test_a_device_is_scanned_and_asked_for(reaching: Site, corp: Instance, chromium: Browser, language: str) -> None:
    name = f"dora_{language}"
    create(corp, name)
    window = Window(chromium, reaching.url, language, "192.0.2.14")
    window.sign_in(name, FIRST)
    window.open("/account/device")
    window.shot("device-none")
    assert window.send(password=SECOND) == 401
    assert window.send(password=FIRST) == 200
    window.shot("device-begun")
    scanned = urlsplit(window.scan())
    said = {key: value[0] for key, value in parse_qs(scanned.query).items()}
    assert (scanned.scheme, scanned.netloc) == ("otpauth", "totp") and unquote(scanned.path).endswith(f":{name}")
    typed = window.page.locator("code").inner_text().replace(" ", "")
    assert typed == said["secret"], "the key under the picture is the picture's"
    secret = base64.b32decode(typed)
    assert window.send(code="000000" if code(secret) != "000000" else "111111") == 422
    window.shot("device-wrong-code")
    assert window.send(code=code(secret, -1)) == 200
    window.shot("device-codes")
    recovery = window.page.locator("li.code").all_inner_texts()
    assert len(set(recovery)) == 10
    window.open("/account/device")
    window.shot("device-on")

    other = Window(chromium, reaching.url, language, "192.0.2.14")
    other.sign_in(name, FIRST)
    other.shot("code")
    assert not other.is_in()
    other.open("/sign-in")
    assert other.send(code="not a code") == 401
    other.shot("code-refused")
    other.send(code=f" {code(secret)[:3]} {code(secret)[3:]} ")
    assert other.is_in()
    other.open("/account/device")
    form = other.page.locator("form").nth(1)
    form.locator("[name=code]").fill(recovery[3].upper())
    form.locator("button").click()
    other.shot("device-off")
    assert "done=device" in other.path
    for each in [window, other]:
        each.close()


def test_a_forgotten_password_is_chosen_anew_by_mail_or_text(
    reaching: Site, corp: Instance, chromium: Browser, language: str
) -> None:
    name, number = f"fay_{language}", "13800000011" if language == "en" else "13800000012"
    create(corp, name, **phone("86", number, True))
    window = Window(chromium, reaching.url, language, "192.0.2.15")
    window.open("/sign-in")
    window.page.locator("main p a").click()
    window.shot("forgotten")
    assert window.send(username=f"+86{number}") == 200
    window.shot("forgotten-sent")
    letter, text = reaching.mails.next(f"{name}@example.com"), reaching.texts.next(f"+86{number}")
    assert text["template"] == "password_forgotten"
    [link] = re.findall(r"https?://\S+", text["text"])
    assert link != letter.link, "each way has a link of its own"

    window.open(link)
    assert window.send(new_password=FIRST, repeat_password=FIRST) == 422, "the former one"
    assert window.send(new_password=THIRD, repeat_password=THIRD) == 200
    assert window.open(letter.link) == 410, "a new password ends all links"
    assert window.sign_in(name, FIRST) == 401
    window.sign_in(name, THIRD)
    assert window.is_in()
    window.close()


def test_who_has_to_change_a_password_or_soon_will_is_told(
    reaching: Site, corp: Instance, chromium: Browser, language: str
) -> None:
    name = f"nina_{language}"
    config = {
        "PasswordInitializationPolicyPriority": "custom",
        "PasswordInitializationType": "random",
        "PasswordForcedUpdateStatus": "enabled",
        "UserNotificationChannels": ["email"],
    }
    corp.user(name, PasswordInitializationConfig=config, **address(f"{name}@example.com", True))
    letter = reaching.mails.next(f"{name}@example.com")
    [password] = [line for line in letter.text.splitlines() if re.fullmatch("[!-~]{10,}", line) and "://" not in line]
    window = Window(chromium, reaching.url, language, "192.0.2.16")

    window.sign_in(name, password)
    window.shot("password-forced")
    window.open("/account")
    assert window.path.startswith("/account/password")
    window.send(new_password=FOURTH, repeat_password=FOURTH)
    assert window.is_in()

    expire(corp, 5, 4)
    other = Window(chromium, reaching.url, language, "192.0.2.16")
    other.sign_in(name, FOURTH)
    assert other.path == "/account" and not other.said("status"), "not yet"
    for days, told in [(2, SOON[language]), (6, OVER[language])]:
        age = days * 86_400_000
        ago = f"update users set password_set_at = {int(time.time() * 1_000) - age} where username_key = '{name}'"
        reaching.server.place.execute(ago)
        late = Window(chromium, reaching.url, language, "192.0.2.16")
        late.sign_in(name, FOURTH)
        assert told in late.text, late.text
        late.shot(f"password-ends-{days}")
        # By the keyboard: it is one of two links.
        late.page.locator("main a").last.focus()
        with late.page.expect_navigation():
            late.page.keyboard.press("Enter")
        assert late.path == "/account" and told in late.said("status"), late.text
        late.page.locator("main [role=status] a").click()
        assert late.path == "/account/password"
        late.close()
    for each in [window, other]:
        each.close()


def test_what_is_in_the_way_is_told_as_a_page(reaching: Site, corp: Instance, chromium: Browser, language: str) -> None:
    window = Window(chromium, reaching.url, language, "198.51.100.77" if language == "en" else "198.51.100.78")
    assert window.open("/account/nothing") == 404
    window.shot("trouble-none")
    window.open("/sign-in")
    window.page.locator("[name=mark]").evaluate("mark => mark.value = 'x'")
    assert window.send(username="somebody", password=FIRST) == 400
    window.shot("sign-in-stale")
    for n in range(20):
        assert window.sign_in(f"guess-{n}", FIRST) == 401
    assert window.sign_in("guess", FIRST) == 429
    window.shot("sign-in-wait")
    window.close()


def test_a_language_is_chosen_and_stays(reaching: Site, chromium: Browser) -> None:
    prepare(default_instance(reaching), "en")
    window = Window(chromium, reaching.url, "en", "192.0.2.17")
    window.open("/sign-in")
    assert window.page.locator("h1").inner_text() == "Sign in"
    window.page.get_by_text("中文").click()
    assert window.page.locator("h1").inner_text() == "登录"
    window.open("/password/forgotten")
    assert window.page.locator("h1").inner_text() == "忘记密码"
    window.close()


def test_everything_is_reached_by_the_keyboard(reaching: Site, chromium: Browser) -> None:
    at = default_instance(reaching)
    prepare(at, "en")
    create(at, "kay")
    window = Window(chromium, reaching.url, "en", "192.0.2.18")
    window.open("/sign-in")
    keys = window.page.keyboard
    # The first field has the keys from the beginning.
    window.page.wait_for_function("document.activeElement.name === 'username'")
    keys.type("kay")
    keys.press("Tab")
    keys.type(FIRST)
    with window.page.expect_navigation():
        keys.press("Enter")
    assert window.path == "/account"

    for path in ["/account", "/account/password", "/account/device", "/account/sessions", "/sign-out"]:
        window.open(path)
        wanted = window.page.locator("a[href], button, input:not([type=hidden], [hidden]), select, textarea").count()
        seen = set()
        for _ in range(wanted + 3):
            keys.press("Tab")
            seen.add(
                window.page.evaluate(
                    """() => {
                        const at = document.activeElement;
                        const shows = getComputedStyle(at).outlineStyle !== 'none';
                        const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden], [hidden]), select, textarea')];
                        return all.indexOf(at) + (shows ? '' : ' unseen');
                    }"""
                )
            )
        assert seen - {"-1", "-1 unseen"} == {str(n) for n in range(wanted)}, path
    window.close()
