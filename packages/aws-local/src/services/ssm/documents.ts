/** Command documents with their versions. A command names `$DEFAULT`, `$LATEST` or a number, and may pin the hash. */
import * as ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../../aws-error.ts";
import type { Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { runShellScript } from "./aws-documents.ts";
import { describeDocument, identifyDocument, matchesFilter, versionName } from "./document-descriptions.ts";
import {
  addVersion,
  type Document,
  type DocumentVersion,
  invalidVersion,
  latestOf,
  namedVersion,
  versionOf,
} from "./document-versions.ts";
import { page } from "./paging.ts";
import type { TagStore } from "./tags.ts";
import { validationError } from "./validation-error.ts";

export interface Documents {
  readonly operations: Pick<
    Operations<typeof ssm>,
    | "CreateDocument"
    | "UpdateDocument"
    | "UpdateDocumentDefaultVersion"
    | "DescribeDocument"
    | "GetDocument"
    | "ListDocuments"
    | "ListDocumentVersions"
    | "DeleteDocument"
  >;
  /** The version that a command names; throws as SendCommand does. */
  resolve(name: string, version: string | undefined): DocumentVersion;
}

export function createDocuments({ clock, account }: Surroundings, tags: TagStore): Documents {
  const documents = new Map<string, Document>();
  addAwsDocument();

  function create(input: Validated<ssm.CreateDocumentRequest>): ssm.CreateDocumentResult {
    refuseUnmodelled(input);
    if (/^(aws|amazon|amzn)/i.test(input.Name))
      throw validationError("Document names can't begin with aws, amazon or amzn: they are reserved.");
    if (documents.has(input.Name))
      throw new ssm.DocumentAlreadyExists({ message: "The specified document already exists.", $metadata: {} });
    const document: Document = {
      name: input.Name,
      owner: account,
      displayName: input.DisplayName,
      targetType: input.TargetType,
      versions: [],
      defaultVersion: "1",
      versionsMade: 0,
    };
    const version = addVersion(document, contentOf(input));
    documents.set(document.name, document);
    tags.set("Document", document.name, input.Tags ?? []);
    return { DocumentDescription: { ...describe(document, version), Status: "Creating" } };
  }

  function update(input: Validated<ssm.UpdateDocumentRequest>): ssm.UpdateDocumentResult {
    refuseUnmodelled(input);
    const document = ownDocument(input.Name);
    const latest = latestOf(document);
    // Only the newest version can be updated, and the caller has to say that it knows which one that is.
    if (input.DocumentVersion !== "$LATEST" && input.DocumentVersion !== latest.version) throw invalidVersion();
    if (document.versions.some(({ text }) => text === input.Content))
      throw new ssm.DuplicateDocumentContent({
        message:
          "The content of the association document matches another document. Change the content of the document and try again.",
        $metadata: {},
      });
    if (
      input.VersionName !== undefined &&
      document.versions.some(({ versionName }) => versionName === input.VersionName)
    )
      throw new ssm.DuplicateDocumentVersionName({
        message: "The version name has already been used in this document.",
        $metadata: {},
      });
    const version = addVersion(document, contentOf(input));
    return { DocumentDescription: { ...describe(document, version), Status: "Updating" } };
  }

  function updateDefaultVersion(
    input: Validated<ssm.UpdateDocumentDefaultVersionRequest>,
  ): ssm.UpdateDocumentDefaultVersionResult {
    const document = ownDocument(input.Name);
    const version = versionOf(document, input.DocumentVersion);
    document.defaultVersion = version.version;
    return { Description: { Name: document.name, DefaultVersion: version.version, ...versionName(version) } };
  }

  function remove(input: Validated<ssm.DeleteDocumentRequest>): ssm.DeleteDocumentResult {
    const document = ownDocument(input.Name);
    if (input.DocumentVersion === undefined && input.VersionName === undefined) {
      documents.delete(document.name);
      tags.forget("Document", document.name);
      return {};
    }
    const version = namedVersion(document, input);
    if (version.version === document.defaultVersion)
      throw new ssm.InvalidDocumentOperation({
        message: "You can't delete the default version of the document.",
        $metadata: {},
      });
    document.versions.splice(document.versions.indexOf(version), 1);
    return {};
  }

  function get(input: Validated<ssm.GetDocumentRequest>): ssm.GetDocumentResult {
    if (input.DocumentFormat !== undefined && input.DocumentFormat !== "JSON") throw onlyJson();
    const document = anyDocument(input.Name);
    const version = namedVersion(document, input);
    return {
      Name: document.name,
      CreatedDate: new Date(version.createdAt),
      DocumentVersion: version.version,
      Status: "Active",
      Content: version.text,
      DocumentType: "Command",
      DocumentFormat: "JSON",
      ...versionName(version),
      ...(document.displayName === undefined ? {} : { DisplayName: document.displayName }),
    };
  }

  function list(input: Validated<ssm.ListDocumentsRequest>): ssm.ListDocumentsResult {
    const filters = [
      ...(input.Filters ?? []).map(({ Key, Values }) => ({ key: Key ?? "", values: Values ?? [] })),
      ...(input.DocumentFilterList ?? []).map(({ key, value }) => ({ key: String(key), values: [value] })),
    ];
    const matching = [...documents.values()]
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .filter((document) =>
        filters.every((filter) => matchesFilter(document, filter, { tags: tagsOf(document), account })),
      );
    const { items, next } = page(matching, ({ name }) => name, input, 50);
    return { DocumentIdentifiers: items.map((document) => identifyDocument(document, tagsOf(document))), ...next };
  }

  function listVersions(input: Validated<ssm.ListDocumentVersionsRequest>): ssm.ListDocumentVersionsResult {
    const document = anyDocument(input.Name);
    const { items, next } = page([...document.versions].reverse(), ({ version }) => version, input, 50);
    return {
      DocumentVersions: items.map((version) => ({
        Name: document.name,
        DocumentVersion: version.version,
        CreatedDate: new Date(version.createdAt),
        IsDefaultVersion: version.version === document.defaultVersion,
        DocumentFormat: "JSON",
        Status: "Active",
        ...versionName(version),
      })),
      ...next,
    };
  }

  function contentOf(input: { Content: string; VersionName?: string | undefined }) {
    return { text: input.Content, versionName: input.VersionName, now: clock.now() };
  }

  function describe(document: Document, version: DocumentVersion): ssm.DocumentDescription {
    return describeDocument(document, version, tagsOf(document));
  }

  const tagsOf = (document: Document) => tags.of("Document", document.name);

  function addAwsDocument(): void {
    const document: Document = {
      name: runShellScript.name,
      owner: "Amazon",
      displayName: undefined,
      targetType: undefined,
      versions: [],
      defaultVersion: "1",
      versionsMade: 0,
    };
    addVersion(document, { text: runShellScript.content, versionName: undefined, now: clock.now() });
    documents.set(document.name, document);
  }

  function anyDocument(nameOrArn: string): Document {
    const document = documents.get(nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1));
    if (document === undefined)
      throw new ssm.InvalidDocument({ message: `Document with name ${nameOrArn} does not exist.`, $metadata: {} });
    return document;
  }

  function ownDocument(name: string): Document {
    const document = anyDocument(name);
    if (document.owner !== account)
      throw new ssm.InvalidDocumentOperation({ message: "A document that AWS owns can't be changed.", $metadata: {} });
    return document;
  }

  return {
    operations: {
      CreateDocument: create,
      UpdateDocument: update,
      UpdateDocumentDefaultVersion: updateDefaultVersion,
      DescribeDocument(input) {
        const document = anyDocument(input.Name);
        return { Document: describe(document, namedVersion(document, input)) };
      },
      GetDocument: get,
      ListDocuments: list,
      ListDocumentVersions: listVersions,
      DeleteDocument: remove,
    },
    resolve: (name, version) => versionOf(anyDocument(name), version),
  };
}

function refuseUnmodelled(input: {
  DocumentFormat?: ssm.DocumentFormat | undefined;
  DocumentType?: ssm.DocumentType | undefined;
  Requires?: unknown;
  Attachments?: unknown;
}): void {
  if (input.DocumentFormat !== undefined && input.DocumentFormat !== "JSON") throw onlyJson();
  if (input.DocumentType !== undefined && input.DocumentType !== "Command")
    throw new AwsError("NotImplemented", `documents of type ${input.DocumentType} are not modelled here`, 501);
  if (input.Requires !== undefined || input.Attachments !== undefined)
    throw new AwsError("NotImplemented", "Requires and Attachments are not modelled here", 501);
}

const onlyJson = (): AwsError => new AwsError("NotImplemented", "only JSON documents are modelled here", 501);
