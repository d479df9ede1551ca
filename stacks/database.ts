/** Moodle's database, by size RDS for MariaDB or Aurora MySQL: encrypted, only with TLS, in private subnets. */
import { named } from "./named.ts";
import type { Network } from "./network.ts";
import { secret } from "./secret.ts";
import type { Database, Stage } from "./stage.ts";

export function database(stage: Stage, { vpc, traffic }: Network) {
  const { password, reference } = secret("Database", "database");
  const subnets = new aws.rds.SubnetGroup("DatabaseSubnets", {
    name: named("database"),
    subnetIds: vpc.privateSubnets,
  });
  const given = {
    ...{ username: account, password, storageEncrypted: true, skipFinalSnapshot: !stage.production },
    ...{ finalSnapshotIdentifier: named("database-final"), deletionProtection: stage.production },
    ...{ dbSubnetGroupName: subnets.name, vpcSecurityGroupIds: [traffic.database.id], copyTagsToSnapshot: true },
  };
  const { kind } = stage.size.database;
  const made = kind === "mariadb" ? instance(stage.size.database, given) : cluster(stage.size.database, given);
  return { ...made, kind, name: account, user: account, password: reference };
}

/** The name of the database and of its user. */
const account = "moodle";

/** What Moodle needs of its server (Moodle's documentation, "MySQL full unicode support"), and no connection in clear. */
const parameters = ({ connections }: Database) => [
  { name: "character_set_server", value: "utf8mb4" },
  { name: "collation_server", value: "utf8mb4_unicode_ci" },
  { name: "require_secure_transport", value: "ON" },
  { name: "max_connections", value: String(connections), applyMethod: "pending-reboot" },
];

interface Given {
  readonly username: string;
  readonly password: $util.Input<string>;
  readonly storageEncrypted: boolean;
  readonly skipFinalSnapshot: boolean;
  readonly finalSnapshotIdentifier: string;
  readonly deletionProtection: boolean;
  readonly dbSubnetGroupName: $util.Input<string>;
  readonly vpcSecurityGroupIds: $util.Input<string>[];
  readonly copyTagsToSnapshot: boolean;
}

function instance(size: Extract<Database, { kind: "mariadb" }>, given: Given) {
  const group = new aws.rds.ParameterGroup("DatabaseParameters", {
    ...{ name: named("database"), family: "mariadb11.4", parameters: parameters(size) },
  });
  const made = new aws.rds.Instance("Database", {
    ...given,
    ...{ identifier: named("database"), engine: "mariadb", engineVersion: "11.4", dbName: account },
    ...{ instanceClass: size.class, allocatedStorage: size.gigabytes, maxAllocatedStorage: size.gigabytes * 4 },
    ...{ storageType: "gp3", multiAz: size.standby, publiclyAccessible: false, parameterGroupName: group.name },
    ...{ backupRetentionPeriod: 14, performanceInsightsEnabled: false, autoMinorVersionUpgrade: false },
    enabledCloudwatchLogsExports: ["error", "slowquery"],
  });
  return { version: "11.4", host: made.address, arn: made.arn };
}

function cluster(size: Extract<Database, { kind: "aurora-mysql" }>, given: Given) {
  const group = new aws.rds.ClusterParameterGroup("DatabaseParameters", {
    ...{ name: named("database"), family: "aurora-mysql8.0", parameters: parameters(size) },
  });
  const engine = { engine: "aurora-mysql" as const, engineVersion: "8.0.mysql_aurora.3.10.0" };
  const { username, password, ...rest } = given;
  const made = new aws.rds.Cluster("Database", {
    ...{ ...rest, ...engine, masterUsername: username, masterPassword: password, databaseName: account },
    ...{ clusterIdentifier: named("database"), dbClusterParameterGroupName: group.name, backupRetentionPeriod: 14 },
    serverlessv2ScalingConfiguration: { minCapacity: size.units.min, maxCapacity: size.units.max },
    enabledCloudwatchLogsExports: ["error", "slowquery"],
  });
  for (let number = 1; number <= 1 + size.readers; number++)
    new aws.rds.ClusterInstance(`Database${number}`, {
      ...{ ...engine, clusterIdentifier: made.id, identifier: named(`database-${number}`) },
      ...{ instanceClass: "db.serverless", publiclyAccessible: false, promotionTier: 1 },
    });
  return { version: "8.0", host: made.endpoint, arn: made.arn };
}
