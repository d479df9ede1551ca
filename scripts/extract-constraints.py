#!/usr/bin/env python3
"""Writes what the SDK's schemas leave out of inputs: lengths, ranges, enums and patterns.

They come from the service models in botocore (Apache-2.0; Debian: python3-botocore), and are kept as data in
packages/aws-local/src/wire/constraints/generated. Run it again after an upgrade of the SDK:

    npm exec -- python3 scripts/extract-constraints.py

`node` has to be on the PATH: the patterns are Java's, and those that JavaScript cannot compile are left out and listed
in the data.
"""

import json
import pathlib
import subprocess

import botocore
import botocore.session

TARGET = pathlib.Path(__file__).parent.parent / "packages/aws-local/src/wire/constraints/generated"

ALL = None
EC2_OPERATIONS = [
    "CreateLaunchTemplate",
    "CreateLaunchTemplateVersion",
    "CreateTags",
    "DeleteLaunchTemplate",
    "DeleteTags",
    "DescribeImages",
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeLaunchTemplates",
    "DescribeLaunchTemplateVersions",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcs",
    "ModifyLaunchTemplate",
    "RunInstances",
    "StartInstances",
    "StopInstances",
    "TerminateInstances",
]
S3_OPERATIONS = ["CreateBucket", "DeleteObject", "GetObject", "HeadObject", "ListObjectsV2", "PutObject"]

# IAM prefix, botocore's name, operations. SQS is not here: its model constrains only attribute names, and for those it
# has an error of its own (InvalidAttributeName).
SERVICES = [
    ("autoscaling", "autoscaling", ALL),
    ("backup", "backup", ALL),
    ("cloudwatch", "cloudwatch", ALL),
    ("dynamodb", "dynamodb", ALL),
    ("ec2", "ec2", EC2_OPERATIONS),
    ("elasticache", "elasticache", ALL),
    ("elasticloadbalancing", "elbv2", ALL),
    ("events", "events", ALL),
    ("iam", "iam", ALL),
    ("lambda", "lambda", ALL),
    ("s3", "s3", S3_OPERATIONS),
    ("secretsmanager", "secretsmanager", ALL),
    ("sns", "sns", ALL),
    ("ssm", "ssm", ALL),
    ("sts", "sts", ALL),
]

# EC2's instance types grow every week: a longer list than this is out of date before it is written.
LONGEST_ENUM = 200


def main():
    loader = botocore.session.get_session().get_component("data_loader")
    TARGET.mkdir(parents=True, exist_ok=True)
    for prefix, name, operations in SERVICES:
        data = extract(loader.load_service_model(name, "service-2"), operations)
        path = TARGET / f"{prefix}.json"
        path.write_text(as_text(data))
        print(f"{path.name}: {len(data['shapes'])} shapes, {len(data['skippedPatterns'])} patterns skipped")


def extract(model, wanted):
    shapes = model["shapes"]
    inputs = {
        name: operation["input"]["shape"]
        for name, operation in model["operations"].items()
        if "input" in operation and (wanted is ALL or name in wanted)
    }
    reachable = reach(shapes, inputs.values())
    skipped = uncompilable({shapes[name]["pattern"] for name in reachable if "pattern" in shapes[name]})
    own = {name: own_constraints(shapes[name], skipped) for name in reachable}
    telling = close_upwards(shapes, {name for name in reachable if own[name]})
    return {
        "source": f"botocore {botocore.__version__}",
        "skippedPatterns": sorted(skipped),
        "operations": {name: shape for name, shape in sorted(inputs.items()) if shape in telling},
        "shapes": {
            name: {**own[name], **links(shapes[name], telling)} for name in sorted(reachable) if name in telling
        },
    }


def children(shape):
    """The shapes that a shape is made of, by their role in it."""
    if shape["type"] == "structure":
        return {("members", name): member["shape"] for name, member in shape.get("members", {}).items()}
    if shape["type"] == "list":
        return {("item",): shape["member"]["shape"]}
    if shape["type"] == "map":
        return {("key",): shape["key"]["shape"], ("value",): shape["value"]["shape"]}
    return {}


def reach(shapes, roots):
    found, waiting = set(), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(children(shapes[name]).values())
    return found


def close_upwards(shapes, telling):
    """Adds every shape through which a constrained one is reached."""
    telling = set(telling)
    while True:
        more = {
            name
            for name, shape in shapes.items()
            if name not in telling and any(child in telling for child in children(shape).values())
        }
        if not more:
            return telling
        telling |= more


def own_constraints(shape, skipped):
    constraints = {}
    if shape.get("min", 0) != 0:
        constraints["min"] = shape["min"]
    if "max" in shape and shape["max"] < 2**31 - 1:
        constraints["max"] = shape["max"]
    if shape.get("pattern", ".*") not in skipped | {".*", r"[\s\S]*"}:
        constraints["pattern"] = shape["pattern"]
    if 0 < len(shape.get("enum", [])) <= LONGEST_ENUM:
        constraints["enum"] = shape["enum"]
    return constraints


def links(shape, telling):
    result = {}
    for role, child in children(shape).items():
        if child not in telling:
            continue
        if role[0] == "members":
            result.setdefault("members", {})[role[1]] = child
        else:
            result[role[0]] = child
    return result


COMPILE = """
const patterns = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const compiles = (pattern, flags) => { try { new RegExp(`^(?:${pattern})$`, flags); return true; } catch { return false; } };
const usable = (pattern) => compiles(pattern, "u") || (!pattern.includes("\\\\p") && compiles(pattern, ""));
console.log(JSON.stringify(patterns.filter((pattern) => !usable(pattern))));
"""


def uncompilable(patterns):
    result = subprocess.run(
        ["node", "-e", COMPILE], input=json.dumps(sorted(patterns)), capture_output=True, text=True, check=True
    )
    return set(json.loads(result.stdout))


def as_text(data):
    """One shape a line, so that a change shows as a change."""
    lines = [f"{json.dumps(name)}:{compact(shape)}" for name, shape in data["shapes"].items()]
    head = ",\n".join(f"{json.dumps(key)}:{compact(data[key])}" for key in ("source", "skippedPatterns", "operations"))
    return "{" + head + ',\n"shapes":{\n' + ",\n".join(lines) + "\n}}\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()
