"""Test the content of infra/aws.yml; cfn-lint tests whether it is valid."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.template import ROOT, Template


@pytest.fixture(scope="module")
def template() -> Template:
    return Template()


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


class TestNetwork:
    def test_only_the_server_is_reachable_and_only_on_80_and_443(self, template: Template) -> None:
        rules = template["ServerGroup"]["SecurityGroupIngress"]
        assert {(rule["FromPort"], rule["ToPort"]) for rule in rules} == {(80, 80), (443, 443)}
        assert template.of_type("AWS::EC2::SecurityGroupIngress") == []
        assert set(template.of_type("AWS::EC2::SecurityGroup")) == {"ServerGroup", "DatabaseGroup"}

    def test_only_the_server_can_connect_to_the_database(self, template: Template) -> None:
        (rule,) = template["DatabaseGroup"]["SecurityGroupIngress"]
        assert (rule["FromPort"], rule["ToPort"]) == (3306, 3306)
        assert rule["SourceSecurityGroupId"] == {"Ref": "ServerGroup"}
        assert not {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(rule)
        assert [rule["CidrIp"] for rule in template["DatabaseGroup"]["SecurityGroupEgress"]] == [
            "127.0.0.1/32"
        ]

    def test_the_database_is_in_two_zones_without_a_route_out(self, template: Template) -> None:
        subnets = [subnet["Ref"] for subnet in template["DatabaseSubnets"]["SubnetIds"]]
        assert subnets == ["PrivateSubnetA", "PrivateSubnetB"]
        assert [template[name]["AvailabilityZone"]["Fn::Select"][0] for name in subnets] == [0, 1]
        assert not any("MapPublicIpOnLaunch" in template[name] for name in subnets)
        tables = {template[f"{name}Routes"]["RouteTableId"]["Ref"] for name in subnets}
        assert tables == {"PrivateRoutes"}
        routes = [
            template[name]["RouteTableId"]["Ref"] for name in template.of_type("AWS::EC2::Route")
        ]
        assert routes == ["PublicRoutes"]

    def test_there_is_no_nat_gateway(self, template: Template) -> None:
        assert template.of_type("AWS::EC2::NatGateway") == []


class TestServer:
    def test_the_metadata_require_a_token_and_are_available_in_containers(
        self, template: Template
    ) -> None:
        options = template["Server"]["MetadataOptions"]
        assert options == {
            "HttpEndpoint": "enabled",
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 2,
        }

    def test_its_disk_is_encrypted(self, template: Template) -> None:
        (disk,) = template["Server"]["BlockDeviceMappings"]
        assert disk["Ebs"]["Encrypted"] is True
        assert disk["Ebs"]["VolumeType"] == "gp3"

    def test_it_has_no_ssh_key_and_is_protected_from_termination(self, template: Template) -> None:
        assert "KeyName" not in template["Server"]
        assert template["Server"]["DisableApiTermination"] is True

    def test_an_update_of_the_stack_does_not_replace_it_by_a_newer_image(
        self, template: Template
    ) -> None:
        parameter = template.body["Parameters"][template["Server"]["ImageId"]["Ref"]]
        assert parameter["Type"] == "AWS::EC2::Image::Id"

    def test_its_role_has_the_backups_the_photos_and_aws_s_policy_for_session_manager(
        self, template: Template
    ) -> None:
        (managed,) = template["ServerRole"]["ManagedPolicyArns"]
        assert managed["Fn::Sub"].endswith(":policy/AmazonSSMManagedInstanceCore")
        policies = template["ServerRole"]["Policies"]
        assert [policy["PolicyName"] for policy in policies] == ["backups", "photos"]
        for policy in policies:
            folder = policy["PolicyName"]
            objects, listing = statements(policy)
            assert objects["Resource"] == {"Fn::Sub": f"${{Bucket.Arn}}/{folder}/*"}
            # Whole objects, and no versions of what was deleted.
            assert set(objects["Action"]) == {
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
            }
            assert listing["Action"] == "s3:ListBucket"
            assert listing["Resource"] == {"Fn::GetAtt": ["Bucket", "Arn"]}
            assert listing["Condition"] == {"StringLike": {"s3:prefix": [folder, f"{folder}/*"]}}
        assert template.body["Outputs"]["BackupUrl"]["Value"] == {
            "Fn::Sub": "s3://${Bucket}/backups"
        }

    def test_the_guide_names_folders_of_the_bucket_that_the_role_may_use(
        self, template: Template
    ) -> None:
        guide = (ROOT / "docs" / "deploy.md").read_text("utf-8")
        named = re.findall(r"s3://BUCKET/(\w+)", guide)
        assert set(named) == {"backups", "photos"}
        assert set(named) <= {policy["PolicyName"] for policy in template["ServerRole"]["Policies"]}

    def test_its_first_start_installs_what_the_documents_use(self, template: Template) -> None:
        script = template["Server"]["UserData"]["Fn::Base64"]
        for package in ("docker.io", "docker-compose-v2", "certbot", "mysql-client"):
            assert re.search(rf"\b{re.escape(package)}\b", script)
        assert "mkdir -p /opt/todomate" in script
        assert "curl" not in script, "all packages are signed by Ubuntu"
        checked = subprocess.run(
            [Path(sys.executable).parent / "shellcheck", "-"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout


class TestDatabase:
    def test_tls_is_required_and_its_authority_is_in_the_image(self, template: Template) -> None:
        assert template["Database"]["DBParameterGroupName"] == {"Ref": "DatabaseParameters"}
        assert template["DatabaseParameters"]["Parameters"]["require_secure_transport"] == "1"
        assert template["Database"]["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"

    def test_its_text_is_utf8mb4(self, template: Template) -> None:
        parameters = template["DatabaseParameters"]["Parameters"]
        assert parameters["character_set_server"] == "utf8mb4"
        assert parameters["collation_server"].startswith("utf8mb4_")

    def test_it_is_mysql_8_4(self, template: Template) -> None:
        assert template["Database"]["Engine"] == "mysql"
        assert template["DatabaseParameters"]["Family"] == "mysql8.4"
        version = template.body["Parameters"][template["Database"]["EngineVersion"]["Ref"]]
        assert re.fullmatch(version["AllowedPattern"], version["Default"])
        assert not re.fullmatch(version["AllowedPattern"], "9.0.1")

    def test_it_exists_before_the_first_deploy(self, template: Template) -> None:
        assert template["Database"]["DBName"] == "todomate"

    def test_it_is_not_public_and_its_disk_is_encrypted(self, template: Template) -> None:
        assert template["Database"]["PubliclyAccessible"] is False
        assert template["Database"]["StorageEncrypted"] is True
        assert template["Database"]["VPCSecurityGroups"] == [{"Ref": "DatabaseGroup"}]

    def test_it_is_protected_from_deletion_and_leaves_a_snapshot(self, template: Template) -> None:
        assert template.resources["Database"]["DeletionPolicy"] == "Snapshot"
        assert template.resources["Database"]["UpdateReplacePolicy"] == "Snapshot"
        assert template["Database"]["DeletionProtection"] is True
        assert template["Database"]["DeleteAutomatedBackups"] is False
        assert template["Database"]["CopyTagsToSnapshot"] is True

    def test_it_can_be_restored_to_any_second_of_a_week_at_least(self, template: Template) -> None:
        days = template.body["Parameters"][template["Database"]["BackupRetentionPeriod"]["Ref"]]
        assert days["Default"] >= days["MinValue"] >= 7

    def test_its_password_is_not_in_the_template_or_its_parameters(
        self, template: Template
    ) -> None:
        assert template["Database"]["ManageMasterUserPassword"] is True
        assert "MasterUserPassword" not in template["Database"]
        assert not [name for name in template.body["Parameters"] if "password" in name.lower()]


class TestBucket:
    def test_it_is_private_encrypted_versioned_and_kept(self, template: Template) -> None:
        bucket = template["Bucket"]
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert template.resources["Bucket"]["DeletionPolicy"] == "Retain"
        assert template.resources["Bucket"]["UpdateReplacePolicy"] == "Retain"

    def test_it_requires_tls(self, template: Template) -> None:
        (denied,) = statements(template["BucketPolicy"])
        assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert denied["Resource"] == [
            {"Fn::GetAtt": ["Bucket", "Arn"]},
            {"Fn::Sub": "${Bucket.Arn}/*"},
        ]

    def test_deleted_objects_expire(self, template: Template) -> None:
        (rule,) = template["Bucket"]["LifecycleConfiguration"]["Rules"]
        assert rule["Status"] == "Enabled"
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


class TestSizes:
    def test_the_smallest_are_the_defaults(self, template: Template) -> None:
        parameters = template.body["Parameters"]
        assert parameters["InstanceType"]["Default"] == "t3.micro"
        assert parameters["DatabaseClass"]["Default"] == "db.t4g.micro"
        assert parameters["DatabaseGiB"]["Default"] == parameters["DatabaseGiB"]["MinValue"] == 20
        assert parameters["DatabaseInTwoZones"]["Default"] == "false"

    def test_every_parameter_has_a_description_and_a_constraint(self, template: Template) -> None:
        for name, parameter in template.body["Parameters"].items():
            bounds = {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)
            assert bounds or parameter["Type"].startswith("AWS::"), name
            assert parameter["Description"], name
