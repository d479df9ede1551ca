/**
 * Warden's SSM documents, written once: the stack registers them, the embedded AWS runs them, the loop names them.
 * Each calls the node's own program, which the image installs, so that nothing from outside becomes shell: parameters
 * arrive as environment variables and are matched against a pattern by SSM first.
 */

import { createHash } from "node:crypto";

export const documentNames = [
  "Warden-Bootstrap",
  "Warden-Verify",
  "Warden-Drain",
  "Warden-DrainStatus",
  "Warden-Evidence",
  "Warden-PushConfig",
  "Warden-PurgeCache",
  "Warden-RestartPhp",
  "Warden-Install",
  "Warden-Preflight",
  "Warden-Maintenance",
  "Warden-Upgrade",
  "Warden-Rehearse",
] as const;
/** Of Warden's own names. Where several Wardens are in one account, each registers them with a prefix of its own. */
export const documentPrefix = "Warden-";

export const nameWith = (prefix: string, name: DocumentName): string => `${prefix}${name.slice(documentPrefix.length)}`;

export type DocumentName = (typeof documentNames)[number];

interface ParameterDefinition {
  readonly type: "String";
  readonly description: string;
  readonly allowedPattern: string;
  readonly default?: string;
}

export interface WardenDocument {
  readonly name: DocumentName;
  /** Seconds that the step may run on the node. */
  readonly executionTimeout: number;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  /** The `Content` of CreateDocument, schema 2.2. */
  readonly content: unknown;
}

const batchId: ParameterDefinition = {
  type: "String",
  description:
    "Names one sending. The node runs each (batch, instance) once and answers a repeat with the first result.",
  allowedPattern: "^[A-Za-z0-9-]{1,64}$",
};
const site: ParameterDefinition = { type: "String", description: "The site", allowedPattern: "^[a-z0-9-]{1,40}$" };
const release: ParameterDefinition = {
  type: "String",
  description: "The release that the node must have",
  allowedPattern: "^[A-Za-z0-9._+-]{1,128}$",
};
const digest: ParameterDefinition = {
  type: "String",
  description: "The digest of the configuration bundle that the node must have",
  allowedPattern: "^[a-f0-9]{8,64}$",
};
const maintenance: ParameterDefinition = {
  type: "String",
  description: "Whether the site is expected to be in maintenance",
  allowedPattern: "^(open|maintenance)$",
  default: "open",
};
const upgrade: ParameterDefinition = {
  type: "String",
  description: "Whether the site is expected to wait for an upgrade to the release that the node has",
  allowedPattern: "^(none|expected)$",
  default: "none",
};
const deadline: ParameterDefinition = {
  type: "String",
  description: "When the node will be gone whatever still runs (UTC)",
  allowedPattern: "^[0-9TZ:.-]{20,24}$",
};
const cause: ParameterDefinition = {
  type: "String",
  description: "What it is done for, such as one outage: asked for the same again, no node does it again",
  allowedPattern: "^[A-Za-z0-9-]{1,64}$",
};
/** Where a copy of a site's database is: HOST[:PORT][/NAME]. */
export const copyPattern = "^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?(/[A-Za-z0-9_-]{1,64})?$";
const copy: ParameterDefinition = {
  type: "String",
  description: "The copy of the site's database: HOST[:PORT][/NAME]",
  allowedPattern: copyPattern,
};

const expected = { Site: site, Release: release, Digest: digest, Maintenance: maintenance, Upgrade: upgrade };

export const documents: readonly WardenDocument[] = [
  define("Warden-Bootstrap", "bootstrap", 600, { Site: site, Release: release, Digest: digest }),
  define("Warden-Verify", "verify", 60, expected),
  define("Warden-Drain", "drain", 60, { Site: site, Deadline: deadline }),
  define("Warden-DrainStatus", "drain-status", 30, { Site: site }),
  define("Warden-Evidence", "evidence", 60, { Site: site }),
  // A release may have to be fetched first.
  define("Warden-PushConfig", "push-config", 180, expected),
  define("Warden-PurgeCache", "purge-cache", 120, { Site: site, Cause: cause }),
  define("Warden-RestartPhp", "restart-php", 120, { Site: site }),
  define("Warden-Install", "install", 1800, { Site: site, Release: release, Digest: digest }),
  define("Warden-Preflight", "preflight", 600, { Site: site, Release: release, Digest: digest }),
  define("Warden-Maintenance", "maintenance", 60, { Site: site, Maintenance: maintenance }),
  // What Moodle does to a large table may take hours.
  define("Warden-Upgrade", "upgrade", 21_600, {
    Site: site,
    Release: release,
    Digest: digest,
    Maintenance: maintenance,
  }),
  define("Warden-Rehearse", "rehearse", 21_600, { Site: site, Release: release, Digest: digest, Copy: copy }),
];

export function documentNamed(name: DocumentName): WardenDocument {
  const found = documents.find((document) => document.name === name);
  if (found === undefined) throw new Error(`there is no document ${name}`);
  return found;
}

function define(
  name: DocumentName,
  verb: string,
  executionTimeout: number,
  own: Record<string, ParameterDefinition>,
): WardenDocument {
  const parameters = { BatchId: batchId, ...own };
  const content = {
    schemaVersion: "2.2",
    description: `${name}: ends with one line of JSON`,
    parameters,
    mainSteps: [
      {
        action: "aws:runShellScript",
        name: verb.replace("-", ""),
        inputs: { timeoutSeconds: String(executionTimeout), runCommand: command(verb, Object.keys(parameters)) },
      },
    ],
  };
  return { name, executionTimeout, parameters, content };
}

/** The document's text as it is registered. */
export const textOf = (document: WardenDocument): string => JSON.stringify(document.content);

/** As SendCommand takes it: with the hash, a document that somebody changed is refused rather than run. */
export const sha256Of = (document: WardenDocument): string =>
  createHash("sha256").update(textOf(document)).digest("hex");

/** Single quotes are safe here because no allowed pattern lets a quote through. */
function command(verb: string, names: readonly string[]): string[] {
  return [
    "#!/bin/sh",
    "set -eu",
    ...names.map((name) => `export WARDEN_${name.toUpperCase()}='{{ ${name} }}'`),
    `exec /opt/warden/bin/warden-node ${verb}`,
  ];
}
