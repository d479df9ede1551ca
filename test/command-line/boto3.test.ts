/** boto3 as Debian ships it, and a newer one where there is one: waiters, paginators and endpoints work unmodified. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { nodesInService } from "./support/fleet.ts";
import { debianBoto3, judgedBy, newerBoto3, type Python } from "./support/judges.ts";
import { run } from "./support/run.ts";
import { startWorld, type World } from "./support/world.ts";

/** The names that `boto3/waiters.py` gives its checks. */
const checks = [
  "instance_exists, instance_running, instance_status_ok, instance_terminated",
  "instance_stopped",
  "target_in_service, target_deregistered, load_balancer_available",
  "command_executed",
  "command_executed tells of a command that fails",
  "table_exists, table_not_exists; pages of query and scan",
  "function_exists, function_active, function_active_v2, function_updated, function_updated_v2",
  "bucket_exists, object_exists, object_not_exists; pages of list_objects_v2",
  "alarm_exists",
  "replication_group_available, cache_cluster_available, replication_group_deleted; pages of describe_events",
  "pages of list_recovery_points_by_resource, list_recovery_points_by_backup_vault, list_backup_jobs, list_backup_vaults",
  "role_exists, instance_profile_exists",
  "pages of describe_auto_scaling_groups, describe_auto_scaling_instances, describe_scaling_activities",
  "pages of describe_instances",
  "pages of list_command_invocations",
  "pages of list_rules",
  "pages of list_roles, list_functions, describe_target_groups, get_parameters_by_path, list_queues",
];

const resultSchema = z.object({ name: z.string(), ok: z.boolean(), error: z.string().nullable(), seconds: z.number() });
type Result = z.infer<typeof resultSchema>;

describe("boto3", () => {
  let world: World | undefined;
  const results = new Map<Python, Promise<Result[]>>();
  const judges = [debianBoto3, newerBoto3].filter((each) => each.missing === undefined);

  beforeAll(async () => {
    if (judges.length === 0) return;
    // Status checks run once a minute: four times as fast, nobody waits that long.
    world = await startWorld({ flags: ["--speed", "4"] });
    const here = world;
    await nodesInService(here, 2);
    for (const [index, python] of judges.entries())
      results.set(python, checksOf(here, python, `judge-${index}${index}`));
    await Promise.all(results.values());
  }, 180_000);
  afterAll(async () => world?.stop());

  for (const python of [debianBoto3, newerBoto3]) {
    judgedBy(python, `waits and pages: ${python.name}`, () => {
      it.each(checks)("%s", async (name) => {
        const result = (await results.get(python))?.find((each) => each.name === name);
        expect(result?.error, name).toBeNull();
      });

      it("nothing besides", async () => {
        expect((await results.get(python))?.map((each) => each.name)).toEqual(checks);
      });
    });
  }

  judgedBy(newerBoto3, `finds the endpoint in the environment: ${newerBoto3.name}`, () => {
    const whoAmI = `import boto3; print(boto3.client("sts").get_caller_identity()["Account"])`;

    it.each(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])("by %s", async (variable) => {
      const { AWS_ENDPOINT_URL, ...environment } = world?.clientEnvironment ?? {};
      const { stdout, stderr } = await run(newerBoto3.program, ["-c", whoAmI], {
        environment: { ...environment, [variable]: AWS_ENDPOINT_URL ?? "" },
      });
      expect(stdout.trim(), stderr).toBe("000000000000");
    });
  });
});

async function checksOf(world: World, python: Python, prefix: string): Promise<Result[]> {
  const { status, stdout, stderr } = await world.boto(python, "waiters.py", prefix);
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => resultSchema.parse(JSON.parse(line)));
}
