/** What the site may cost before somebody is told, and copies of what cannot be made again. */
import { named } from "./named.ts";
import type { Stage } from "./stage.ts";

/** @param holding ARNs of databases and of files */
export function governance(stage: Stage, holding: readonly $util.Input<string>[]): void {
  if (stage.tell.length > 0) budget(stage);
  const vault = new aws.backup.Vault(
    "Vault",
    { name: named("vault"), forceDestroy: !stage.production },
    // Not in SST's own list of what is retained.
    { retainOnDelete: stage.production, protect: stage.production },
  );
  const plan = new aws.backup.Plan("BackupPlan", {
    name: named("backup"),
    rules: [
      {
        ...{ ruleName: "daily", targetVaultName: vault.name, schedule: "cron(0 2 * * ? *)", startWindow: 60 },
        ...{ completionWindow: 480, lifecycle: { deleteAfter: 35 } },
      },
    ],
  });
  const role = new aws.iam.Role("BackupRole", {
    name: named("backup"),
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "backup.amazonaws.com" }),
  });
  for (const what of ["Backup", "Restores"])
    new aws.iam.RolePolicyAttachment(`${what}Policy`, {
      role: role.name,
      policyArn: `arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${what}`,
    });
  new aws.backup.Selection("BackupSelection", {
    ...{ name: named("data"), planId: plan.id, iamRoleArn: role.arn, resources: [...holding] },
  });
}

/** Of everything that carries the stage's tags, which SST gives all that it makes. */
function budget(stage: Stage): void {
  new aws.budgets.Budget("Budget", {
    ...{ name: named("budget"), budgetType: "COST", timeUnit: "MONTHLY" },
    ...{ limitAmount: String(stage.budget), limitUnit: "USD" },
    costFilters: [{ name: "TagKeyValue", values: [`user:sst:stage$${stage.name}`] }],
    notifications: [
      { notificationType: "ACTUAL" as const, threshold: 80 },
      { notificationType: "FORECASTED" as const, threshold: 100 },
    ].map((notification) => ({
      ...{ ...notification, thresholdType: "PERCENTAGE", comparisonOperator: "GREATER_THAN" },
      subscriberEmailAddresses: [...stage.tell],
    })),
  });
}
