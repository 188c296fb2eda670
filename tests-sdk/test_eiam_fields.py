"""EIAM: custom fields, and the values that users have in them."""

import json
import re
import time
from typing import Any

from alibabacloud_eiam20211201 import models

from eiam import (
    ID,
    NO_FIELD,
    ODD_NAME,
    Fault,
    Instance,
    duplicated,
    invalid,
    missing,
    new_field,
    new_instance,
    unknown,
)
from harness import EIAM, Server, Tea, tea


def test_the_current_sdk_makes_shuts_and_removes_a_field(shared: Server) -> None:
    client = tea(shared, api=EIAM)
    at = new_instance(Tea(shared, api=EIAM))
    item = models.CreateCustomFieldRequestFieldDataConfigItems

    field = client.create_custom_field(
        models.CreateCustomFieldRequest(
            instance_id=at.id,
            entity_type="user",
            field_name="field_001",
            field_display_name="Field",
            field_display_type="select",
            field_data_type="string",
            field_data_config=models.CreateCustomFieldRequestFieldDataConfig(
                items=[item(value="a", display_name="A"), item(value="b", status="disabled")]
            ),
            default_value="a",
            required=True,
            user_permission="read_only",
        )
    ).body.field_id
    client.disable_custom_field(models.DisableCustomFieldRequest(instance_id=at.id, field_id=field))
    disabled = client.get_custom_field(
        models.GetCustomFieldRequest(instance_id=at.id, field_id=field)
    ).body.custom_field
    client.enable_custom_field(models.EnableCustomFieldRequest(instance_id=at.id, field_id=field))
    enabled = client.get_custom_field(models.GetCustomFieldRequest(instance_id=at.id, field_id=field)).body.custom_field
    client.delete_custom_field(models.DeleteCustomFieldRequest(instance_id=at.id, field_id=field))

    assert (disabled.status, enabled.status) == ("disabled", "enabled")
    assert (enabled.field_id, enabled.entity_type, enabled.field_name) == (field, "user", "field_001")
    assert (enabled.field_display_name, enabled.field_display_type, enabled.field_data_type) == (
        "Field",
        "select",
        "string",
    )
    assert (enabled.default_value, enabled.required, enabled.unique, enabled.encrypted) == ("a", True, False, False)
    assert (enabled.user_permission, enabled.description, enabled.instance_id) == ("read_only", None, at.id)
    assert enabled.create_time == disabled.create_time <= disabled.update_time <= enabled.update_time
    assert [(of.display_name, of.value, of.status) for of in enabled.field_data_config.items] == [
        ("A", "a", "enabled"),
        ("b", "b", "disabled"),
    ]
    assert at.fault("GetCustomField", FieldId=field) == unknown("CustomField", field)


def shown(instance: Instance, field: str) -> dict[str, Any]:
    """A field as GetCustomField shows it."""
    found: dict[str, Any] = instance.call("GetCustomField", FieldId=field)["CustomField"]
    return found


def test_a_field_comes_back_as_it_was_made(instance: Instance) -> None:
    begun = time.time_ns() // 1_000_000
    given: dict[str, Any] = {
        "EntityType": "user",
        "FieldName": "field_001",
        "FieldDisplayName": ODD_NAME,
        "FieldDisplayType": "checkbox",
        "FieldDataType": "string",
        "DefaultValue": "dev",
        "FieldDataConfig": {
            "Items": [
                {"DisplayName": f"dev {ODD_NAME}", "Value": "dev", "Status": "enabled"},
                {"DisplayName": "No more", "Value": "ops", "Status": "disabled"},
                {"DisplayName": "值" * 128, "Value": "值" * 64, "Status": "enabled"},
            ]
        },
        "Required": True,
        "Unique": False,
        "Encrypted": False,
        "UserPermission": "read_write",
        "Description": f"{ODD_NAME}\n\tand more",
    }

    answer = instance.call("CreateCustomField", **given)

    whole = shown(instance, answer["FieldId"])
    assert list(answer) == ["FieldId"] and re.fullmatch(f"ufd_{ID}", answer["FieldId"])
    assert begun - 1000 <= whole["CreateTime"] == whole["UpdateTime"] <= time.time_ns() // 1_000_000 + 1000
    default = whole.pop("DefaultValue")
    assert default in {"dev", '["dev"]'}
    del given["DefaultValue"]
    assert whole == {
        **given,
        "InstanceId": instance.id,
        "FieldId": answer["FieldId"],
        "Status": "enabled",
        "CreateTime": whole["CreateTime"],
        "UpdateTime": whole["CreateTime"],
    }


TRUTHS = [{"DisplayName": truth, "Value": truth, "Status": "enabled"} for truth in ("true", "false")]


def test_a_field_of_few_words_shows_few(instance: Instance) -> None:
    kinds = [("input", "string"), ("input", "number"), ("select", "boolean")]
    for n, (kind, type) in enumerate(kinds):
        field = instance.field(f"field_{n}", kind, type, DefaultValue="", Description="")

        found = shown(instance, field)

        assert found.pop("FieldDataConfig", {"Items": []})["Items"] in ([], TRUTHS), found
        assert found == {
            **new_field(f"field_{n}", kind, type),
            "InstanceId": instance.id,
            "FieldId": field,
            "Required": False,
            "Unique": False,
            "Encrypted": False,
            "UserPermission": "hide",
            "Status": "enabled",
            "CreateTime": found["CreateTime"],
            "UpdateTime": found["CreateTime"],
        }


def test_flags_and_permissions_come_back(instance: Instance) -> None:
    for n, (flag, permission) in enumerate([(True, "hide"), (False, "read_only"), (True, "read_write")]):
        flags: dict[str, Any] = {"Required": flag, "Unique": flag, "Encrypted": flag}

        found = shown(instance, instance.field(f"field_{n}", **flags, UserPermission=permission))

        assert {name: found[name] for name in flags} == flags
        assert found["UserPermission"] == permission


def items(*values: str, **more: str) -> dict[str, Any]:
    """Choices."""
    return {"FieldDataConfig": {"Items": [{"Value": value, **more} for value in values]}}


def test_what_a_field_cannot_be_is_named(instance: Instance) -> None:
    text, choice, truth = new_field("age"), new_field("age", "select"), new_field("age", "select", "boolean")
    cases: list[tuple[dict[str, Any], Fault]] = [
        *(({name: text[name] for name in text if name != gone}, missing(gone)) for gone in text),
        *(({**text, name: ""}, missing(name)) for name in ("FieldName", "FieldDisplayName")),
        ({**text, "EntityType": "group"}, invalid("EntityType")),
        *(
            ({**text, "FieldName": name}, invalid("FieldName"))
            for name in ("a" * 41, "_age", "1age", "userId", "Age", "a-b", "年龄", "a b")
        ),
        ({**text, "FieldDisplayName": "名" * 65}, invalid("FieldDisplayName")),
        ({**text, "FieldDisplayType": "number"}, invalid("FieldDisplayType")),
        ({**text, "FieldDataType": "text"}, invalid("FieldDataType")),
        ({**text, "FieldDataType": "boolean"}, invalid("FieldDataType")),
        ({**choice, "FieldDataType": "number", **items("1")}, invalid("FieldDataType")),
        ({**new_field("age", "checkbox", "boolean"), **items("true")}, invalid("FieldDataType")),
        (choice, missing("FieldDataConfig")),
        (new_field("age", "checkbox"), missing("FieldDataConfig")),
        ({**text, **items("a")}, invalid("FieldDataConfig")),
        ({**choice, **items("a", "a")}, invalid("FieldDataConfig")),
        ({**choice, **items("值" * 65)}, invalid("FieldDataConfig")),
        ({**choice, **items("a", DisplayName="名" * 129)}, invalid("FieldDataConfig")),
        ({**choice, **items("a", Status="off")}, invalid("FieldDataConfig")),
        ({**choice, **items(*(str(n) for n in range(101)))}, invalid("FieldDataConfig")),
        ({**truth, **items("yes")}, invalid("FieldDataConfig")),
        ({**text, "DefaultValue": "值" * 1025}, invalid("DefaultValue")),
        ({**new_field("age", type="number"), "DefaultValue": "ten"}, invalid("DefaultValue")),
        ({**truth, "DefaultValue": "True"}, invalid("DefaultValue")),
        ({**choice, **items("a"), "DefaultValue": "b"}, invalid("DefaultValue")),
        ({**choice, **items("a", Status="disabled"), "DefaultValue": "a"}, invalid("DefaultValue")),
        ({**text, "UserPermission": "false"}, invalid("UserPermission")),
        ({**text, "Required": "yes"}, invalid("Required")),
        ({**text, "Description": "述" * 513}, invalid("Description")),
    ]

    for given, expected in cases:
        assert instance.fault("CreateCustomField", **given) == expected, given
    longest = {"FieldDisplayName": "名" * 64, "DefaultValue": "值" * 1024, "Description": "述" * 512}
    instance.call("CreateCustomField", **{**new_field("a" * 40), **longest})
    instance.field("choices", "select", "string", *(str(n) for n in range(100)))


def test_a_name_is_taken_by_another_field_and_by_what_every_user_has(instance: Instance) -> None:
    age = instance.field("age")
    new_instance(instance.sdk).field("job")

    for name in ("age", "username", "email", "display_name", "phone_number", "description"):
        assert instance.fault("CreateCustomField", **new_field(name)) == duplicated("FieldName"), name
    instance.call("DeleteCustomField", FieldId=age)
    again, job = instance.field("age"), instance.field("job")

    assert len({age, again, job}) == 3


VALUES: list[tuple[tuple[str, ...], list[str], list[str]]] = [
    (("input", "string"), [ODD_NAME, "值" * 1024, " "], ["值" * 1025, "a\nb"]),
    (("input", "number"), ["0", "10", "10.50", "1" * 32], ["-1", "+1", ".5", "5.", "1e3", "ten", "1" * 33, "１"]),
    (("select", "boolean"), ["true", "false"], ["True", "yes", "1"]),
    (("select", "string", "a", "b"), ["a", "b"], ["A", "c", "no", '["a"]']),
    (("checkbox", "string", "a", "b"), ['["a"]', '["b","a"]'], ["A", "c", "no", '["a","c"]', '["no"]', '["a"', "[1]"]),
]


def same(value: str, given: str) -> bool:
    """Whether a value is the given one, in whose choices the order does not matter."""
    if not given.startswith("["):
        return value == given
    return sorted(json.loads(value)) == sorted(json.loads(given))


def test_a_value_is_such_as_its_field_takes(instance: Instance) -> None:
    user = instance.user("alice")
    for n, (kind, fit, unfit) in enumerate(VALUES):
        name = f"field_{n}"
        config = [{"Value": value} for value in kind[2:]] + [{"Value": "no", "Status": "disabled"}]
        more = {"FieldDataConfig": {"Items": config}} if kind[2:] else {}
        instance.field(name, kind[0], kind[1], **more)

        for value in fit:
            given = [{"FieldName": name, "FieldValue": value}]
            made = instance.user(f"user_{n}_{fit.index(value)}", CustomFields=given)
            instance.call("UpdateUser", UserId=user, CustomFields=given)
            for of in (made, user):
                assert same(instance.values(of)[name], value), (kind, value)
        before = instance.values(user)
        for value in unfit:
            given = [{"FieldName": name, "FieldValue": value}]
            new = {"Username": "bob", "PrimaryOrganizationalUnitId": instance.root, "CustomFields": given}
            assert instance.fault("CreateUser", **new) == invalid("CustomFields"), (kind, value)
            assert instance.fault("UpdateUser", UserId=user, CustomFields=given) == invalid("CustomFields"), value
        assert instance.values(user) == before
    assert instance.names(UsernameStartsWith="bob") == []


def test_several_choices_are_a_json_list(instance: Instance) -> None:
    instance.field("job", "checkbox", "string", "dev", "ops", "研发")
    user = instance.user("alice", CustomFields=[{"FieldName": "job", "FieldValue": "研发"}])
    shown = [instance.values(user)["job"]]

    for given in ('["ops","ops"]', '["dev","研发"]'):
        instance.call("UpdateUser", UserId=user, CustomFields=[{"FieldName": "job", "FieldValue": given}])
        shown.append(instance.values(user)["job"])

    assert [sorted(json.loads(value)) for value in shown] == [["研发"], ["ops"], ["dev", "研发"]]


def test_fields_are_named_once_each_and_must_be_there(instance: Instance) -> None:
    instance.field("age")
    gone = instance.field("gone")
    instance.call("DeleteCustomField", FieldId=gone)
    instance.call("DisableCustomField", FieldId=instance.field("shut"))
    user = instance.user("alice")
    age = {"FieldName": "age", "FieldValue": "10"}
    cases: list[tuple[list[dict[str, str]], Fault]] = [
        ([age, {"FieldName": "unknown", "FieldValue": "x"}], unknown("CustomField", "unknown")),
        ([age, {"FieldName": "gone", "FieldValue": "x"}], unknown("CustomField", "gone")),
        ([age, {"FieldName": "shut", "FieldValue": "x"}], unknown("CustomField", "shut")),
        ([age, {"FieldName": "age", "FieldValue": "11"}], invalid("CustomFields")),
        ([{"FieldValue": "11"}], missing("CustomFields")),
        ([{"FieldName": "n" * 65, "FieldValue": "11"}], invalid("CustomFields")),
    ]

    for given, expected in cases:
        new = {"Username": "bob", "PrimaryOrganizationalUnitId": instance.root, "CustomFields": given}
        assert instance.fault("CreateUser", **new) == expected, given
        assert instance.fault("UpdateUser", UserId=user, CustomFields=given) == expected, given
    change = [{**age, "Operation": "multiply"}]
    assert instance.fault("UpdateUser", UserId=user, CustomFields=change) == invalid("CustomFields")
    assert instance.names() == ["alice"]
    assert instance.values(user) == {}


def test_a_value_is_added_replaced_and_removed(instance: Instance) -> None:
    for name in ("age", "home"):
        instance.field(name)
    user = instance.user("alice", CustomFields=[{"FieldName": "home", "FieldValue": "here"}])
    steps: list[tuple[dict[str, str], str | None]] = [
        ({"Operation": "remove"}, None),
        ({"FieldValue": "1", "Operation": "add"}, "1"),
        ({"FieldValue": "2", "Operation": "add"}, "2"),
        ({"FieldValue": "3", "Operation": "replace"}, "3"),
        ({"FieldValue": "4"}, "4"),
        ({"FieldValue": ""}, "4"),
        ({}, "4"),
        ({"FieldValue": "5", "Operation": "remove"}, None),
        ({"FieldValue": "6", "Operation": "replace"}, "6"),
        ({"Operation": "remove"}, None),
        ({"Operation": "remove"}, None),
    ]

    for step, value in steps:
        change = [{"FieldName": "age", **step}]
        assert instance.call("UpdateUser", UserId=user, CustomFields=change) == {}
        assert instance.values(user) == {"home": "here", **({"age": value} if value else {})}, step


def test_a_default_is_the_value_of_who_is_given_none(instance: Instance) -> None:
    before = instance.user("before")
    instance.field("age", type="number", DefaultValue="18")
    instance.field("job", "checkbox", "string", "dev", "ops", DefaultValue='["dev","ops"]')
    instance.field("team", "select", "string", "a", "b", DefaultValue="b")

    user = instance.user("alice", CustomFields=[{"FieldName": "age", "FieldValue": "10"}])

    values = instance.values(user)
    assert sorted(json.loads(values.pop("job"))) == ["dev", "ops"]
    assert values == {"age": "10", "team": "b"}
    assert instance.values(before) == {}


def test_a_required_field_is_demanded(instance: Instance) -> None:
    instance.field("age", Required=True)
    instance.field("home", Required=True, DefaultValue="here")
    new = {"Username": "alice", "PrimaryOrganizationalUnitId": instance.root}

    without = instance.fault("CreateUser", **new)
    empty = instance.fault("CreateUser", **new, CustomFields=[{"FieldName": "age", "FieldValue": ""}])
    user = instance.user("alice", CustomFields=[{"FieldName": "age", "FieldValue": "10"}])
    removal = [{"FieldName": "age", "Operation": "remove"}]
    removed = instance.fault("UpdateUser", UserId=user, CustomFields=removal)

    assert without == empty == removed == missing("CustomFields")
    assert instance.values(user) == {"age": "10", "home": "here"}


def pairs(values: dict[str, str]) -> list[dict[str, str]]:
    """Values as requests carry them."""
    return [{"FieldName": name, "FieldValue": value} for name, value in values.items()]


def test_a_unique_value_is_one_persons(instance: Instance) -> None:
    instance.field("badge", Unique=True)
    instance.field("hidden", Unique=True, Encrypted=True)
    instance.field("desk", "select", "string", "a", "b", Unique=True)
    values = {"badge": "42", "hidden": "secret", "desk": "a"}
    alice = instance.user("alice", CustomFields=pairs(values))
    bob = instance.user("bob", CustomFields=pairs({"badge": "43", "hidden": "Secret", "desk": "b"}))

    for name, value in values.items():
        given = pairs({name: value})
        new = {"Username": "carol", "PrimaryOrganizationalUnitId": instance.root, "CustomFields": given}
        assert instance.fault("CreateUser", **new) == duplicated("CustomFieldValue"), name
        assert instance.fault("UpdateUser", UserId=bob, CustomFields=given) == duplicated("CustomFieldValue"), name
        instance.call("UpdateUser", UserId=alice, CustomFields=given)
    instance.call("DeleteUser", UserId=alice)
    instance.call("UpdateUser", UserId=bob, CustomFields=pairs(values))

    assert instance.values(bob) == values
    assert instance.names() == ["bob"]


def test_an_encrypted_value_is_shown_as_it_was_given(instance: Instance) -> None:
    instance.field("note", Encrypted=True)
    instance.field("size", type="number", Encrypted=True)
    instance.field("truth", "select", "boolean", Encrypted=True)
    instance.field("team", "select", "string", "a", "b", Encrypted=True)
    instance.field("jobs", "checkbox", "string", "a", "b", Encrypted=True)
    values = {"note": ODD_NAME, "size": "10.5", "truth": "true", "team": "b"}

    user = instance.user("alice", CustomFields=pairs({**values, "jobs": '["a","b"]'}))

    found = instance.values(user)
    assert sorted(json.loads(found.pop("jobs"))) == ["a", "b"]
    assert found == values


def test_a_field_is_shut_and_opened_with_the_values_in_it(instance: Instance) -> None:
    field = instance.field("age", Required=True)
    instance.field("home")
    alice = instance.user("alice", CustomFields=pairs({"age": "10", "home": "here"}))
    made = shown(instance, field)
    states = [made]

    for action in ("EnableCustomField", "DisableCustomField", "DisableCustomField"):
        assert instance.call(action, FieldId=field) == {}
        states.append(shown(instance, field))
    while_shut = instance.values(alice)
    bob = instance.user("bob")
    instance.call("EnableCustomField", FieldId=field)
    states.append(shown(instance, field))

    assert [state["Status"] for state in states] == ["enabled", "enabled", "disabled", "disabled", "enabled"]
    times = [state["UpdateTime"] for state in states]
    assert times[0] == times[1] < times[2] == times[3] < times[4]
    assert while_shut == {"home": "here"}
    assert instance.values(alice) == {"age": "10", "home": "here"}
    assert instance.values(bob) == {}


def test_a_field_goes_with_all_values(instance: Instance) -> None:
    field = instance.field("age", Required=True)
    user = instance.user("alice", CustomFields=pairs({"age": "10"}))
    instance.call("DisableCustomField", FieldId=field)

    answer = instance.call("DeleteCustomField", FieldId=field)
    instance.field("age")

    assert answer == {}
    assert instance.values(user) == {}
    instance.user("bob")
    assert instance.fault("DeleteCustomField", FieldId=field) == unknown("CustomField", field)


def test_a_field_that_is_not_there_is_unknown_to_every_action(instance: Instance) -> None:
    foreign = new_instance(instance.sdk).field("age")

    for action in ("GetCustomField", "EnableCustomField", "DisableCustomField", "DeleteCustomField"):
        for wrong in (NO_FIELD, foreign, "age", "1"):
            assert instance.fault(action, FieldId=wrong) == unknown("CustomField", wrong), (action, wrong)
        assert instance.fault(action) == missing("FieldId"), action
