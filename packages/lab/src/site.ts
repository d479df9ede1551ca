/** The lab's site: its configuration, the release that its nodes run, and how both come to where nodes fetch them. */
import { createHash } from "node:crypto";
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { bundleKey, lastGoodParameter, releaseKey } from "@warden/aws";
import { type Bundle, bundleOf } from "@warden/moodle/bundle";
import { type Image, imageOf, type Recipe, recipeOf, userData } from "@warden/moodle/image";
import { dependenciesOf, readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import type { WorldSite } from "@warden/worlds/local";
import { createTar } from "nanotar";
import { application } from "./application/application.ts";
import { type Place, passwordOf } from "./data-tier.ts";
import { labAddress } from "./network.ts";

/** Of the data tier, at the bridge. */
export const ports = { database: 3306, sessions: 6379, cache: 6380 };
export const names = ["database.lab", "sessions.lab", "cache.lab"];
export const dataPlace = (within: Place["within"]): Place => ({ address: labAddress, names, ports, within });

/** Of every Debian. */
export const webUser = { uid: 33, gid: 33 };

export interface LabSite {
  readonly configuration: SiteConfiguration;
  readonly bundle: Bundle;
  readonly recipe: Recipe;
  readonly image: Image;
  readonly release: Release;
}

export interface Release {
  /** Ends with the first 32 digits of the archive's digest: by it a node fetches and checks it. */
  readonly name: string;
  readonly archive: Uint8Array;
}

export function labSite(): LabSite {
  const configuration = readConfiguration();
  const recipe = recipeOf(configuration, "lab");
  return {
    configuration,
    recipe,
    bundle: bundleOf(configuration),
    image: imageOf(recipe),
    release: releaseOf("not-moodle", { ...application, "release.json": "{}" }),
  };
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
      await put(releaseKey(release.name), release.archive);
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

function readConfiguration(): SiteConfiguration {
  const redis = (name: "sessions" | "cache"): string =>
    `{ redis: { host: ${name}.lab, port: ${ports[name]}, user: moodle, password: { secret: moodle/${name} } } }`;
  const read = readSiteConfiguration(`
site: moodle
name: The lab, which has no Moodle
address: https://moodle.lab
timeZone: Etc/UTC
release: "4.5"
php: { version: "8.2", children: 6 }
database: { kind: mariadb, version: "10.11", host: database.lab, port: ${ports.database}, name: moodle, user: moodle,
  password: { secret: moodle/database, key: password }, connections: 500, tls: "off" }
sessions: ${redis("sessions")}
cache: ${redis("cache")}
nodes: { platform: debian, min: 1, max: 10 }
files: { efs: fs-10ca1000c0ffee000 }
administrator: { email: admin@moodle.example, password: { secret: moodle/administrator } }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** An archive as `warden moodle build` makes them: the same files always give the same bytes. */
export function releaseOf(version: string, files: Readonly<Record<string, string>>): Release {
  const attrs = { mtime: 0, uid: 0, gid: 0, user: "root", group: "root", mode: "644" };
  const tar = createTar(Object.entries(files).map(([name, data]) => ({ name, data, attrs })));
  const archive = gzipSync(tar);
  return { name: `${version}-${createHash("sha256").update(archive).digest("hex").slice(0, 32)}`, archive };
}

/** What the image of a node leaves to where it runs. */
export function furnish(root: string, certificate: string, environment: Readonly<Record<string, string>>): void {
  const at = (path: string): string => join(root, path);
  for (const folder of ["mnt/efs", "etc/systemd/system.conf.d"]) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("etc/hosts"), `127.0.0.1 localhost\n${labAddress} ${names.join(" ")}\n`);
  const variables = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  writeFileSync(at("etc/systemd/system.conf.d/lab.conf"), `[Manager]\nDefaultEnvironment=${variables.join(" ")}\n`);
  appendFileSync(at("etc/ssl/certs/ca-certificates.crt"), readFileSync(certificate));
  writeFileSync(at("usr/sbin/mount.efs"), mountHelper);
  chmodSync(at("usr/sbin/mount.efs"), 0o755);
}

/** amazon-efs-utils is on AWS alone. This stands in for it. */
const mountHelper =
  '#!/bin/sh\n# The lab\'s: binds what stands for the shared file system.\nexec mount --bind /mnt/efs "$2"\n';
