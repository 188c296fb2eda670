"""Properties: made with their values, given to users, replaced and removed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from alibabacloud_eds_user20210308 import models

from harness import Refused, Sdk, Server, Tea, bind, create, described, property_of, refusal, tea

ODD_NAME = "研发. 属性 & + ~ % / \\ ' \" * < > 😀"
EXISTED = "The property value is used by another property."


def listed(sdk: Sdk) -> dict[str, list[str]]:
    """The values of each property by its key."""
    properties = sdk.call("ListProperty")["Properties"]
    return {found["PropertyKey"]: [value["PropertyValue"] for value in found["PropertyValues"]] for found in properties}


def values_of(sdk: Sdk, key: int) -> dict[str, int]:
    """The ids of a property's values by their text."""
    infos = sdk.call("ListPropertyValue", PropertyId=key)["PropertyValueInfos"]
    return {info["PropertyValue"]: info["PropertyValueId"] for info in infos}


def update(sdk: Sdk, key: int, name: str, *values: str | tuple[int, str]) -> dict[str, Any]:
    """Replaces a property's values by texts, or by ids with their texts."""
    items = [
        {"PropertyValue": value} if isinstance(value, str) else {"PropertyValueId": value[0], "PropertyValue": value[1]}
        for value in values
    ]
    result = sdk.call("UpdateProperty", PropertyId=key, PropertyKey=name, PropertyValues=items)["UpdateResult"]
    assert (result["PropertyId"], result["PropertyKey"]) == (key, name)
    model: dict[str, Any] = result["SavePropertyValueModel"]
    return model


def saved(model: dict[str, Any]) -> dict[str, int]:
    """The ids of saved values by their text."""
    return {value["PropertyValue"]: value["PropertyValueId"] for value in model["SavePropertyValues"]}


def failures(model: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Property, text and code of the values that failed."""
    return [(item["PropertyId"], item["PropertyValue"], item["ErrorCode"]) for item in model["FailedPropertyValues"]]


def shown(sdk: Sdk, name: str) -> list[tuple[str, str]]:
    """A user's properties, in alphabetical order."""
    user = described(sdk, name, ShowExtras={"Properties": True})
    return sorted((of["Key"], of["Value"]) for of in user["Properties"])


def test_the_current_sdk_makes_gives_and_removes_a_property(server: Server) -> None:
    client = tea(server)
    create(Tea(server), "alice")
    [alice] = client.describe_users(models.DescribeUsersRequest()).body.users

    made = client.create_property(
        models.CreatePropertyRequest(property_key="job", property_values=["dev", "ops"])
    ).body.create_result
    [dev, ops] = made.save_property_value_model.save_property_values
    client.set_user_property_value(
        models.SetUserPropertyValueRequest(
            user_id=alice.id,
            user_name="alice",
            property_id=made.property_id,
            property_value_id=dev.property_value_id,
        )
    )
    used = client.check_used_property(models.CheckUsedPropertyRequest(property_id=made.property_id)).body
    unused = client.check_used_property_value(
        models.CheckUsedPropertyValueRequest(property_id=made.property_id, property_value_id=ops.property_value_id)
    ).body
    updated = client.update_property(
        models.UpdatePropertyRequest(
            property_id=made.property_id,
            property_key="role",
            property_values=[
                models.UpdatePropertyRequestPropertyValues(
                    property_value_id=dev.property_value_id, property_value="developer"
                ),
                models.UpdatePropertyRequestPropertyValues(property_value="tester"),
            ],
        )
    ).body.update_result
    properties = client.list_property(models.ListPropertyRequest()).body
    values = client.list_property_value(models.ListPropertyValueRequest(property_id=made.property_id)).body
    client.delete_user_property_value(
        models.DeleteUserPropertyValueRequest(
            user_id=alice.id, property_id=made.property_id, property_value_id=dev.property_value_id
        )
    )
    unbound = client.check_used_property(models.CheckUsedPropertyRequest(property_id=made.property_id)).body
    client.remove_property(models.RemovePropertyRequest(property_id=made.property_id))

    assert (made.property_key, dev.property_value, ops.property_value) == ("job", "dev", "ops")
    assert (used.use_count, unused.use_count, unbound.use_count) == (1, 0, 0)
    assert (updated.property_id, updated.property_key) == (made.property_id, "role")
    assert updated.save_property_value_model.failed_property_values == []
    [role] = properties.properties
    assert (role.property_id, role.property_key, properties.next_token or "") == (made.property_id, "role", "")
    assert [value.property_value for value in role.property_values] == ["developer", "tester"]
    assert [info.property_value_id for info in values.property_value_infos] == [
        value.property_value_id for value in role.property_values
    ]
    assert client.list_property(models.ListPropertyRequest()).body.properties == []


def test_a_property_comes_back_as_it_was_made(sdk: Sdk) -> None:
    texts = [ODD_NAME, "dev", "Dev", "值" * 64]

    made = sdk.call("CreateProperty", PropertyKey=ODD_NAME, PropertyValues=texts, BusinessChannel="ENTERPRISE")
    listed = sdk.call("ListProperty")
    infos = sdk.call("ListPropertyValue", PropertyId=made["CreateResult"]["PropertyId"])["PropertyValueInfos"]

    values = made["CreateResult"]["SavePropertyValueModel"]["SavePropertyValues"]
    assert made["CreateResult"] == {
        "PropertyId": made["CreateResult"]["PropertyId"],
        "PropertyKey": ODD_NAME,
        "SavePropertyValueModel": {"SavePropertyValues": values, "FailedPropertyValues": []},
    }
    assert [value["PropertyValue"] for value in values] == texts
    assert len({value["PropertyValueId"] for value in values}) == 4
    assert listed["Properties"] == [
        {"PropertyId": made["CreateResult"]["PropertyId"], "PropertyKey": ODD_NAME, "PropertyValues": values}
    ]
    assert listed.get("NextToken", "") == "" and infos == values


def test_properties_are_listed_in_the_order_of_their_making(sdk: Sdk) -> None:
    assert sdk.call("ListProperty")["Properties"] == []

    for key in ("b", "c", "a"):
        property_of(sdk, key)

    assert listed(sdk) == {"b": [], "c": [], "a": []}
    assert list(listed(sdk)) == ["b", "c", "a"]
    ids = [found["PropertyId"] for found in sdk.call("ListProperty")["Properties"]]
    assert ids == sorted(ids)


def test_a_value_that_is_given_twice_is_saved_once(sdk: Sdk) -> None:
    made = sdk.call("CreateProperty", PropertyKey="job", PropertyValues=["dev", "ops", "dev", "dev"])["CreateResult"]

    model = made["SavePropertyValueModel"]
    assert list(saved(model)) == ["dev", "ops"]
    assert failures(model) == [(made["PropertyId"], "dev", "ExistedPropertyValue")] * 2
    assert model["FailedPropertyValues"][0]["ErrorMessage"] == EXISTED
    assert listed(sdk) == {"job": ["dev", "ops"]}


def test_a_value_has_1_to_64_characters_and_no_control_ones(sdk: Sdk) -> None:
    wrong = ["值" * 65, "a\nb", " "]

    made = sdk.call("CreateProperty", PropertyKey="job", PropertyValues=[*wrong, " 值 "])["CreateResult"]
    model = update(sdk, made["PropertyId"], "job", "值", *wrong)

    codes = [(made["PropertyId"], text, "InvalidPropertyValue") for text in wrong]
    assert failures(made["SavePropertyValueModel"]) == failures(model) == codes
    assert saved(made["SavePropertyValueModel"]) == saved(model)
    assert listed(sdk) == {"job": ["值"]}


def test_a_key_is_taken_whatever_its_case_and_width(sdk: Sdk) -> None:
    job, _ = property_of(sdk, "Job")
    place, _ = property_of(sdk, "place")

    taken = [refusal(sdk, "CreateProperty", PropertyKey=key) for key in ("Job", "JOB", "ｊｏｂ", " job ")]
    renamed = refusal(sdk, "UpdateProperty", PropertyId=place, PropertyKey="jOB")
    update(sdk, job, "JOB")
    sdk.call("RemoveProperty", PropertyId=place)
    again, _ = property_of(sdk, "place")

    assert {*taken, renamed} == {"400 ExistedPropertyKey"}
    assert listed(sdk) == {"JOB": [], "place": []}
    assert again != place


def test_a_key_has_1_to_64_characters_and_no_control_ones(sdk: Sdk) -> None:
    longest = "键" * 64
    key, _ = property_of(sdk, longest)
    wrong = {"键" * 65: "Invalid", "a\nb": "Invalid", "a\x00b": "Invalid", "": "Missing"}

    for name, kind in wrong.items():
        assert refusal(sdk, "CreateProperty", PropertyKey=name) == f"400 {kind}PropertyKey", name
        assert refusal(sdk, "UpdateProperty", PropertyId=key, PropertyKey=name) == f"400 {kind}PropertyKey", name

    assert listed(sdk) == {longest: []}


def test_there_are_ten_properties_of_fifty_values(sdk: Sdk) -> None:
    fifty = [f"value {n}" for n in range(50)]
    keys = [property_of(sdk, f"key {n}", *fifty)[0] for n in range(10)]

    refusals = [
        refusal(sdk, "CreateProperty", PropertyKey="key 10"),
        refusal(sdk, "UpdateProperty", PropertyId=keys[0], PropertyKey="new", PropertyValues=items(51)),
        refusal(sdk, "UpdateProperty", PropertyId=keys[0], PropertyKey="new", PropertyValues=items(101)),
    ]
    sdk.call("RemoveProperty", PropertyId=keys[9])
    over = [
        refusal(sdk, "CreateProperty", PropertyKey="new", PropertyValues=[f"value {n}" for n in range(count)])
        for count in (51, 101)
    ]
    property_of(sdk, "last")

    assert refusals == ["400 QuotaExceeded.Property", "400 QuotaExceeded.PropertyValue", "400 InvalidPropertyValues"]
    assert over == ["400 QuotaExceeded.PropertyValue", "400 InvalidPropertyValues"]
    assert listed(sdk) == {**{f"key {n}": fifty for n in range(9)}, "last": []}


def items(count: int) -> list[dict[str, str]]:
    """Values for UpdateProperty."""
    return [{"PropertyValue": f"value {n}"} for n in range(count)]


def test_properties_that_are_made_at_once_keep_to_the_limit(server: Server) -> None:
    def make(n: int) -> str:
        try:
            property_of(Tea(server), f"key {n % 14}")
        except Refused as refused:
            return f"{refused.status} {refused.code}"
        return "made"

    with ThreadPoolExecutor(8) as threads:
        ends = list(threads.map(make, range(28)))

    assert ends.count("made") == 10
    assert set(ends) <= {"made", "400 QuotaExceeded.Property", "400 ExistedPropertyKey"}
    assert len(listed(Tea(server))) == 10


def test_an_update_replaces_the_values(sdk: Sdk) -> None:
    key, old = property_of(sdk, "job", "dev", "ops", "boss")
    create(sdk, "alice", "bob", "carol")
    for name, value in [("alice", "dev"), ("bob", "ops"), ("carol", "boss")]:
        bind(sdk, name, key, old[value])

    model = update(sdk, key, "work", "new", (old["dev"], "developer"), "boss")

    new = saved(model)
    assert list(new) == ["new", "developer", "boss"] and failures(model) == []
    assert (new["developer"], new["boss"]) == (old["dev"], old["boss"]), "what is kept keeps its id"
    assert new["new"] not in old.values()
    assert values_of(sdk, key) == new
    assert [shown(sdk, name) for name in ("alice", "bob", "carol")] == [[("work", "developer")], [], [("work", "boss")]]
    used = sdk.call("CheckUsedProperty", PropertyId=key)["UseCount"]
    assert used == 2


def test_an_update_without_values_renames_only(sdk: Sdk) -> None:
    key, values = property_of(sdk, "job", "dev", "ops")

    update(sdk, key, "work")

    assert listed(sdk) == {"work": ["dev", "ops"]}
    assert values_of(sdk, key) == values


def test_values_may_change_their_texts_with_one_another(sdk: Sdk) -> None:
    key, values = property_of(sdk, "job", "dev", "ops")

    model = update(sdk, key, "job", (values["dev"], "ops"), (values["ops"], "dev"))

    assert failures(model) == []
    assert values_of(sdk, key) == {"ops": values["dev"], "dev": values["ops"]}


def test_a_wrong_value_of_an_update_fails_alone(sdk: Sdk) -> None:
    key, values = property_of(sdk, "job", "dev", "ops")
    _, foreign = property_of(sdk, "place", "here")

    model = update(sdk, key, "job", (values["dev"], "dev"), "new", "new", (foreign["here"], "there"), (1, "nowhere"))

    assert list(saved(model)) == ["dev", "new"]
    assert failures(model) == [
        (key, "new", "ExistedPropertyValue"),
        (key, "there", "InvalidPropertyValueId.NotFound"),
        (key, "nowhere", "InvalidPropertyValueId.NotFound"),
    ]
    assert listed(sdk) == {"job": ["dev", "new"], "place": ["here"]}


def test_what_is_missing_or_malformed_is_named(sdk: Sdk) -> None:
    key, values = property_of(sdk, "job", "dev")
    value = values["dev"]
    create(sdk, "alice")
    user = described(sdk, "alice")["Id"]
    whole = {"UserId": user, "UserName": "alice", "PropertyId": key, "PropertyValueId": value}
    needs: dict[str, dict[str, Any]] = {
        "CreateProperty": {"PropertyKey": "new"},
        "RemoveProperty": {"PropertyId": key},
        "UpdateProperty": {"PropertyId": key, "PropertyKey": "new"},
        "ListPropertyValue": {"PropertyId": key},
        "CheckUsedProperty": {"PropertyId": key},
        "CheckUsedPropertyValue": {"PropertyId": key, "PropertyValueId": value},
        "SetUserPropertyValue": whole,
        "DeleteUserPropertyValue": {name: whole[name] for name in ("UserId", "PropertyId", "PropertyValueId")},
    }

    for action, parameters in needs.items():
        for name in parameters:
            others = {other: parameters[other] for other in parameters if other != name}
            assert refusal(sdk, action, **others) == f"400 Missing{name}", (action, name)
            if name.endswith("Id"):
                for wrong in ("first", "1.5", "99999999999999999999"):
                    assert refusal(sdk, action, **others, **{name: wrong}) == f"400 Invalid{name}", (action, name)

    assert listed(sdk) == {"job": ["dev"]}
    assert shown(sdk, "alice") == []


def test_an_id_of_nothing_is_not_found(sdk: Sdk) -> None:
    job, _ = property_of(sdk, "job", "dev")
    gone, gone_values = property_of(sdk, "gone", "away")
    place, places = property_of(sdk, "place", "here")
    sdk.call("RemoveProperty", PropertyId=gone)
    create(sdk, "alice", "bob")
    users = {name: described(sdk, name)["Id"] for name in ("alice", "bob")}
    sdk.call("RemoveUsers", Users=["bob"])
    alice: dict[str, Any] = {"UserId": users["alice"], "UserName": "alice"}

    for wrong in (gone, 1, 0, users["alice"], gone_values["away"], 2**63 - 1):
        refusals = [
            refusal(sdk, "RemoveProperty", PropertyId=wrong),
            refusal(sdk, "UpdateProperty", PropertyId=wrong, PropertyKey="new"),
            refusal(sdk, "ListPropertyValue", PropertyId=wrong),
            refusal(sdk, "CheckUsedProperty", PropertyId=wrong),
            refusal(sdk, "CheckUsedPropertyValue", PropertyId=wrong, PropertyValueId=places["here"]),
            refusal(sdk, "SetUserPropertyValue", **alice, PropertyId=wrong, PropertyValueId=places["here"]),
            refusal(sdk, "DeleteUserPropertyValue", UserId=users["alice"], PropertyId=wrong, PropertyValueId=1),
        ]
        assert set(refusals) == {"400 InvalidPropertyId.NotFound"}, (wrong, refusals)
    for wrong in (places["here"], gone_values["away"], 1, job):
        refusals = [
            refusal(sdk, "CheckUsedPropertyValue", PropertyId=job, PropertyValueId=wrong),
            refusal(sdk, "SetUserPropertyValue", **alice, PropertyId=job, PropertyValueId=wrong),
            refusal(sdk, "DeleteUserPropertyValue", UserId=users["alice"], PropertyId=job, PropertyValueId=wrong),
        ]
        assert set(refusals) == {"400 InvalidPropertyValueId.NotFound"}, (wrong, refusals)
    here: dict[str, Any] = {"PropertyId": place, "PropertyValueId": places["here"]}
    strangers = [
        refusal(sdk, "SetUserPropertyValue", UserId=users["bob"], UserName="bob", **here),
        refusal(sdk, "SetUserPropertyValue", UserId=users["alice"], UserName="bob", **here),
        refusal(sdk, "SetUserPropertyValue", UserId=1, UserName="alice", **here),
        refusal(sdk, "DeleteUserPropertyValue", UserId=users["bob"], **here),
        refusal(sdk, "DeleteUserPropertyValue", UserId=1, **here),
    ]
    assert set(strangers) == {"400 InvalidUserId.NotFound"}, strangers
    assert shown(sdk, "alice") == []


def test_a_user_may_have_several_values_of_a_property(sdk: Sdk) -> None:
    job, jobs = property_of(sdk, "job", "dev", "ops")
    place, places = property_of(sdk, "place", "here")
    create(sdk, "alice", "bob")

    for name, key, value in [
        ("alice", job, jobs["dev"]),
        ("alice", job, jobs["ops"]),
        ("alice", job, jobs["ops"]),
        ("alice", place, places["here"]),
        ("bob", job, jobs["dev"]),
    ]:
        bind(sdk, name, key, value)

    assert shown(sdk, "alice") == [("job", "dev"), ("job", "ops"), ("place", "here")]
    assert sdk.call("CheckUsedProperty", PropertyId=job)["UseCount"] == 2, "people, not bindings"
    uses = [
        sdk.call("CheckUsedPropertyValue", PropertyId=job, PropertyValueId=jobs[value])["UseCount"] for value in jobs
    ]
    assert uses == [2, 1]


def test_taking_a_value_away_leaves_the_others(sdk: Sdk) -> None:
    job, jobs = property_of(sdk, "job", "dev", "ops")
    create(sdk, "alice")
    alice = described(sdk, "alice")["Id"]
    bind(sdk, "alice", job, jobs["dev"])
    bind(sdk, "alice", job, jobs["ops"])

    for _ in range(2):
        sdk.call("DeleteUserPropertyValue", UserId=alice, PropertyId=job, PropertyValueId=jobs["dev"])

    assert shown(sdk, "alice") == [("job", "ops")]


def test_a_removed_property_leaves_its_users(sdk: Sdk) -> None:
    job, jobs = property_of(sdk, "job", "dev")
    place, places = property_of(sdk, "place", "here")
    create(sdk, "alice")
    bind(sdk, "alice", job, jobs["dev"])
    bind(sdk, "alice", place, places["here"])

    sdk.call("RemoveProperty", PropertyId=job)
    property_of(sdk, "job", "dev")

    assert list(listed(sdk)) == ["place", "job"]
    assert shown(sdk, "alice") == [("place", "here")]


def test_a_removed_user_uses_nothing(sdk: Sdk) -> None:
    job, jobs = property_of(sdk, "job", "dev")
    create(sdk, "alice", "bob")
    bind(sdk, "alice", job, jobs["dev"])
    bind(sdk, "bob", job, jobs["dev"])

    sdk.call("RemoveUsers", Users=["alice"])

    assert sdk.call("CheckUsedProperty", PropertyId=job)["UseCount"] == 1
    assert sdk.call("CheckUsedPropertyValue", PropertyId=job, PropertyValueId=jobs["dev"])["UseCount"] == 1


def test_a_user_without_values_is_shown_with_none(sdk: Sdk) -> None:
    property_of(sdk, "job", "dev")
    create(sdk, "alice")

    assert shown(sdk, "alice") == []
    assert described(sdk, "alice", ShowExtras={"Group": True}).get("Properties", []) == []
