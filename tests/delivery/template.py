"""Read the CloudFormation template like CloudFormation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent


class Loader(yaml.SafeLoader):
    """A YAML loader that expands CloudFormation's short functions to their long forms."""


def long_form(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    """Return the long form of a short function.

    `{"Ref": "X"}` for `!Ref X`, `{"Fn::GetAtt": ["X", "Y"]}` for `!GetAtt X.Y`, and `{"Fn::F": …}`
    for any other `!F`.
    """
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


Loader.add_multi_constructor("!", long_form)
# CloudFormation reads dates as text, such as the version of a policy.
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Template:
    """The content of `infra/aws.yml`."""

    def __init__(self) -> None:
        text = (ROOT / "infra" / "aws.yml").read_text()
        self.body: dict[str, Any] = yaml.load(text, Loader)  # noqa: S506  # a SafeLoader with tags
        self.resources: dict[str, dict[str, Any]] = self.body["Resources"]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """Return the properties of a resource."""
        properties: dict[str, Any] = self.resources[name]["Properties"]
        return properties

    def of_type(self, kind: str) -> list[str]:
        """Return the names of all resources of a type, such as `AWS::EC2::Subnet`."""
        return [name for name, resource in self.resources.items() if resource["Type"] == kind]
