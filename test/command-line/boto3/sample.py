"""Looks at the group and its targets again and again, until it is ended; prints each look as a line of JSON.

AWS gives the calls of Auto Scaling one small bucket, which Warden needs too: five looks a second are few enough.
"""

import json
import sys
import time

import boto3

client = dict(
    endpoint_url=sys.argv[1], region_name="eu-west-1", aws_access_key_id="local", aws_secret_access_key="local"
)
autoscaling, elbv2 = boto3.client("autoscaling", **client), boto3.client("elbv2", **client)
group = elbv2.describe_target_groups(Names=["moodle"])["TargetGroups"][0]["TargetGroupArn"]

while True:
    instances = autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    targets = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    now = {
        "states": {each["InstanceId"]: each["LifecycleState"] for each in instances},
        "targets": {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in targets},
    }
    print(json.dumps(now), flush=True)
    time.sleep(0.2)
