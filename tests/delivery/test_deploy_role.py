"""Test that the deploy role can only deploy an image of this repository."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.delivery.template import Template

IMAGE = "ghcr.io/sora/todomate"
DIGEST = "@sha256:" + "0f" * 32


@pytest.fixture(scope="module")
def template() -> Template:
    return Template()


@pytest.fixture
def trust(template: Template) -> dict[str, Any]:
    (statement,) = template["DeployRole"]["AssumeRolePolicyDocument"]["Statement"]
    found: dict[str, Any] = statement
    return found


def test_only_one_environment_of_one_repository_can_assume_it(trust: dict[str, Any]) -> None:
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {
                "Fn::Sub": "repo:${GitHubRepository}:environment:production"
            },
        }
    }


def test_githubs_provider_is_created_unless_the_account_has_one(
    template: Template, trust: dict[str, Any]
) -> None:
    assert trust["Principal"] == {
        "Federated": {"Fn::If": ["MakesProvider", {"Ref": "GitHub"}, {"Ref": "OidcProviderArn"}]}
    }
    assert template.resources["GitHub"]["Condition"] == "MakesProvider"
    assert template["GitHub"]["Url"] == "https://token.actions.githubusercontent.com"
    assert template["GitHub"]["ClientIdList"] == ["sts.amazonaws.com"]


def test_it_can_only_send_one_document_to_one_instance_and_read_the_result(
    template: Template,
) -> None:
    assert "ManagedPolicyArns" not in template["DeployRole"]
    (policy,) = template["DeployRole"]["Policies"]
    send, read = policy["PolicyDocument"]["Statement"]
    assert send["Action"] == "ssm:SendCommand"
    assert [resource["Fn::Sub"].rsplit(":", 1)[1] for resource in send["Resource"]] == [
        "instance/${Server}",
        "document/${DeployDocument}",
    ]
    assert read["Action"] == "ssm:GetCommandInvocation"


def test_no_other_role_can_be_assumed_from_outside(template: Template) -> None:
    assert set(template.of_type("AWS::IAM::Role")) == {"ServerRole", "DeployRole"}
    (statement,) = template["ServerRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert template.of_type("AWS::IAM::User") == template.of_type("AWS::IAM::AccessKey") == []


@pytest.mark.parametrize(
    "name", ["sora/todomate", "sora@583231/todomate@1296269", "a-team/to.do_mate"]
)
def test_a_repository_with_or_without_ids_is_valid(template: Template, name: str) -> None:
    assert re.fullmatch(template.body["Parameters"]["GitHubRepository"]["AllowedPattern"], name)


@pytest.mark.parametrize(
    "name",
    ["sora", "sora/*", "*/todomate", "sora/todomate:ref:refs/heads/main", "sora/a/b", "s?ra/x"],
)
def test_a_pattern_is_not_a_valid_repository(template: Template, name: str) -> None:
    assert not re.fullmatch(template.body["Parameters"]["GitHubRepository"]["AllowedPattern"], name)


@pytest.fixture
def allowed(template: Template) -> str:
    """Return the pattern of the document's only parameter, for IMAGE."""
    (parameter,) = template["DeployDocument"]["Content"]["parameters"].values()
    pattern: str = parameter["allowedPattern"]["Fn::Sub"].replace("${Image}", IMAGE)
    return pattern


def test_an_image_of_the_repository_with_its_digest_is_valid(allowed: str) -> None:
    assert re.search(allowed, IMAGE + DIGEST)


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        f"{IMAGE}:latest",
        f"ghcr.io/somebody/else{DIGEST}",
        f"{IMAGE}{DIGEST}; reboot",
        f"{IMAGE}{DIGEST}'; reboot #",
        f"{IMAGE}{DIGEST} --privileged",
        f"x {IMAGE}{DIGEST}",
        f"{IMAGE}{DIGEST.upper()}",
        "$(reboot)",
    ],
)
def test_any_other_image_is_invalid(allowed: str, image: str) -> None:
    assert not re.search(allowed, image)
