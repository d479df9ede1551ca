/** How documents are shown, and which of them a filter of ListDocuments means. */
import * as ssm from "@aws-sdk/client-ssm";
import type { DocumentContent } from "./document-content.ts";
import { type Document, type DocumentVersion, latestOf, versionOf } from "./document-versions.ts";
import type { ResourceTag } from "./tags.ts";

export function describeDocument(
  document: Document,
  version: DocumentVersion,
  tags: ResourceTag[],
): ssm.DocumentDescription {
  return {
    ...identifyDocument(document, tags),
    ...versionName(version),
    Hash: version.hash,
    HashType: "Sha256",
    CreatedDate: new Date(version.createdAt),
    Status: "Active",
    DocumentVersion: version.version,
    SchemaVersion: version.content.schemaVersion,
    LatestVersion: latestOf(document).version,
    DefaultVersion: document.defaultVersion,
    Parameters: describeParameters(version.content),
    ...(version.content.description === undefined ? {} : { Description: version.content.description }),
  };
}

export function identifyDocument(document: Document, tags: ResourceTag[]): ssm.DocumentIdentifier {
  const version = versionOf(document, "$DEFAULT");
  return {
    Name: document.name,
    Owner: document.owner,
    CreatedDate: new Date(version.createdAt),
    PlatformTypes: ["Linux", "MacOS"],
    DocumentVersion: version.version,
    DocumentType: "Command",
    SchemaVersion: version.content.schemaVersion,
    DocumentFormat: "JSON",
    Tags: tags,
    ...(document.displayName === undefined ? {} : { DisplayName: document.displayName }),
    ...(document.targetType === undefined ? {} : { TargetType: document.targetType }),
  };
}

export const versionName = (version: DocumentVersion): { VersionName?: string } =>
  version.versionName === undefined ? {} : { VersionName: version.versionName };

function describeParameters(content: DocumentContent): ssm.DocumentParameter[] {
  return Object.entries(content.parameters).map(([name, definition]) => ({
    Name: name,
    Type: definition.type === "StringList" ? "StringList" : "String",
    ...(definition.description === undefined ? {} : { Description: definition.description }),
    ...(definition.default === undefined ? {} : { DefaultValue: describeDefault(definition.default) }),
  }));
}

const describeDefault = (value: string | number | boolean | readonly string[]): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

export interface DocumentFilter {
  readonly key: string;
  readonly values: readonly string[];
}

/** `Self` is the account that asks. */
export function matchesFilter(
  document: Document,
  { key, values }: DocumentFilter,
  { tags, account }: { tags: readonly ResourceTag[]; account: string },
): boolean {
  if (key.startsWith("tag:")) return tags.some((tag) => `tag:${tag.Key}` === key && values.includes(tag.Value));
  switch (key) {
    case "Name":
      return values.some((prefix) => document.name.startsWith(prefix));
    case "Owner":
      return values.some((owner) =>
        owner === "Self" ? document.owner === account : owner === "All" || owner === document.owner,
      );
    case "DocumentType":
      return values.includes("Command");
    case "PlatformTypes":
      return values.includes("Linux") || values.includes("MacOS");
    default:
      throw new ssm.InvalidFilterKey({ message: `The filter key ${key} isn't valid.`, $metadata: {} });
  }
}
