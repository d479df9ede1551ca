/**
 * The site configuration: all that one file says about a Moodle site. Everything that has a right answer for most sites
 * has a default; what is left is what only the operator knows. Secrets are named, never written.
 */

import { choice, duration, mapping, oneOf, share, size, text, whole } from "@warden/yaml";
import * as z from "zod";
import { databaseKinds, releaseNames } from "./releases.ts";

const flag = z.boolean({ error: "true or false" });
const siteName = text(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "1 to 40 of a-z, 0-9 and -, not at an end");
const host = text(
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/,
  "a host name in lower case, or an IPv4 address, without a port",
);
const directory = text(/^(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/, "an absolute path of letters, digits and . _ -");
const network = text(/^[0-9a-f.:]{2,39}\/\d{1,3}$/, "a network such as 130.176.0.0/17");
/** What MySQL and Redis take as a name, without anything that would need thought. */
const account = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "1 to 64 letters, digits and . _ -");
const port = whole(1, 65_535);

/** A secret of Secrets Manager, by name or ARN, and the key in it where it holds JSON. */
const secret = mapping({
  secret: text(/^[A-Za-z0-9/_+=.@:-]{1,512}$/, "the name or the ARN of a secret, never the secret itself"),
  key: text(/^[A-Za-z0-9_-]{1,64}$/, "a key in the secret's JSON").optional(),
});
export type SecretReference = z.output<typeof secret>;

const database = mapping({
  kind: choice(databaseKinds),
  version: text(/^\d{1,3}(?:\.\d{1,3}){0,2}$/, 'a version in quotes, as "8.0"'),
  host,
  port: port.optional(),
  name: account,
  user: account,
  password: secret,
  /** 10 characters at most since Moodle 4.3. */
  prefix: text(/^[a-z][a-z0-9_]{0,9}$/, "1 to 10 of a-z, 0-9 and _, beginning with a letter").default("mdl_"),
  tls: choice(["verify-full", "require", "off"]).default("verify-full"),
  /** `max_connections` of the server. */
  connections: whole(1),
  /** Hosts of read replicas. */
  replicas: z.array(host).default([]),
});

const redisPolicies = [
  "noeviction",
  "volatile-lru",
  "volatile-lfu",
  "volatile-ttl",
  "volatile-random",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
] as const;

const redisServer = {
  host,
  port: port.default(6379),
  tls: flag.default(true),
  /** Of an access control list; without it the password is the server's own. */
  user: account.optional(),
  password: secret.optional(),
  clusterMode: flag.default(false),
};

const redisSessions = mapping({
  redis: mapping({ ...redisServer, eviction: choice(redisPolicies).default("noeviction") }),
});
const memcachedSessions = mapping({ memcached: mapping({ host, port: port.default(11_211) }) });
const databaseSessions = mapping({ database: mapping({}) });

const redisCache = mapping({
  redis: mapping({
    ...redisServer,
    eviction: choice(redisPolicies).default("allkeys-lru"),
    /** Keep what may differ from node to node on the node's own disk, before Redis. */
    localTier: flag.default(true),
  }),
});
const localCache = mapping({ local: mapping({}) });

/** Refused with the reason: see `sense.ts`. */
const anything = z.unknown();
const refusedCaches = {
  memcached: mapping({ memcached: anything }),
  mongodb: mapping({ mongodb: anything }),
  files: mapping({ files: anything }),
};

const files = oneOf("where the shared files are", {
  efs: mapping({
    efs: text(/^fs-[0-9a-f]{8,40}$/, "the id of an EFS file system, fs-…"),
    accessPoint: text(/^fsap-[0-9a-f]{8,40}$/, "the id of an EFS access point, fsap-…").optional(),
    directory: directory.default("/srv/moodledata"),
  }),
  nfs: mapping({ nfs: host, export: directory, directory: directory.default("/srv/moodledata") }),
});

const nodes = mapping({
  min: whole(0).default(2),
  max: whole(1).default(6),
  hookTimeout: duration.prefault("15m"),
  /** Part of the nodes that Warden may take out of service at a time. */
  budget: share.prefault("20%"),
  platform: choice(["amazon-linux-2023", "debian"]).default("amazon-linux-2023"),
});

const php = mapping({
  version: text(/^8\.\d$/, 'a version in quotes, as "8.3"'),
  /** Workers of PHP-FPM on each node. */
  children: whole(1, 1_000).default(20),
  memory: size.prefault("256M"),
  upload: size.prefault("200M"),
  /** What runs longer is ended. Uploads, backups and slow reports count. */
  longestRequest: duration.prefault("120s"),
});

/** The literal word, or a number of nodes. */
const everyOrSome = z.unknown().transform((found, context): "every" | number => {
  if (found === "every") return "every";
  if (typeof found === "number" && Number.isSafeInteger(found) && found >= 1) return found;
  context.addIssue({ code: "custom", message: "every, or how many nodes at a time run cron" });
  return z.NEVER;
});

const cron = mapping({
  /** The group whose nodes run cron: the site's own unless there is one for cron alone. */
  group: siteName.optional(),
  nodes: everyOrSome.default("every"),
  /** Cron processes that run side by side on a node. */
  processes: whole(1, 20).default(2),
});

const loadBalancer = mapping({
  deregistrationDelay: duration.prefault("300s"),
  idleTimeout: duration.prefault("60s"),
  /** In front of a load balancer that appends to X-Forwarded-For: its networks stand last there and are not the client's. */
  cloudFront: mapping({ networks: z.array(network).min(1, { error: "CloudFront's networks" }) }).optional(),
});

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: "a text, a number, true or false" });
const settingName = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, { error: "a setting's name: a-z, 0-9 and _" });
const pluginName = z
  .string()
  .regex(/^[a-z][a-z0-9]*_[a-z][a-z0-9_]{0,99}$/, { error: "a plugin's full name, as mod_quiz" });
const settings = z.record(settingName, scalar, { error: "a mapping of settings to values" });

/** Of the first user of a site that Warden installs. */
const administrator = mapping({
  email: text(/^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/, "an e-mail address"),
  user: text(/^[a-z][a-z0-9._-]{0,99}$/, "a user name of a-z, 0-9 and . _ -").default("admin"),
  password: secret,
});

/** What a site that is not the production site may do all the same, and who said so. */
const allowed = mapping({ what: choice(["mail", "messages", "cron"]), by: z.string().min(1), why: z.string().min(1) });

/** What has recovery points in AWS Backup, and how old those may be that an upgrade could be taken back with. */
const recovery = mapping({
  database: text(
    /^arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:(?:db|cluster):[A-Za-z][A-Za-z0-9-]*$/,
    "the ARN of an RDS instance or cluster, arn:aws:rds:…",
  ),
  files: text(
    /^arn:aws[a-z-]*:elasticfilesystem:[a-z0-9-]+:\d{12}:file-system\/fs-[0-9a-f]{8,40}$/,
    "the ARN of an EFS file system, arn:aws:elasticfilesystem:…",
  ),
  youngerThan: duration.prefault("24h"),
});

export const siteConfigurationSchema = mapping({
  site: siteName,
  /** What Moodle calls the site when Warden installs it: by its `site`, unless it has a name. Later it is the database's. */
  name: text(/^[^\p{C}<>]{1,254}$/u, "a name in one line, without < and >").optional(),
  administrator: administrator.optional(),
  /** Moodle's `wwwroot`. */
  address: text(
    /^https:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
    "https:// and a host in lower case, without a path or a slash at the end",
  ),
  timeZone: text(/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/, "an IANA time zone, as Europe/Vienna"),
  production: flag.default(true),
  allow: z.array(allowed).default([]),
  release: choice(releaseNames),
  nodes: nodes.prefault({}),
  php,
  database,
  sessions: oneOf("where sessions are kept", {
    redis: redisSessions,
    memcached: memcachedSessions,
    database: databaseSessions,
  }),
  cache: oneOf("where the application cache is kept", { redis: redisCache, local: localCache, ...refusedCaches }),
  files,
  cron: cron.prefault({}),
  loadBalancer: loadBalancer.prefault({}),
  /** Settings of Moodle that hold on every node, whatever the database says. */
  settings: settings.default({}),
  plugins: z.record(pluginName, settings).default({}),
  recovery: recovery.optional(),
  /** How the names of its log groups in CloudWatch begin; `/warden/` and its own name unless it says another. */
  logs: text(
    /^(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){1,4}$/,
    "the beginning of a log group's name, as /warden/moodle",
  ).optional(),
});

export type SiteConfiguration = z.output<typeof siteConfigurationSchema>;
