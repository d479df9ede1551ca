"""boto3's own waiters and paginators against the endpoint in the first argument; one line of JSON for each check.

Only the time between two looks is set: what counts as done, failed or one more page is boto3's.
"""

import json
import sys
import time
import traceback

import boto3

endpoint, prefix = sys.argv[1], sys.argv[2]
quick = {"Delay": 1, "MaxAttempts": 60}
checks = []


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def check(run):
    checks.append(run)
    return run


autoscaling, ec2, elbv2, ssm = client("autoscaling"), client("ec2"), client("elbv2"), client("ssm")
dynamodb, lambda_, s3, cloudwatch = client("dynamodb"), client("lambda"), client("s3"), client("cloudwatch")
events, iam, elasticache, backup = client("events"), client("iam"), client("elasticache"), client("backup")


def nodes():
    found = autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    return [each["InstanceId"] for each in found if each["LifecycleState"] == "InService"]


def pages_of(paginator, key, size, **arguments):
    """How many pages there were, and the items of all."""
    pages = list(paginator.paginate(PaginationConfig={"PageSize": size}, **arguments))
    return len(pages), [item for page in pages for item in page.get(key, [])]


def image():
    return ec2.describe_images()["Images"][0]["ImageId"]


@check
def instance_waiters():
    """instance_exists, instance_running, instance_status_ok, instance_terminated"""
    started = ec2.run_instances(ImageId=image(), InstanceType="t4g.medium", MinCount=1, MaxCount=1)["Instances"][0]
    assert started["State"]["Name"] == "pending", started["State"]
    ids = [started["InstanceId"]]
    ec2.get_waiter("instance_exists").wait(InstanceIds=ids, WaiterConfig=quick)
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=quick)
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=ids, WaiterConfig=quick)
    ec2.terminate_instances(InstanceIds=ids)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=quick)
    state = ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"][0]["State"]["Name"]
    assert state == "terminated", state


@check
def instance_stopped_waiter():
    """instance_stopped"""
    ids = [ec2.run_instances(ImageId=image(), InstanceType="t4g.medium", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]]
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=quick)
    ec2.stop_instances(InstanceIds=ids)
    ec2.get_waiter("instance_stopped").wait(InstanceIds=ids, WaiterConfig=quick)
    ec2.terminate_instances(InstanceIds=ids)


@check
def target_waiters():
    """target_in_service, target_deregistered, load_balancer_available"""
    balancer = elbv2.describe_load_balancers(Names=["moodle"])["LoadBalancers"][0]
    elbv2.get_waiter("load_balancer_available").wait(Names=["moodle"], WaiterConfig=quick)
    group = elbv2.create_target_group(
        Name=prefix, Protocol="HTTP", Port=80, VpcId=balancer["VpcId"], TargetType="instance",
        HealthCheckPath="/warden/ready", HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.modify_target_group_attributes(
        TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "3"}]
    )
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=8000 + int(prefix[-2:]),
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )["Listeners"][0]["ListenerArn"]
    targets = [{"Id": nodes()[0], "Port": 80}]

    def state():
        return elbv2.describe_target_health(TargetGroupArn=group, Targets=targets)["TargetHealthDescriptions"][0]["TargetHealth"]["State"]

    elbv2.register_targets(TargetGroupArn=group, Targets=targets)
    assert state() == "initial", state()
    elbv2.get_waiter("target_in_service").wait(TargetGroupArn=group, Targets=targets, WaiterConfig=quick)
    assert state() == "healthy", state()
    elbv2.deregister_targets(TargetGroupArn=group, Targets=targets)
    assert state() == "draining", state()
    elbv2.get_waiter("target_deregistered").wait(TargetGroupArn=group, Targets=targets, WaiterConfig=quick)
    elbv2.delete_listener(ListenerArn=listener)
    elbv2.delete_target_group(TargetGroupArn=group)


@check
def command_waiter():
    """command_executed"""
    node = nodes()[0]
    command = ssm.send_command(
        InstanceIds=[node], DocumentName="AWS-RunShellScript", Parameters={"commands": ["hostname"]}
    )["Command"]["CommandId"]
    # GetCommandInvocation answers InvocationDoesNotExist just after SendCommand, and this waiter does not forgive it.
    time.sleep(1)
    ssm.get_waiter("command_executed").wait(CommandId=command, InstanceId=node, WaiterConfig=quick)
    done = ssm.get_command_invocation(CommandId=command, InstanceId=node)
    assert (done["Status"], done["ResponseCode"]) == ("Success", 0), done


@check
def failing_command():
    """command_executed tells of a command that fails"""
    node = nodes()[0]
    command = ssm.send_command(
        InstanceIds=[node], DocumentName="AWS-RunShellScript", Parameters={"commands": ["exit 3"]}
    )["Command"]["CommandId"]
    time.sleep(1)
    try:
        ssm.get_waiter("command_executed").wait(CommandId=command, InstanceId=node, WaiterConfig=quick)
    except Exception as error:
        assert type(error).__name__ == "WaiterError" and "terminal failure" in str(error), error
    else:
        raise AssertionError("the waiter took a failed command for done")
    assert ssm.get_command_invocation(CommandId=command, InstanceId=node)["ResponseCode"] == 3


@check
def table_waiters():
    """table_exists, table_not_exists; pages of query and scan"""
    dynamodb.create_table(
        TableName=prefix, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=prefix, WaiterConfig=quick)
    for number in range(7):
        dynamodb.put_item(TableName=prefix, Item={"pk": {"S": "a"}, "sk": {"N": str(number)}})
    query = dict(TableName=prefix, KeyConditionExpression="pk = :a", ExpressionAttributeValues={":a": {"S": "a"}})
    pages, items = pages_of(dynamodb.get_paginator("query"), "Items", 3, **query)
    assert pages == 3 and [int(item["sk"]["N"]) for item in items] == list(range(7)), (pages, items)
    pages, items = pages_of(dynamodb.get_paginator("scan"), "Items", 3, TableName=prefix)
    assert pages == 3 and len(items) == 7, (pages, items)
    dynamodb.delete_table(TableName=prefix)
    dynamodb.get_waiter("table_not_exists").wait(TableName=prefix, WaiterConfig=quick)


@check
def function_waiters():
    """function_exists, function_active, function_active_v2, function_updated, function_updated_v2"""
    for name in ("function_exists", "function_active", "function_active_v2", "function_updated", "function_updated_v2"):
        lambda_.get_waiter(name).wait(FunctionName="warden-local-sweep", WaiterConfig=quick)


@check
def bucket_waiters():
    """bucket_exists, object_exists, object_not_exists; pages of list_objects_v2"""
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket=prefix, CreateBucketConfiguration=place)
    s3.get_waiter("bucket_exists").wait(Bucket=prefix, WaiterConfig=quick)
    for number in range(5):
        s3.put_object(Bucket=prefix, Key=f"release/{number}", Body=b"moodle")
    s3.get_waiter("object_exists").wait(Bucket=prefix, Key="release/4", WaiterConfig=quick)
    assert s3.get_object(Bucket=prefix, Key="release/4")["Body"].read() == b"moodle"
    pages, items = pages_of(s3.get_paginator("list_objects_v2"), "Contents", 2, Bucket=prefix, Prefix="release/")
    assert pages == 3 and [item["Key"] for item in items] == [f"release/{number}" for number in range(5)], (pages, items)
    s3.delete_object(Bucket=prefix, Key="release/4")
    s3.get_waiter("object_not_exists").wait(Bucket=prefix, Key="release/4", WaiterConfig=quick)


@check
def alarm_waiter():
    """alarm_exists"""
    cloudwatch.put_metric_alarm(
        AlarmName=prefix, Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=60,
        EvaluationPeriods=1, Threshold=90, ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=[prefix], WaiterConfig=quick)
    alarm = cloudwatch.describe_alarms(AlarmNames=[prefix])["MetricAlarms"][0]
    assert alarm["StateValue"] == "INSUFFICIENT_DATA", alarm["StateValue"]
    cloudwatch.delete_alarms(AlarmNames=[prefix])


@check
def cache_waiters():
    """replication_group_available, cache_cluster_available, replication_group_deleted; pages of describe_events"""
    groups = [f"{prefix}-{number}" for number in range(2)]
    for group in groups:
        elasticache.create_replication_group(
            ReplicationGroupId=group, ReplicationGroupDescription=group, Engine="valkey",
            CacheNodeType="cache.t4g.small", NumCacheClusters=6,
        )
    for group in groups:
        elasticache.get_waiter("replication_group_available").wait(ReplicationGroupId=group, WaiterConfig=quick)
        elasticache.get_waiter("cache_cluster_available").wait(CacheClusterId=f"{group}-006", WaiterConfig=quick)
    pages, events_of = pages_of(elasticache.get_paginator("describe_events"), "Events", 20)
    mine = [each["Message"] for each in events_of if each["SourceIdentifier"].startswith(prefix)]
    assert pages >= 2 and len(mine) == 26, (pages, mine)
    for group in groups:
        elasticache.delete_replication_group(ReplicationGroupId=group)
        elasticache.get_waiter("replication_group_deleted").wait(ReplicationGroupId=group, WaiterConfig=quick)
    left = elasticache.describe_cache_clusters()["CacheClusters"]
    assert not [each for each in left if each["CacheClusterId"].startswith(prefix)], left


@check
def backup_pages():
    """pages of list_recovery_points_by_resource, list_recovery_points_by_backup_vault, list_backup_jobs, list_backup_vaults"""
    files = f"arn:aws:elasticfilesystem:eu-west-1:000000000000:file-system/fs-{prefix[-1] * 17}"
    role = iam.get_role(RoleName="warden-local-backup")["Role"]["Arn"]
    vault = backup.create_backup_vault(BackupVaultName=prefix)
    assert vault["BackupVaultArn"] == f"arn:aws:backup:eu-west-1:000000000000:backup-vault:{prefix}", vault
    jobs = [
        backup.start_backup_job(BackupVaultName=prefix, ResourceArn=files, IamRoleArn=role, IdempotencyToken=token)
        for token in ("one", "two", "two")
    ]
    ids = {each["BackupJobId"] for each in jobs}
    assert len(ids) == 2, jobs
    # There is no waiter for a job.
    while any(backup.describe_backup_job(BackupJobId=each)["State"] != "COMPLETED" for each in ids):
        time.sleep(1)
    arns = {each["RecoveryPointArn"] for each in jobs}
    for operation, arguments in (
        ("list_recovery_points_by_resource", {"ResourceArn": files}),
        ("list_recovery_points_by_backup_vault", {"BackupVaultName": prefix}),
    ):
        pages, points = pages_of(backup.get_paginator(operation), "RecoveryPoints", 1, **arguments)
        assert pages == 2 and {each["RecoveryPointArn"] for each in points} == arns, (operation, pages, points)
        assert {each["Status"] for each in points} == {"COMPLETED"}, points
    pages, found = pages_of(backup.get_paginator("list_backup_jobs"), "BackupJobs", 1, ByResourceArn=files)
    assert pages == 2 and {each["BackupJobId"] for each in found} == ids, (pages, found)
    _, vaults = pages_of(backup.get_paginator("list_backup_vaults"), "BackupVaultList", 1)
    assert {prefix, "warden-local-vault"} <= {each["BackupVaultName"] for each in vaults}, vaults
    point = backup.describe_recovery_point(BackupVaultName=prefix, RecoveryPointArn=arns.pop())
    assert point["CreationDate"] < point["CompletionDate"], point
    try:
        backup.create_backup_vault(BackupVaultName=prefix)
    except backup.exceptions.AlreadyExistsException as error:
        assert error.response["Arn"] == vault["BackupVaultArn"], error.response
    else:
        raise AssertionError("a vault was made twice")


@check
def identity_waiters():
    """role_exists, instance_profile_exists"""
    iam.get_waiter("role_exists").wait(RoleName="warden-local-sweep", WaiterConfig=quick)
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="warden-local-node", WaiterConfig=quick)


@check
def group_pages():
    """pages of describe_auto_scaling_groups, describe_auto_scaling_instances, describe_scaling_activities"""
    names = [f"{prefix}-{number}" for number in range(3)]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for name in names:
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, VPCZoneIdentifier=subnet,
            LaunchTemplate={"LaunchTemplateName": "moodle", "Version": "$Latest"},
        )
    pages, groups = pages_of(
        autoscaling.get_paginator("describe_auto_scaling_groups"), "AutoScalingGroups", 2, AutoScalingGroupNames=names
    )
    assert pages == 2 and sorted(each["AutoScalingGroupName"] for each in groups) == names, (pages, groups)
    pages, found = pages_of(autoscaling.get_paginator("describe_auto_scaling_instances"), "AutoScalingInstances", 1)
    assert pages >= 2 and pages == len(found), (pages, found)
    pages, found = pages_of(
        autoscaling.get_paginator("describe_scaling_activities"), "Activities", 1, AutoScalingGroupName="moodle"
    )
    assert pages >= 2 and pages == len(found), (pages, found)
    for name in names:
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name)


@check
def instance_pages():
    """pages of describe_instances"""
    pages, reservations = pages_of(ec2.get_paginator("describe_instances"), "Reservations", 5)
    ids = [each["InstanceId"] for reservation in reservations for each in reservation["Instances"]]
    assert len(ids) == len(set(ids)) and set(nodes()) <= set(ids), ids


@check
def invocation_pages():
    """pages of list_command_invocations"""
    commands = [
        ssm.send_command(InstanceIds=nodes(), DocumentName="AWS-RunShellScript", Parameters={"commands": ["hostname"]})
        for _ in range(2)
    ]
    time.sleep(1)
    wanted = {each["Command"]["CommandId"] for each in commands}
    pages, found = pages_of(ssm.get_paginator("list_command_invocations"), "CommandInvocations", 1)
    keys = [(each["CommandId"], each["InstanceId"]) for each in found]
    assert len(keys) == len(set(keys)) and wanted <= {command for command, _ in keys}, keys
    assert pages >= 4, pages


@check
def rule_pages():
    """pages of list_rules"""
    pages, rules = pages_of(events.get_paginator("list_rules"), "Rules", 5)
    names = [each["Name"] for each in rules]
    assert pages >= 3 and len(names) == len(set(names)) and "warden-local-sweep-schedule" in names, (pages, names)


@check
def other_pages():
    """pages of list_roles, list_functions, describe_target_groups, get_parameters_by_path, list_queues"""
    _, roles = pages_of(iam.get_paginator("list_roles"), "Roles", 2)
    assert len(roles) >= 5, roles
    _, functions = pages_of(lambda_.get_paginator("list_functions"), "Functions", 2)
    assert len(functions) >= 4, functions
    _, groups = pages_of(elbv2.get_paginator("describe_target_groups"), "TargetGroups", 1)
    assert "moodle" in [each["TargetGroupName"] for each in groups], groups
    _, parameters = pages_of(ssm.get_paginator("get_parameters_by_path"), "Parameters", 1, Path="/warden", Recursive=True)
    assert len(parameters) >= 2, parameters
    pages, urls = pages_of(client("sqs").get_paginator("list_queues"), "QueueUrls", 2)
    assert pages >= 3 and len(urls) == len(set(urls)), (pages, urls)


for run in checks:
    start = time.monotonic()
    error = None
    try:
        run()
    except Exception:
        error = traceback.format_exc(limit=3)
    seconds = round(time.monotonic() - start, 1)
    print(json.dumps({"name": run.__doc__, "ok": error is None, "error": error, "seconds": seconds}), flush=True)
