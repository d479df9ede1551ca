/** A node of a site: a machine with Warden's own programs on it, its data tier, its region, and the site's visitors. */
import { appendFileSync, chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installed } from "@warden/lab/application/programs";
import { joining, makeGroup } from "@warden/lab/control-groups";
import { type DataTier, dataTier, passwordOf } from "@warden/lab/data-tier";
import { type SharedFiles, sharedFiles } from "@warden/lab/files";
import type { Ran } from "@warden/lab/inside";
import { clearMachine, enterRoot } from "@warden/lab/machine";
import { metadataService } from "@warden/lab/metadata";
import { run } from "@warden/lab/processes";
import { writeImage } from "@warden/lab/root";
import { type DocumentName, documentNamed } from "@warden/moodle";
import type { Bundle } from "@warden/moodle/bundle";
import { imageOf, nodeConf, recipeOf } from "@warden/moodle/image";
import { readSiteConfiguration, type SiteConfiguration } from "@warden/moodle/site";
import { writeApplication } from "./application.ts";
import { type Judge, judge } from "./judge.ts";
import { type Links, links } from "./links.ts";
import { type Machine, machine } from "./machine.ts";
import { machineName, partsName, placeOf, ports } from "./names.ts";
import { type Region, region } from "./region.ts";

export interface Node {
  readonly machine: Machine;
  readonly region: Region;
  readonly links: Links;
  readonly data: DataTier;
  /** The first bundle of the site, uploaded. */
  readonly bundle: Bundle;
  /** The site's configuration with something else in it. */
  site(changes?: SiteChanges): SiteConfiguration;
  /** Runs a document's own text with these parameters, in a batch of its own unless one is named. */
  document(name: DocumentName, parameters?: Readonly<Record<string, string>>, seconds?: number): Promise<Answer>;
  bootstrap(): Promise<Answer>;
  verify(parameters?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A request to its web server, as it comes from the load balancer. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  ready(): Promise<number>;
  readonly shared: SharedFiles;
  /** Where this host sees the machine's own mount. */
  readonly files: string;
  /** A file of the site, as Moodle would write it. */
  share(name: string, text?: string): void;
  /** What lies in moodledata and is not the web user's. */
  foreign(): string;
  /** Stands where AWS would, takes every request, and keeps it. */
  readonly judge: Judge;
  end(): Promise<void>;
}

export interface SiteChanges {
  readonly settings?: string;
  readonly children?: number;
  readonly memory?: string;
  readonly idleTimeout?: string;
  /** More of its lines. */
  readonly lines?: string;
}

export interface Page {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** What a document said: its last line, and all else that it printed. */
export interface Answer extends Ran {
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  readonly line: any;
}

export const release = "one";
export const administratorPassword = "administrator-pass 'of' $all";
const php = readPhpVersion();

export async function node(): Promise<Node> {
  const place = placeOf(partsName);
  await clearMachine(place);
  const { folder } = place;
  mkdirSync(folder);
  const within = joining(makeGroup(partsName));
  const ending: (() => Promise<void> | void)[] = [() => clearMachine(place)];
  const end = async (): Promise<void> => {
    for (const each of ending.splice(0).reverse()) await each();
  };
  try {
    const own = await machine();
    ending.push(own.end);
    const data = await dataTier(folder, { address: "127.0.0.1", names: ["localhost"], ports, within });
    ending.push(data.end);
    const aws = await region(secrets);
    ending.push(aws.end);
    data.sql(installed);
    const owner = webUser();
    const shared = await sharedFiles({ folder, owner, within });
    ending.push(shared.end);
    const site = (changes: SiteChanges = {}): SiteConfiguration => configuration(data, changes);
    prepare(own, data, aws, site());
    const observed = await judge();
    ending.push(observed.end);
    const wires = await links(folder, { ...data.ports, aws: aws.port, judge: observed.port }, within);
    ending.push(wires.end);
    ending.push(metadataService(join(folder, "metadata.sock"), () => aws).end);
    const files = await shared.mountFor(machineName);
    await own.boot([`${files}:/mnt/efs`]);
    const bundle = await aws.upload(site());
    return { ...whole(own, aws, wires, data, bundle, site), ...filesFor(files, owner), shared, judge: observed, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function whole(own: Machine, aws: Region, wires: Links, data: DataTier, bundle: Bundle, site: Node["site"]) {
  let batches = 0;
  async function document(name: DocumentName, parameters: Readonly<Record<string, string>> = {}, seconds = 90) {
    batches += 1;
    const given = { BatchId: `batch-${batches}`, Site: "machine", ...parameters };
    const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${aws.port}` };
    const ran = await own.run(scriptOf(name, given), { env, seconds });
    return { ...ran, line: lastLine(ran.stdout) };
  }
  const desired = { Release: release, Digest: bundle.digest };
  const ask = (path: string, headers: Readonly<Record<string, string>> = visitor): Promise<Page> =>
    asked(wires.web, path, headers);
  return {
    machine: own,
    region: aws,
    links: wires,
    data,
    bundle,
    site,
    document,
    ask,
    bootstrap: () => document("Warden-Bootstrap", desired),
    verify: (parameters: Readonly<Record<string, string>> = {}) =>
      document("Warden-Verify", { ...desired, Maintenance: "open", ...parameters }),
    ready: async () => (await ask("/warden/ready", {})).status,
  };
}

const visitor = { Host: "moodle.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1" };

/** As SSM does it: parameters are put into the document's own text. */
function scriptOf(name: DocumentName, parameters: Readonly<Record<string, string>>): string {
  const { content } = documentNamed(name) as { content: { mainSteps: { inputs: { runCommand: string[] } }[] } };
  const lines = content.mainSteps[0]?.inputs.runCommand ?? [];
  return lines.join("\n").replaceAll(/\{\{ (\w+) \}\}/g, (_, key: string) => parameters[key] ?? "");
}

function lastLine(output: string): unknown {
  try {
    return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

/** By the references in the site's configuration. One is a value of JSON. */
const secrets = {
  "machine/database": JSON.stringify({ password: passwordOf("database") }),
  "machine/sessions": passwordOf("sessions"),
  "machine/cache": passwordOf("cache"),
  "machine/administrator": JSON.stringify({ word: administratorPassword }),
};

function configuration({ ports }: DataTier, changes: SiteChanges) {
  const { settings = "", children = 4, memory = "256M", idleTimeout = "60s", lines = "" } = changes;
  const redis = (name: "sessions" | "cache"): string =>
    `{ redis: { host: localhost, port: ${ports[name]}, user: moodle, password: { secret: machine/${name} } } }`;
  const read = readSiteConfiguration(`
site: machine
address: https://moodle.example
timeZone: Europe/Vienna
release: "4.5"
php: { version: "${php}", children: ${children}, memory: ${memory} }
database: { kind: mariadb, version: "10.11", host: 127.0.0.1, port: ${ports.database}, name: moodle, user: moodle,
  password: { secret: machine/database, key: password }, connections: 500, tls: "off" }
sessions: ${redis("sessions")}
cache: ${redis("cache")}
nodes: { platform: debian, min: 1, max: 2 }
loadBalancer: { idleTimeout: ${idleTimeout} }
files: { efs: fs-0123456789abcdef0, accessPoint: fsap-0123456789abcdef0, directory: /srv/moodledata }
settings: { ${settings} }
${lines}
`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

function readPhpVersion(): string {
  return run("php", ["-r", 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;']);
}

/** What a test does with the shared files. */
function filesFor(files: string, { uid, gid }: ReturnType<typeof webUser>) {
  return {
    files,
    share(name: string, text = "") {
      writeFileSync(join(files, name), text);
      chownSync(join(files, name), uid, gid);
    },
    foreign: () => run("find", [files, "!", "-uid", String(uid)]),
  };
}

const webUser = (): { uid: number; gid: number } => ({
  uid: Number(run("id", ["-u", "www-data"])),
  gid: Number(run("id", ["-g", "www-data"])),
});

/** Makes the image of these nodes in the machine's root, as `prepare.sh` does it anywhere, and what else a test wants there. */
function prepare(own: Machine, data: DataTier, aws: Region, site: SiteConfiguration): void {
  const at = (path: string): string => join(own.root, path);
  for (const folder of ["srv/moodle/releases/one", "etc/warden", "mnt/efs"]) mkdirSync(at(folder), { recursive: true });
  writeImage(own.root, imageOf(recipeOf(site, "lab")));
  const [program = "", ...options] = enterRoot(own.root, "/root/image/prepare.sh");
  run(program, options);
  // It would bring the node up by itself: a test starts it when it is to.
  rmSync(at("etc/systemd/system/multi-user.target.wants/warden-watcher.service"));
  writeApplication(at(`srv/moodle/releases/${release}`));
  appendFileSync(at("etc/ssl/certs/ca-certificates.crt"), readFileSync(data.certificate));
  writeFileSync(at("etc/warden/node.conf"), `${nodeConf(site, aws.belongs).join("\n")}\n`);
  // amazon-efs-utils is on AWS alone. This stands in for it: it notes how it was called.
  const helper =
    '#!/bin/sh\n# A stand-in: binds a directory.\necho "$@" >>/root/mounts\nexec mount --bind /mnt/efs "$2"\n';
  rmSync(at("usr/sbin/mount.efs"), { force: true });
  writeFileSync(at("usr/sbin/mount.efs"), helper);
  chmodSync(at("usr/sbin/mount.efs"), 0o755);
}

function asked(socketPath: string, path: string, headers: Readonly<Record<string, string>>): Promise<Page> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, headers, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => {
        body += String(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body, milliseconds: performance.now() - began }),
      );
    });
    sent.on("error", reject);
    sent.setTimeout(60_000, () => sent.destroy(new Error(`no answer to ${path}`)));
    sent.end();
  });
}

/** Looks again until it holds, for as long as a machine that is busy with others may take. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > 100_000) throw new Error(`not yet: ${what}`);
    await sleep(100);
  }
}
