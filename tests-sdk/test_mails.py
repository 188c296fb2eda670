"""What reaches people: by a mail server that wants encryption and a password, and by an endpoint for text messages."""

import re
import time
from uuid import uuid4

import pytest

from credentials import Site
from eiam import Instance, address, phone
from harness import EIAM, Tea, within

# A password is made by chance, and mailed.
BY_MAIL = {
    "PasswordInitializationPolicyPriority": "custom",
    "PasswordInitializationType": "random",
    "UserNotificationChannels": ["email"],
}


@pytest.fixture
def at(reaching: Site) -> Instance:
    """The account's own instance."""
    client = Tea(reaching.server, api=EIAM)
    return Instance(client, client.call("ListInstances")["Instances"][0]["InstanceId"])


def waiting(site: Site) -> str:
    """What lies in the outbox."""
    done = site.server.command("outbox", "list")
    assert done.returncode == 0, done.stderr
    return done.stdout


def invite(site: Site, *names: str) -> None:
    """Creates users, who are invited by mail."""
    users = [{"EndUserId": name, "Email": f"{name}@example.com"} for name in names]
    assert Tea(site.server).call("CreateUsers", Users=users)["AllSucceed"]


def fresh(stem: str) -> str:
    """A name that nobody has."""
    return f"{stem}_{uuid4().hex[:8]}"


def test_a_letter_is_complete(reaching: Site) -> None:
    name = fresh("ann")
    invite(reaching, name)
    letter = reaching.mails.next(f"{name}@example.com")
    assert letter.sender == "Roster <roster@example.com>"
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", letter.id)
    assert name in letter.text and name in letter.html and letter.link.startswith(reaching.url)


def test_a_server_that_is_away_loses_nothing_and_gets_nothing_twice(reaching: Site) -> None:
    names = [fresh("away") for _ in range(12)]
    reaching.mails.close()
    invite(reaching, *names)
    time.sleep(3)
    listed = waiting(reaching)
    assert listed.count("invitation") >= 12, listed
    assert "token" not in listed and "@example.com" not in listed
    reaching.mails.open()
    letters = [reaching.mails.next(f"{name}@example.com") for name in names]
    within(20, lambda: "invitation" not in waiting(reaching))
    time.sleep(2)
    assert [len(reaching.mails.to(f"{name}@example.com")) for name in names] == [1] * 12
    assert len({letter.id for letter in letters}) == len({letter.link for letter in letters}) == 12


def test_what_is_put_off_comes_again_and_under_the_same_id(reaching: Site) -> None:
    name = fresh("later")
    before = reaching.mails.refused
    reaching.mails.refusal = "451 4.7.1 Greylisted, come again"
    try:
        invite(reaching, name)
        within(20, lambda: reaching.mails.refused > before)
    finally:
        reaching.mails.refusal = ""
    letter = reaching.mails.next(f"{name}@example.com")
    assert letter.link and len(reaching.mails.to(f"{name}@example.com")) == 1


def test_what_is_refused_for_good_waits_for_the_operator(reaching: Site) -> None:
    name = fresh("never")
    before = reaching.mails.refused
    reaching.mails.refusal = "550 5.1.1 No such mailbox"
    try:
        invite(reaching, name)
        within(20, lambda: reaching.mails.refused > before)
        within(20, lambda: "550" in reaching.server.command("outbox", "list", "--failed").stdout)
    finally:
        reaching.mails.refusal = ""
    time.sleep(2)
    assert reaching.mails.to(f"{name}@example.com") == [], "nobody tries again unasked"
    done = reaching.server.command("outbox", "retry")
    assert done.returncode == 0, done.stderr
    assert reaching.mails.next(f"{name}@example.com").link


@pytest.mark.parametrize("what", ["link", "password"])
def test_what_a_server_quotes_is_not_kept(reaching: Site, at: Instance, what: str) -> None:
    name = fresh("quote")
    before = len(reaching.mails.quoted)
    reaching.mails.refusal = "451 4.7.1 This looks like spam: {} it says"
    try:
        if what == "link":
            invite(reaching, name)
        else:
            at.user(name, PasswordInitializationConfig=BY_MAIL, **address(f"{name}@example.com", True))
        within(20, lambda: len(reaching.mails.quoted) > before)
        within(20, lambda: "This looks like spam" in waiting(reaching))
        listed, logged = waiting(reaching), reaching.server.written()
    finally:
        reaching.mails.refusal = ""
    reaching.mails.next(f"{name}@example.com")
    for secret in reaching.mails.quoted[before:]:
        assert len(secret) >= 10 and secret[:6] not in listed and secret[:6] not in logged, secret
    for kept in [listed, logged]:
        assert "This looks like spam: …" in kept and "it says" not in kept, kept
        assert max(len(line) for line in kept.splitlines()) < 1_000


def test_text_messages_are_signed_and_come_again_where_the_endpoint_fails(reaching: Site, at: Instance) -> None:
    number = f"139{uuid4().int % 10**8:08}"
    name = fresh("tess")
    config = {
        "PasswordInitializationPolicyPriority": "custom",
        "PasswordInitializationType": "random",
        "UserNotificationChannels": ["sms"],
    }
    reaching.texts.statuses += [500, 429]
    at.user(name, PasswordInitializationConfig=config, **phone("86", number, True))
    text = reaching.texts.next(f"+86{number}")
    assert text["template"] == "initial_password" and len(reaching.texts.to(f"+86{number}")) == 1


def test_a_person_gets_messages_in_their_order(reaching: Site, at: Instance) -> None:
    name = fresh("olga")
    reaching.mails.close()
    invite(reaching, name)
    sdk = Tea(reaching.server)
    for _ in range(3):
        sdk.call("ResetUserPassword", Users=[name], NotifyType=1)
    numbers = [line.split()[0] for line in waiting(reaching).splitlines() if name in line.split()]
    reaching.mails.open()
    within(60, lambda: len(reaching.mails.to(f"{name}@example.com")) == 4)
    letters = reaching.mails.to(f"{name}@example.com")
    # An id is made of the message's number, by which the list is in the order in which they were written.
    assert [re.split(r"[.@]", letter.id)[1] for letter in letters] == numbers
    assert "account was made" in letters[0].text and "account was made" not in letters[1].text
    assert len({letter.link for letter in letters}) == 4


def test_nothing_that_people_type_becomes_a_header(reaching: Site, at: Instance) -> None:
    name = fresh("hal")
    odd = 'Hal" <x@evil.example>, =?utf-8?q?x?= 哈尔; {{ password }} <b>'
    at.user(name, DisplayName=odd, PasswordInitializationConfig=BY_MAIL, **address(f"{name}@example.com", True))
    letter = reaching.mails.next(f"{name}@example.com")
    assert letter.to == f"{name}@example.com" and odd in letter.text
    assert "<b>" not in letter.html and "{{ password }}" in letter.html
    refused = at.fault(
        "CreateUser", Username="crlf", DisplayName="a\r\nBcc: x@evil.example", PrimaryOrganizationalUnitId=at.root
    )
    assert refused[:2] == (400, "InvalidParameter.DisplayName")
