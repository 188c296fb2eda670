"""The account: its alias, its numbers, its managers' codes, and actions of other systems."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alibabacloud_eds_user20210308 import models

from harness import ROOT_UNIT, Core, Refused, Sdk, Server, Tea, create, group, refusal, tea, unit


def code_for(server: Server, *arguments: str) -> str:
    """A new code, which its command prints alone."""
    done = server.command("auth-code", "create", *arguments)
    assert done.returncode == 0, done
    assert re.fullmatch("[0-9a-f]{32}\n", done.stdout), done
    return done.stdout.strip()


def test_the_account_gets_an_alias_once(sdk: Sdk) -> None:
    first = sdk.call("InitTenantAlias")
    again = sdk.call("InitTenantAlias", BusinessChannel="ENTERPRISE")

    assert re.fullmatch("WY[0-9A-Z]{8}", first["Data"])
    assert first["AliasInfo"] == {"AliasSourceType": "Generated", "AliasEditable": True}
    assert {**again, "RequestId": None} == {**first, "RequestId": None}


def test_an_alias_is_kept_over_a_restart(server: Server) -> None:
    before = tea(server).init_tenant_alias(models.InitTenantAliasRequest()).body
    server.stop()
    server.start()
    after = tea(server).init_tenant_alias(models.InitTenantAliasRequest()).body

    assert before.data == after.data
    assert (after.alias_info.alias_source_type, after.alias_info.alias_editable) == ("Generated", True)


def test_of_many_who_ask_at_once_all_get_the_same_alias(server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: Tea(server).call("InitTenantAlias")["Data"], range(8)))

    assert len(set(answers)) == 1 and answers[0]


def test_an_empty_directory_counts_nobody(sdk: Sdk) -> None:
    counts = sdk.call("GetUsersCount")

    assert {**counts, "RequestId": None} == {
        "RequestId": None,
        "UserCount": 0,
        "GroupCount": 0,
        "OrgCount": 0,
        "MaxUserNumber": 2_147_483_647,
    }


def test_the_counts_follow_what_is_made_and_removed(sdk: Sdk) -> None:
    ignored = {"BizType": "ENTERPRISE", "SolutionId": "co-1", "BusinessChannel": "ENTERPRISE"}

    def counts() -> tuple[int, int, int]:
        answer = sdk.call("GetUsersCount", **ignored)
        return answer["UserCount"], answer["GroupCount"], answer["OrgCount"]

    dev = unit(sdk, "dev")
    web = unit(sdk, "web", dev)
    staff, crew = group(sdk, "staff"), group(sdk, "crew")
    create(sdk, "alice", "bob", "carol", OrgId=web)
    sdk.call("LockUsers", Users=["alice"])
    made = counts()
    sdk.call("RemoveUsers", Users=["alice", "bob", "carol"])
    sdk.call("RemoveOrg", OrgId=web)
    sdk.call("RemoveGroup", GroupIds=[staff, crew])

    assert made == (3, 2, 2), "people of any state, organizations without the root"
    assert counts() == (0, 0, 1)


def test_the_current_sdk_reads_the_counts(server: Server) -> None:
    create(Tea(server), "alice")

    counts = tea(server).get_users_count(models.GetUsersCountRequest(biz_type="ENTERPRISE")).body
    of_domain = tea(server).get_ad_users_count(models.GetAdUsersCountRequest(biz_type="ENTERPRISE")).body

    assert (counts.user_count, counts.group_count, counts.org_count) == (1, 0, 0)
    assert of_domain.ad_user_count == 0


def test_there_are_no_users_of_another_directory(sdk: Sdk) -> None:
    create(sdk, "alice")

    assert sdk.call("GetAdUsersCount", BizType="ENTERPRISE", SolutionId="co-1")["AdUserCount"] == 0


def test_a_code_tells_who_the_manager_is(server: Server) -> None:
    code = code_for(server)

    manager = tea(server).get_manager_info_by_auth_code(models.GetManagerInfoByAuthCodeRequest(auth_code=code)).body

    assert (manager.org_id, manager.user_name, manager.team_name) == (ROOT_UNIT, "superadmin", "root")
    assert 10**15 <= manager.wa_id < 2**53
    assert manager.phone is None
    assert code not in server.written(), "the log holds a code"


def test_a_code_tells_what_holds_when_it_is_redeemed(server: Server) -> None:
    sdk = Core(server)
    code, other = code_for(server, "--user", "SuperAdmin"), code_for(server)
    sdk.call("ModifyUser", EndUserId="superadmin", Phone="13800000000")
    sdk.call("ModifyOrg", OrgId=ROOT_UNIT, OrgName="公司")
    dev = unit(sdk, "dev")
    sdk.call("MoveUserOrg", OrgId=dev, EndUserIds=["superadmin"])

    answer = sdk.call("GetManagerInfoByAuthCode", AuthCode=code)
    again = sdk.call("GetManagerInfoByAuthCode", AuthCode=other)

    assert {**answer, "RequestId": None, "WaId": None} == {
        "RequestId": None,
        "WaId": None,
        "OrgId": dev,
        "UserName": "superadmin",
        "Phone": "13800000000",
        "TeamName": "公司",
    }
    assert {**again, "RequestId": None} == {**answer, "RequestId": None}


@pytest.mark.parametrize("generation", [Tea, Core])
def test_a_code_is_good_once(server: Server, generation: type[Tea | Core]) -> None:
    sdk = generation(server)
    code, other = code_for(server), code_for(server)

    sdk.call("GetManagerInfoByAuthCode", AuthCode=code)

    wrong = [code, "0" * 32, other[:-1], other.upper() if other.upper() != other else "x", "code"]
    assert [refusal(sdk, "GetManagerInfoByAuthCode", AuthCode=text) for text in wrong] == ["400 InvalidAuthCode"] * 5
    assert refusal(sdk, "GetManagerInfoByAuthCode") == "400 MissingAuthCode"
    assert sdk.call("GetManagerInfoByAuthCode", AuthCode=other)["UserName"] == "superadmin"


def test_of_many_who_redeem_a_code_at_once_one_is_told(server: Server) -> None:
    code = code_for(server)

    def redeem(_: int) -> str:
        try:
            answer = Tea(server).call("GetManagerInfoByAuthCode", AuthCode=code)
        except Refused as refused:
            return f"{refused.status} {refused.code}"
        return str(answer["UserName"])

    with ThreadPoolExecutor(8) as threads:
        ends = sorted(threads.map(redeem, range(8)))

    assert ends == ["400 InvalidAuthCode"] * 7 + ["superadmin"]


@pytest.mark.parametrize("name", ["nobody", "alice"])
def test_a_code_for_who_manages_nobody_is_one_line(server: Server, name: str) -> None:
    create(Tea(server), "alice")

    done = server.command("auth-code", "create", "--user", name)

    assert done.returncode not in {0, 101}
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and name in done.stderr


def test_actions_of_other_systems_are_not_found(sdk: Sdk) -> None:
    actions = ["SyncAllEduInfo", "QuerySyncStatusByAliUid"]

    refusals = {action: refusal(sdk, action) for action in actions}

    assert refusals == dict.fromkeys(actions, "404 InvalidAction.NotFound")


def test_who_has_no_device_is_in_no_list_of_devices(sdk: Sdk) -> None:
    create(sdk, "alice")
    serial = "dc856334-bf4d-41ae-8b0e-2a4c4d8d8a1e"

    listed = sdk.call("DescribeMfaDevices", EndUserIds=["alice"], MaxResults=500)
    refusals = {
        action: refusal(sdk, f"{action}MfaDevice", SerialNumber=serial) for action in ("Lock", "Unlock", "Remove")
    }

    assert (listed["MfaDevices"], listed["NextToken"]) == ([], "")
    assert refusals == dict.fromkeys(refusals, "400 InvalidSerialNumber.NotFound")
