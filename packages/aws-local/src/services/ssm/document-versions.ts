/** A document and its versions: `$DEFAULT`, `$LATEST`, numbers, and names that people give. */
import { createHash } from "node:crypto";
import { InvalidDocumentVersion, MaxDocumentSizeExceeded } from "@aws-sdk/client-ssm";
import { type DocumentContent, parseJson, readContent } from "./document-content.ts";

export interface DocumentVersion {
  readonly name: string;
  readonly version: string;
  readonly text: string;
  /** The text as JSON, and what it means. */
  readonly parsed: unknown;
  readonly content: DocumentContent;
  readonly hash: string;
  readonly versionName: string | undefined;
  readonly createdAt: number;
}

export interface Document {
  readonly name: string;
  readonly owner: string;
  readonly displayName: string | undefined;
  readonly targetType: string | undefined;
  readonly versions: DocumentVersion[];
  defaultVersion: string;
  /** Version numbers are never used again, also not after the newest version was deleted. */
  versionsMade: number;
}

const mostBytes = 64 * 1024;

export function addVersion(
  document: Document,
  { text, versionName, now }: { text: string; versionName: string | undefined; now: number },
): DocumentVersion {
  if (Buffer.byteLength(text, "utf8") > mostBytes)
    throw new MaxDocumentSizeExceeded({ message: "The size limit of a document is 64 KB.", $metadata: {} });
  const parsed = parseJson(text);
  const version = {
    name: document.name,
    version: String(document.versionsMade + 1),
    text,
    parsed,
    content: readContent(parsed),
    hash: createHash("sha256").update(text).digest("hex"),
    versionName,
    createdAt: now,
  };
  document.versions.push(version);
  document.versionsMade += 1;
  return version;
}

export function versionOf(document: Document, version: string | undefined): DocumentVersion {
  const wanted = version === undefined || version === "$DEFAULT" ? document.defaultVersion : version;
  const found =
    wanted === "$LATEST" ? document.versions.at(-1) : document.versions.find((each) => each.version === wanted);
  if (found === undefined) throw invalidVersion();
  return found;
}

export function namedVersion(
  document: Document,
  { DocumentVersion, VersionName }: { DocumentVersion?: string | undefined; VersionName?: string | undefined },
): DocumentVersion {
  const version =
    VersionName === undefined ? undefined : document.versions.find((each) => each.versionName === VersionName);
  if (VersionName !== undefined && version === undefined) throw invalidVersion();
  return version ?? versionOf(document, DocumentVersion);
}

export const latestOf = (document: Document): DocumentVersion => versionOf(document, "$LATEST");

export const invalidVersion = (): InvalidDocumentVersion =>
  new InvalidDocumentVersion({ message: "The document version isn't valid or doesn't exist.", $metadata: {} });
