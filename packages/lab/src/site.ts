/** The lab's site: its configuration, the release that its nodes run, and how both come to where nodes fetch them. */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { bundleKey, lastGoodParameter } from "@warden/aws";
import { type Bundle, bundleOf } from "@warden/moodle/bundle";
import { type Image, imageOf, type Recipe, recipeOf, userData } from "@warden/moodle/image";
import { dependenciesOf, readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import type { WorldSite } from "@warden/worlds/local";
import { type Place, passwordOf } from "./data-tier.ts";
import { labAddress } from "./network.ts";
import { inLab } from "./places.ts";
import { LabRefusal } from "./refusal.ts";
import { putRelease, type Release } from "./release.ts";

/** Of the data tier, at the bridge. */
export const ports = { database: 3306, sessions: 6379, cache: 6380 };
export const names = ["database.lab", "sessions.lab", "cache.lab"];
export const dataPlace = (within: Place["within"]): Place => ({ address: labAddress, names, ports, within });

/** What visitors call the site, where its load balancer listens, and the certificate for it with its key. */
export const siteHost = "moodle.lab";
export const sitePort = 443;
export const siteCertificate = inLab("site.pem");

/** Of PHP, on each machine. */
export const workers = 6;

/** Of every Debian. */
export const webUser = { uid: 33, gid: 33 };

export interface LabSite {
  /** Of the configuration, as a person would write it. */
  readonly text: string;
  readonly configuration: SiteConfiguration;
  readonly bundle: Bundle;
  readonly recipe: Recipe;
  readonly image: Image;
  readonly release: Release;
}

/** @throws LabRefusal for a Moodle that the lab's machines are not fit for */
export function labSite(release: Release): LabSite {
  const text = siteText(release);
  const configuration = readConfiguration(text, release);
  const recipe = recipeOf(configuration, "lab");
  return { text, configuration, recipe, bundle: bundleOf(configuration), image: imageOf(recipe), release };
}

/** Everything that a world asks of a site, but for its hosts. */
export function worldSite({ configuration, bundle, image, release }: LabSite): Omit<WorldSite, "host"> {
  const { site } = configuration;
  return {
    name: site,
    assigned: { release: release.name, digest: bundle.digest },
    dependencies: dependenciesOf(configuration),
    async prepare({ clients }, { bucket }, client) {
      const put = (Key: string, Body: Uint8Array) =>
        clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      await put(bundleKey(bundle.digest), bundle.archive);
      await putRelease(release, client, bucket);
      const secretsManager = new SecretsManagerClient(client);
      for (const [Name, SecretString] of Object.entries(secrets))
        await secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
    },
    userData({ region }, { bucket, queues }) {
      const belongs = {
        ...{ group: site, bucket, region, launchHook: "warden-launch" },
        ...{ urgentQueueUrl: queues.urgent.url, lastGood: lastGoodParameter({ site, group: site }) },
      };
      return userData(configuration, belongs, image);
    },
  };
}

/** By the references in the configuration. */
const secrets = {
  "moodle/database": JSON.stringify({ password: passwordOf("database") }),
  "moodle/sessions": passwordOf("sessions"),
  "moodle/cache": passwordOf("cache"),
  "moodle/administrator": passwordOf("administrator"),
};

function readConfiguration(text: string, { name }: Release): SiteConfiguration {
  const read = readSiteConfiguration(text);
  if (read.ok) return read.value;
  const problems = read.problems.map(({ path, found, allowed }) => `${path} is ${found}, allowed is ${allowed}`);
  throw new LabRefusal(`the lab cannot run ${name}: ${problems.join("; ")}`, "take a release that can do with these");
}

function siteText(release: Release): string {
  const redis = (name: "sessions" | "cache"): string =>
    `{ redis: { host: ${name}.lab, port: ${ports[name]}, user: moodle, password: { secret: moodle/${name} } } }`;
  return `site: moodle
name: ${release.kind === "moodle" ? "The lab" : "The lab, which has no Moodle"}
address: https://${siteHost}
timeZone: Etc/UTC
release: "${release.kind === "moodle" ? release.version : "4.5"}"
php: { version: "8.2", children: ${workers} }
database: { kind: mariadb, version: "10.11", host: database.lab, port: ${ports.database}, name: moodle, user: moodle,
  password: { secret: moodle/database, key: password }, connections: 500, tls: "off" }
sessions: ${redis("sessions")}
cache: ${redis("cache")}
nodes: { platform: debian, min: 1, max: 10 }
files: { efs: fs-10ca1000c0ffee000 }
administrator: { email: admin@moodle.example, password: { secret: moodle/administrator } }
`;
}

/** What the image of a node leaves to where it runs. */
export function furnish(
  root: string,
  certificates: readonly string[],
  environment: Readonly<Record<string, string>>,
): void {
  const at = (path: string): string => join(root, path);
  for (const folder of ["mnt/efs", "etc/systemd/system.conf.d"]) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("etc/hosts"), `127.0.0.1 localhost\n${labAddress} ${[...names, siteHost].join(" ")}\n`);
  const variables = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  writeFileSync(at("etc/systemd/system.conf.d/lab.conf"), `[Manager]\nDefaultEnvironment=${variables.join(" ")}\n`);
  for (const certificate of certificates)
    appendFileSync(at("etc/ssl/certs/ca-certificates.crt"), certificateOf(certificate));
  writeFileSync(at("usr/sbin/mount.efs"), mountHelper);
  chmodSync(at("usr/sbin/mount.efs"), 0o755);
}

/** Without the key that may stand beside it. */
export const certificateOf = (file: string): string =>
  /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/.exec(readFileSync(file, "utf8"))?.[0] ?? "";

/** amazon-efs-utils is on AWS alone. This stands in for it. */
const mountHelper =
  '#!/bin/sh\n# The lab\'s: binds what stands for the shared file system.\nexec mount --bind /mnt/efs "$2"\n';
