/** Backups on demand: a job begins, runs and completes on the clock, and leaves a recovery point. */
import type * as sdk from "@aws-sdk/client-backup";
import type { Range, Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { invalidValue, notFound, requireModelled } from "./errors.ts";
import { describedJob, type Job } from "./jobs.ts";
import { DAY, lifecycleFrom } from "./lifecycle.ts";
import { pageOf } from "./paging.ts";
import type { Points } from "./points.ts";
import { pointArn, resourceOf } from "./resources.ts";
import { type TagStore, tagsFrom } from "./tags.ts";
import { within } from "./times.ts";
import type { Vaults } from "./vaults.ts";

/** Whether a role's trust policy lets this service assume it. */
export type Trusts = (roleName: string, principal: { type: "Service"; value: string }) => boolean;

const MINUTE = 60_000;
/** API reference, StartBackupJob. */
const startWindow = { least: 60, usual: 480, most: 52_560_000 };

const STARTABLE =
  "BackupVaultName IamRoleArn IdempotencyToken Lifecycle RecoveryPointTags ResourceArn StartWindowMinutes";
const FILTERS =
  "ByBackupVaultName ByCompleteAfter ByCompleteBefore ByCreatedAfter ByCreatedBefore ByResourceArn ByResourceType ByState MaxResults NextToken";

export function jobOperations(
  surroundings: Surroundings,
  { vaults, points, tags, trusts }: { vaults: Vaults; points: Points; tags: TagStore; trusts: Trusts },
): Pick<Operations<typeof sdk>, "DescribeBackupJob" | "ListBackupJobs" | "StartBackupJob"> {
  const { clock, random, timings, account } = surroundings;
  const jobs = new Map<string, Job>();
  /** By the whole request: a token only tells "otherwise identical calls" from each other (API reference). */
  const byRequest = new Map<string, Job>();

  return {
    StartBackupJob(input) {
      const request = JSON.stringify(input);
      const known = byRequest.get(request);
      if (known !== undefined) return started(known);
      const given = tagsFrom(input.RecoveryPointTags);
      const job = newJob(input);
      jobs.set(job.id, job);
      if (input.IdempotencyToken !== undefined) byRequest.set(request, job);
      later(timings.backupStart, () => run(job, given));
      return started(job);
    },

    DescribeBackupJob({ BackupJobId }) {
      const job = jobs.get(BackupJobId);
      if (job === undefined) throw notFound(`backup job ${BackupJobId}`);
      return describedJob(job, account);
    },

    ListBackupJobs(input) {
      requireModelled(input, FILTERS.split(" "));
      const chosen = [...jobs.values()]
        .filter(({ resource }) => (input.ByResourceArn ?? resource.arn) === resource.arn)
        .filter(({ resource }) => (input.ByResourceType ?? resource.type) === resource.type)
        .filter(({ vault }) => (input.ByBackupVaultName ?? vault.name) === vault.name)
        .filter(({ state }) => (input.ByState ?? state) === state)
        .filter(({ createdAt }) => within(createdAt, input.ByCreatedAfter, input.ByCreatedBefore))
        .filter(({ completedAt }) => within(completedAt, input.ByCompleteAfter, input.ByCompleteBefore));
      const { items, ...rest } = pageOf(chosen, input);
      return { BackupJobs: items.map((job) => describedJob(job, account)), ...rest };
    },
  };

  function newJob(input: Validated<sdk.StartBackupJobCommandInput>): Job {
    requireModelled(input, STARTABLE.split(" "));
    const vault = vaults.find(input.BackupVaultName);
    const resource = resourceOf(input.ResourceArn, surroundings);
    requireRole(input.IamRoleArn);
    const lifecycle = lifecycleFrom(input.Lifecycle);
    const minutes = input.StartWindowMinutes ?? startWindow.usual;
    if (minutes < startWindow.least || minutes > startWindow.most)
      throw invalidValue(`StartWindowMinutes must be from ${startWindow.least} to ${startWindow.most}.`);
    const id = random.uuid().toUpperCase();
    const createdAt = clock.now();
    return {
      ...{ id, order: jobs.size, vault, resource, roleArn: input.IamRoleArn, lifecycle, createdAt },
      startBy: createdAt + minutes * MINUTE,
      pointArn: pointArn(resource, id, random.uuid().toUpperCase(), surroundings),
      state: "CREATED",
      completedAt: undefined,
    };
  }

  function requireRole(roleArn: string): void {
    const name = new RegExp(`^arn:aws:iam::${account}:role/(?:.*/)?([\\w+=,.@-]+)$`).exec(roleArn)?.[1];
    if (name === undefined || !trusts(name, { type: "Service", value: "backup.amazonaws.com" }))
      throw invalidValue(`IAM Role ${roleArn} cannot be assumed by AWS Backup`);
  }

  function run(job: Job, given: ReadonlyMap<string, string>): void {
    job.state = "RUNNING";
    const { vault, resource, roleArn, createdAt, lifecycle, order } = job;
    const point = { arn: job.pointArn, order, vault, resource, roleArn, createdAt, lifecycle, completedAt: undefined };
    points.byArn.set(job.pointArn, point);
    tags.adopt(job.pointArn, given);
    later(timings.backupCompletion, () => complete(job));
  }

  function complete(job: Job): void {
    const point = points.byArn.get(job.pointArn);
    if (point !== undefined) point.completedAt = clock.now();
    Object.assign(job, { state: "COMPLETED", completedAt: clock.now() });
    if (job.lifecycle === undefined) return;
    const deleteAt = job.createdAt + job.lifecycle.deleteAfterDays * DAY;
    clock.after(deleteAt - clock.now(), () => {
      points.byArn.delete(job.pointArn);
      tags.forget(job.pointArn);
    });
  }

  function later({ low, high }: Range, task: () => void): void {
    clock.after(random.integer(low, high), task);
  }
}

const started = ({ id, createdAt, resource, pointArn }: Job) => ({
  BackupJobId: id,
  // "This field is only returned for Amazon EFS and Advanced DynamoDB resources" (API reference).
  ...(resource.type === "EFS" && { RecoveryPointArn: pointArn }),
  CreationDate: new Date(createdAt),
  IsParent: false,
});
