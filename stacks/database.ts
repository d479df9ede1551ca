/** Moodle's database, by size RDS for MariaDB or Aurora MySQL: encrypted, only with TLS, in private subnets. */
import { namedOf, titled } from "./named.ts";
import { admit, type Network, traffic } from "./network.ts";
import { type SecretReference, secret } from "./secret.ts";
import { usersOf } from "./sharing.ts";
import type { Database } from "./sizes.ts";
import type { ExistingDatabase, Site, Stage } from "./stage.ts";

export interface SiteDatabase {
  readonly kind: "mariadb" | "mysql" | "aurora-mysql";
  readonly version: string;
  readonly host: $util.Input<string>;
  /** Of RDS. */
  readonly arn: $util.Input<string>;
  readonly name: string;
  readonly user: string;
  readonly password: SecretReference;
}

export function database(
  stage: Stage,
  site: Site,
  wanted: Database | ExistingDatabase,
  network: Network,
): SiteDatabase {
  const users = usersOf(stage, site, "database");
  if (wanted.kind === "existing") {
    admit(site, "database", wanted.securityGroup, network, users);
    const { engine, version, host, arn, name, user } = wanted;
    return {
      ...{ kind: engine, version, host, arn, name, user },
      password: { secret: wanted.secret, key: "password" },
    };
  }
  const { password, reference } = secret(site, "Database", "database");
  const subnets = new aws.rds.SubnetGroup(titled(site, "DatabaseSubnets"), {
    name: namedOf(site, "database"),
    subnetIds: network.privateSubnets,
  });
  const given = {
    ...{ username: account, password, storageEncrypted: true, skipFinalSnapshot: !stage.production },
    ...{ finalSnapshotIdentifier: namedOf(site, "database-final"), deletionProtection: stage.production },
    ...{ dbSubnetGroupName: subnets.name, copyTagsToSnapshot: true },
    vpcSecurityGroupIds: [traffic(site, "database", network, users).id],
  };
  const made = wanted.kind === "mariadb" ? instance(site, wanted, given) : cluster(site, wanted, given);
  return { ...made, kind: wanted.kind, name: account, user: account, password: reference };
}

/** An account and a database of its own on another site's server. An administrator makes them once (docs/sites.md). */
export function sharedDatabase(site: Site, { kind, version, host, arn }: SiteDatabase): SiteDatabase {
  const name = `${account}_${site.name.replaceAll("-", "_")}`;
  const { reference } = secret(site, "Database", "database");
  return { kind, version, host, arn, name, user: name, password: reference };
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

function instance(site: Site, size: Extract<Database, { kind: "mariadb" }>, given: Given) {
  const group = new aws.rds.ParameterGroup(titled(site, "DatabaseParameters"), {
    ...{ name: namedOf(site, "database"), family: "mariadb11.4", parameters: parameters(size) },
  });
  const made = new aws.rds.Instance(titled(site, "Database"), {
    ...given,
    ...{ identifier: namedOf(site, "database"), engine: "mariadb", engineVersion: "11.4", dbName: account },
    ...{ instanceClass: size.class, allocatedStorage: size.gigabytes, maxAllocatedStorage: size.gigabytes * 4 },
    ...{ storageType: "gp3", multiAz: size.standby, publiclyAccessible: false, parameterGroupName: group.name },
    ...{ backupRetentionPeriod: 14, performanceInsightsEnabled: false, autoMinorVersionUpgrade: false },
    enabledCloudwatchLogsExports: ["error", "slowquery"],
  });
  return { version: "11.4", host: made.address, arn: made.arn };
}

function cluster(site: Site, size: Extract<Database, { kind: "aurora-mysql" }>, given: Given) {
  const group = new aws.rds.ClusterParameterGroup(titled(site, "DatabaseParameters"), {
    ...{ name: namedOf(site, "database"), family: "aurora-mysql8.0", parameters: parameters(size) },
  });
  const engine = { engine: "aurora-mysql" as const, engineVersion: "8.0.mysql_aurora.3.10.0" };
  const { username, password, ...rest } = given;
  const made = new aws.rds.Cluster(titled(site, "Database"), {
    ...{ ...rest, ...engine, masterUsername: username, masterPassword: password, databaseName: account },
    ...{ clusterIdentifier: namedOf(site, "database"), dbClusterParameterGroupName: group.name },
    serverlessv2ScalingConfiguration: { minCapacity: size.units.min, maxCapacity: size.units.max },
    ...{ backupRetentionPeriod: 14, enabledCloudwatchLogsExports: ["error", "slowquery"] },
  });
  for (let number = 1; number <= 1 + size.readers; number++)
    new aws.rds.ClusterInstance(titled(site, `Database${number}`), {
      ...{ ...engine, clusterIdentifier: made.id, identifier: namedOf(site, `database-${number}`) },
      ...{ instanceClass: "db.serverless", publiclyAccessible: false, promotionTier: 1 },
    });
  return { version: "8.0", host: made.endpoint, arn: made.arn };
}
