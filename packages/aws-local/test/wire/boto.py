"""Calls every embedded service with a stock boto3 and prints, as one JSON object, what came back."""

import json
import sys

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
CONFIG = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})


def client(service):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="eu-west-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        config=CONFIG,
    )


def refusal(exception, call):
    try:
        call()
    except exception as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    return None


autoscaling, sqs, s3, dynamodb = client("autoscaling"), client("sqs"), client("s3"), client("dynamodb")
cloudwatch, awslambda = client("cloudwatch"), client("lambda")
s3.put_object(Bucket="warden", Key="a/b c", Body=b"hello", Metadata={"release": "5.2"})
stored = s3.get_object(Bucket="warden", Key="a/b c")

print(
    json.dumps(
        {
            "botocore": botocore.__version__,
            "groups": [
                group["AutoScalingGroupName"]
                for page in autoscaling.get_paginator("describe_auto_scaling_groups").paginate()
                for group in page["AutoScalingGroups"]
            ],
            "scaling": refusal(
                autoscaling.exceptions.ScalingActivityInProgressFault,
                lambda: autoscaling.set_desired_capacity(AutoScalingGroupName="moodle", DesiredCapacity=3),
            ),
            "command": refusal(ClientError, lambda: client("ssm").send_command(DocumentName="nope")),
            "message": sqs.send_message(QueueUrl=ENDPOINT + "/000000000000/urgent", MessageBody="hello")["MessageId"],
            "queue": refusal(sqs.exceptions.QueueDoesNotExist, lambda: sqs.get_queue_url(QueueName="gone")),
            "instances": refusal(
                ClientError, lambda: client("ec2").describe_instances(InstanceIds=["i-0123456789abcdef0"])
            ),
            "metrics": cloudwatch.put_metric_data(
                Namespace="Warden", MetricData=[{"MetricName": "Nodes", "Value": 3.5, "Unit": "Count"}]
            )["ResponseMetadata"]["HTTPStatusCode"],
            "targets": client("elbv2").describe_target_health(TargetGroupArn="arn")["TargetHealthDescriptions"][0][
                "TargetHealth"
            ]["State"],
            "event": client("events").put_events(
                Entries=[{"Source": "warden", "DetailType": "Node Phase Changed", "Detail": "{}"}]
            )["Entries"][0]["EventId"],
            "item": dynamodb.get_item(TableName="warden", Key={"pk": {"S": "node/1"}})["Item"]["at"]["N"],
            "condition": refusal(
                dynamodb.exceptions.ConditionalCheckFailedException,
                lambda: dynamodb.put_item(TableName="warden", Item={"pk": {"S": "node/1"}}),
            ),
            "topic": client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:000000000000:t", Message="m")["MessageId"],
            "caller": client("sts").get_caller_identity()["Account"],
            "role": client("iam").get_role(RoleName="warden")["Role"]["Arn"],
            "secret": client("secretsmanager").get_secret_value(SecretId="db")["SecretString"],
            "answer": awslambda.invoke(FunctionName="reconcile", Payload=b'{"a":1}')["Payload"].read().decode(),
            "object": [stored["Body"].read().decode(), stored["Metadata"]],
            "keys": [entry["Key"] for entry in s3.list_objects_v2(Bucket="warden")["Contents"]],
            "missing": refusal(s3.exceptions.NoSuchKey, lambda: s3.get_object(Bucket="warden", Key="gone")),
        }
    )
)
