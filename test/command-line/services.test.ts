/** The services of the local world as the AWS CLI sees them: those that are there, and what is refused as AWS refuses it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { awsJudge, judgedBy } from "./support/judges.ts";
import { refusalOf } from "./support/refusal.ts";
import { startWorld, type World } from "./support/world.ts";

judgedBy(awsJudge, "the services, with the AWS CLI", () => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    world = await startWorld({ flags: ["--desired", "0"], story: true });
    folder = await mkdtemp(join(tmpdir(), "test-services-"));
  });
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
    await world?.stop();
  });

  const aws = (command: string, ...more: string[]) => world.aws(...command.split(" "), ...more);
  const refusal = (command: string, ...more: string[]) => refusalOf(world, ...command.split(" "), ...more);

  /** A queue that takes what a service of AWS sends. */
  async function queueFor(name: string, Service: string): Promise<{ url: string; arn: string }> {
    const url = await world.awsText(...`sqs create-queue --queue-name ${name} --query QueueUrl`.split(" "));
    const attribute = "--attribute-names QueueArn --query Attributes.QueueArn".split(" ");
    const arn = await world.awsText("sqs", "get-queue-attributes", "--queue-url", url, ...attribute);
    const statement = { Effect: "Allow", Principal: { Service }, Action: "sqs:SendMessage", Resource: arn };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await aws("sqs set-queue-attributes", "--queue-url", url, "--attributes", JSON.stringify({ Policy: policy }));
    return { url, arn };
  }

  describe("put-events", () => {
    it("refuses a source of AWS's own for its entry alone", async () => {
      const entries = [
        { Source: "aws.ec2", DetailType: "EC2 Spot Instance Interruption Warning", Detail: "{}" },
        { Source: "mine", DetailType: "Lunch", Detail: "{}" },
      ];
      expect(await aws("events put-events", "--entries", JSON.stringify(entries))).toEqual({
        FailedEntryCount: 1,
        Entries: [
          { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." },
          { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        ],
      });
    });

    it("reaches a queue through a rule", async () => {
      const { url, arn } = await queueFor("lunch", "events.amazonaws.com");
      await aws(
        "events put-rule --name lunch --event-pattern",
        JSON.stringify({ source: ["mine"], detail: { dish: [{ prefix: "so" }] } }),
      );
      await aws("events put-targets --rule lunch --targets", JSON.stringify([{ Id: "1", Arn: arn }]));
      const event = (dish: string) => ({ Source: "mine", DetailType: "Lunch", Detail: JSON.stringify({ dish }) });
      await aws("events put-events --entries", JSON.stringify([event("bread"), event("soup")]));
      const body = await world.awsText(
        "sqs",
        "receive-message",
        "--queue-url",
        url,
        "--wait-time-seconds",
        "5",
        "--query",
        "Messages[].Body",
      );
      expect(JSON.parse(body)).toMatchObject({
        source: "mine",
        "detail-type": "Lunch",
        region: "eu-west-1",
        detail: { dish: "soup" },
      });
    });
  });

  describe("each service that is there", () => {
    it("sts says who calls", async () => {
      expect(await aws("sts get-caller-identity")).toEqual({
        UserId: expect.any(String),
        Account: "000000000000",
        Arn: expect.stringMatching(/^arn:aws:iam::000000000000:user\//),
      });
    });

    it("dynamodb keeps an item, and refuses a condition that fails", async () => {
      await aws(
        "dynamodb create-table --table-name menu --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=dish,AttributeType=S --key-schema AttributeName=dish,KeyType=HASH",
      );
      await aws("dynamodb wait table-exists --table-name menu");
      const item = JSON.stringify({ dish: { S: "soup" }, price: { N: "4.50" } });
      await aws("dynamodb put-item --table-name menu --item", item);
      expect(
        await aws("dynamodb get-item --table-name menu --query Item --key", JSON.stringify({ dish: { S: "soup" } })),
      ).toEqual({ dish: { S: "soup" }, price: { N: "4.5" } });
      expect(
        await refusal(
          "dynamodb put-item --table-name menu --condition-expression attribute_not_exists(dish) --item",
          item,
        ),
      ).toBe("(ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed");
    });

    it("s3 takes a file and gives it back", async () => {
      await writeFile(join(folder, "config.php"), "<?php // moodle");
      await world.awsText("s3", "mb", "s3://warden-menu");
      await aws("s3 cp", join(folder, "config.php"), "s3://warden-menu/a/config.php", "--no-progress", "--quiet");
      expect((await world.awsEnded("s3", "ls", "s3://warden-menu/a/")).stdout).toMatch(/ 15 config\.php\n$/);
      await aws("s3 cp --quiet s3://warden-menu/a/config.php", join(folder, "back.php"));
      expect(await readFile(join(folder, "back.php"), "utf8")).toBe("<?php // moodle");
    });

    it("cloudwatch keeps an alarm, and its state when it is set", async () => {
      await aws(
        "cloudwatch put-metric-alarm --alarm-name slow --namespace Moodle --metric-name Seconds --statistic Average --period 60 --evaluation-periods 1 --threshold 2 --comparison-operator GreaterThanThreshold",
      );
      await aws("cloudwatch set-alarm-state --alarm-name slow --state-value ALARM --state-reason", "a person said so");
      // The next evaluation takes it back, as on AWS: what stays is the history.
      expect(
        await aws("cloudwatch describe-alarm-history --alarm-name slow --query AlarmHistoryItems[].HistorySummary"),
      ).toEqual(expect.arrayContaining(["Alarm updated from INSUFFICIENT_DATA to ALARM"]));
    });

    it("lambda runs Warden's own sweep when it is asked to", async () => {
      const out = join(folder, "answer.json");
      const answer = await aws(
        "lambda invoke --function-name warden-local-sweep --payload {} --cli-binary-format raw-in-base64-out",
        out,
      );
      expect(answer).toEqual({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    });

    it("iam lists the role of each function, with its grants", async () => {
      const roles = await aws("iam list-roles --query Roles[].RoleName");
      expect(roles).toEqual(
        expect.arrayContaining(["warden-local-sweep", "warden-local-heartbeat", "warden-local-node"]),
      );
      expect(
        await aws(
          "iam get-role-policy --role-name warden-local-heartbeat --policy-name grants --query PolicyDocument.Statement[].Action",
        ),
      ).toEqual(expect.arrayContaining(["autoscaling:RecordLifecycleActionHeartbeat"]));
    });

    it("secretsmanager keeps a secret", async () => {
      await aws("secretsmanager create-secret --name moodle/database --secret-string swordfish");
      expect(
        await world.awsText(
          ..."secretsmanager get-secret-value --secret-id moodle/database --query SecretString".split(" "),
        ),
      ).toBe("swordfish");
    });

    it("elasticache fails over to a replica, and tells its events and its topic so", async () => {
      const topic = "arn:aws:sns:eu-west-1:000000000000:caches";
      await aws("sns create-topic --name caches");
      const { url, arn } = await queueFor("caches", "sns.amazonaws.com");
      await aws(
        `sns subscribe --protocol sqs --topic-arn ${topic} --notification-endpoint ${arn} --attributes RawMessageDelivery=true`,
      );
      await aws(
        `elasticache create-replication-group --replication-group-id cache --replication-group-description x --engine valkey --cache-node-type cache.t4g.small --num-cache-clusters 2 --automatic-failover-enabled --notification-topic-arn ${topic}`,
      );
      const look = (query: string) =>
        aws(
          `elasticache describe-replication-groups --replication-group-id cache --query ReplicationGroups[0].${query}`,
        );
      await eventually("it is available", 60_000, async () => (await look("Status")) === "available");
      await aws("elasticache test-failover --replication-group-id cache --node-group-id 0001");
      await eventually("it is available again", 60_000, async () => (await look("Status")) === "available");
      expect(await look("NodeGroups[0].NodeGroupMembers[].[CacheClusterId,CurrentRole]")).toEqual([
        ["cache-001", "replica"],
        ["cache-002", "primary"],
      ]);
      // The messages of the API reference, TestFailover, in its order.
      expect(
        await aws(
          "elasticache describe-events",
          "--query",
          "reverse(Events[:5].join(': ', [SourceIdentifier, Message]))",
        ),
      ).toEqual([
        "cache: Test Failover API called for node group 0001",
        "cache-001: Failover from primary node cache-001 to replica node cache-002 completed",
        "cache: Failover from primary node cache-001 to replica node cache-002 completed",
        "cache-001: Recovering cache nodes 0001",
        "cache-001: Finished recovery for cache nodes 0001",
      ]);
      const told: unknown[] = [];
      await eventually("the queue has the failover", 60_000, async () => {
        const bodies = await aws(
          "sqs receive-message --max-number-of-messages 10 --query Messages[].Body --queue-url",
          url,
        );
        if (Array.isArray(bodies)) told.push(...bodies);
        return told.includes(JSON.stringify({ "ElastiCache:FailoverComplete": "cache" }));
      });
    });

    it("backup makes recovery points of a database and of files, lists them, and deletes one", async () => {
      const account = "eu-west-1:000000000000";
      const database = `arn:aws:rds:${account}:cluster:menu`;
      const files = `arn:aws:elasticfilesystem:${account}:file-system/fs-0123456789abcdef0`;
      await aws("backup create-backup-vault --backup-vault-name menu --backup-vault-tags site=menu");
      const role = "arn:aws:iam::000000000000:role/warden-local-backup";
      const start = `backup start-backup-job --backup-vault-name menu --iam-role-arn ${role} --query BackupJobId`;
      for (const resource of [database, files, files]) {
        const job = await world.awsText(...start.split(" "), "--resource-arn", resource);
        const state = "backup describe-backup-job --query [State,PercentDone] --backup-job-id";
        const done = JSON.stringify(["COMPLETED", "100.0"]);
        await eventually("the job is done", 60_000, async () => JSON.stringify(await aws(state, job)) === done);
      }
      const points = "RecoveryPoints[].[Status,BackupVaultName]";
      const list = (resource: string) =>
        aws(`backup list-recovery-points-by-resource --resource-arn ${resource} --query ${points}`);
      expect(await list(database)).toEqual([["COMPLETED", "menu"]]);
      const first = await world.awsText(
        ...`backup list-recovery-points-by-resource --resource-arn ${files} --query RecoveryPoints[-1].RecoveryPointArn`.split(
          " ",
        ),
      );
      expect(first).toMatch(/^arn:aws:backup:eu-west-1:000000000000:recovery-point:[0-9A-F-]{36}$/);
      expect(
        await aws(
          `backup describe-recovery-point --backup-vault-name menu --recovery-point-arn ${first} --query [Status,ResourceArn,ResourceType]`,
        ),
      ).toEqual(["COMPLETED", files, "EFS"]);
      await aws(`backup delete-recovery-point --backup-vault-name menu --recovery-point-arn ${first}`);
      const count = "backup describe-backup-vault --backup-vault-name menu --query NumberOfRecoveryPoints";
      expect(await aws(count)).toBe(2);
    });

    it("backup has the local site's own pair: the files were begun when the database was whole", async () => {
      const times = async (query: string) => {
        const listed = await aws(
          `backup list-backup-jobs --by-backup-vault-name warden-local-vault --by-state COMPLETED --query`,
          `BackupJobs[].${query}`,
        );
        return Array.isArray(listed) ? listed.map(String) : [];
      };
      await eventually("both are done", 60_000, async () => (await times("State")).length === 2);
      expect(await times("ResourceArn")).toEqual([
        "arn:aws:elasticfilesystem:eu-west-1:000000000000:file-system/fs-10ca1000c0ffee000",
        "arn:aws:rds:eu-west-1:000000000000:db:moodle-local",
      ]);
      const [begun = "", completed = ""] = [(await times("CreationDate"))[0], (await times("CompletionDate"))[1]];
      expect(Date.parse(begun)).toBeGreaterThanOrEqual(Date.parse(completed));
    });

    it("ssm keeps a parameter and its versions", async () => {
      await aws("ssm put-parameter --name /menu/today --type String --value bread");
      await aws("ssm put-parameter --name /menu/today --type String --value soup --overwrite");
      expect(await aws("ssm get-parameter --name /menu/today --query Parameter.[Value,Version]")).toEqual(["soup", 2]);
    });
  });

  it.each([
    ["logs describe-log-groups", "DescribeLogGroups", "logs"],
    ["rds describe-db-instances", "DescribeDBInstances", "rds"],
    ["efs describe-file-systems", "DescribeFileSystems", "elasticfilesystem"],
  ])("says of a service that is not there that it is not: %s", async (command, operation, service) => {
    expect(await refusal(command)).toMatch(
      new RegExp(
        `^\\(NotImplemented\\) when calling the ${operation} operation: The service ${service} is not modelled here`,
      ),
    );
  });

  it.each([
    [
      "autoscaling set-desired-capacity --auto-scaling-group-name nobody --desired-capacity 1",
      /^\(ValidationError\) .*AutoScalingGroup name not found/,
    ],
    [
      "ec2 describe-instances --instance-ids i-0123456789abcdef0",
      /^\(InvalidInstanceID\.NotFound\) .*The instance ID 'i-0123456789abcdef0' does not exist$/,
    ],
    ["ec2 terminate-instances --instance-ids nonsense", /^\(InvalidInstanceID\.Malformed\) .*Invalid id: "nonsense"/],
    [
      "elasticache describe-replication-groups --replication-group-id nobody",
      /^\(ReplicationGroupNotFoundFault\) .*ReplicationGroup nobody not found\.$/,
    ],
    [
      "elasticache test-failover --replication-group-id nobody --node-group-id x",
      /^\(ValidationError\) .*Value 'x' at 'nodeGroupId' failed to satisfy constraint/,
    ],
    [
      "backup describe-backup-vault --backup-vault-name nobody",
      /^\(AccessDeniedException\) .*Insufficient privileges to perform this action\.$/,
    ],
    [
      "backup create-backup-vault --backup-vault-name x",
      /^\(InvalidParameterValueException\) .*Value 'x' at 'backupVaultName' failed to satisfy constraint/,
    ],
    [
      "backup start-backup-job --backup-vault-name nobody --iam-role-arn x --resource-arn x",
      /^\(ResourceNotFoundException\) .*Cannot find backup vault nobody$/,
    ],
    [
      "backup describe-backup-job --backup-job-id nobody",
      /^\(ResourceNotFoundException\) .*Cannot find backup job nobody$/,
    ],
    ["elbv2 describe-target-groups --names nobody", /^\(TargetGroupNotFound\) .*One or more target groups not found$/],
    [
      "sqs get-queue-url --queue-name nobody",
      /^\(AWS\.SimpleQueueService\.NonExistentQueue\) .*The specified queue does not exist/,
    ],
    ["dynamodb describe-table --table-name nobody", /^\(ResourceNotFoundException\) .*Requested resource not found/],
    [
      "lambda get-function --function-name nobody",
      /^\(ResourceNotFoundException\) .*Function not found: arn:aws:lambda:eu-west-1:000000000000:function:nobody$/,
    ],
    ["iam get-role --role-name nobody", /^\(NoSuchEntity\) .*The role with name nobody cannot be found\.$/],
    [
      "secretsmanager get-secret-value --secret-id nobody",
      /^\(ResourceNotFoundException\) .*Secrets Manager can't find the specified secret\.$/,
    ],
    ["s3api list-objects-v2 --bucket nobody-has-it", /^\(NoSuchBucket\) .*The specified bucket does not exist$/],
    [
      "events put-rule --name x --event-pattern {bad",
      /^\(InvalidEventPatternException\) .*Event pattern is not valid\./,
    ],
    ["ssm get-parameter --name nobody", /^\(ParameterNotFound\) /],
    [
      "cloudwatch set-alarm-state --alarm-name nobody --state-value OK --state-reason x",
      /^\(ResourceNotFound\) when calling the SetAlarmState operation: (?!None)\S/,
    ],
  ])("answers as AWS does what cannot be: %s", async (command, expected) => {
    expect(await refusal(command)).toMatch(expected);
  });

  it("takes a message of somebody's own in the story's queue for what it is, and goes on", async () => {
    const url = await world.awsText(..."sqs get-queue-url --queue-name story --query QueueUrl".split(" "));
    await aws("sqs send-message --message-body hello --queue-url", url);
    await eventually("it is read and gone", 20_000, async () => {
      const left = "ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible".split(" ");
      const counts = await aws("sqs get-queue-attributes --queue-url", url, "--attribute-names", ...left);
      return JSON.stringify(counts).match(/"0"/g)?.length === 2;
    });
    expect(world.printed()).not.toMatch(/defect/);
  });
});
