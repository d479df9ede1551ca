import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { scriptDocument, testRegion } from "./surroundings.ts";

describe("versions", () => {
  it("sends $DEFAULT until the default is moved, $LATEST on request, or a number", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    await region.call("CreateDocument", scriptDocument({ script: ["echo one"] }));
    const { Content } = scriptDocument({ script: ["echo two"] });
    await region.call("UpdateDocument", { Name: "Test", Content, DocumentVersion: "$LATEST" });
    const output = async (DocumentVersion?: string) => {
      const version = DocumentVersion === undefined ? {} : { DocumentVersion };
      const input = { DocumentName: "Test", InstanceIds: [instanceId], ...version };
      const { Command } = await region.call("SendCommand", input);
      await region.clock.advance(5_000);
      const CommandId = Command?.CommandId ?? "";
      return (await region.call("GetCommandInvocation", { CommandId, InstanceId: instanceId })).StandardOutputContent;
    };
    expect(await output()).toBe("one\n");
    expect(await output("$LATEST")).toBe("two\n");
    expect(await output("1")).toBe("one\n");
    await region.call("UpdateDocumentDefaultVersion", { Name: "Test", DocumentVersion: "2" });
    expect(await output("$DEFAULT")).toBe("two\n");
    await expect(output("3")).rejects.toMatchObject({ name: "InvalidDocumentVersion" });
  });

  it("updates only the newest version, and only with other content", async () => {
    const region = testRegion();
    await region.call("CreateDocument", scriptDocument({}));
    const update = (Content: string, version: object) =>
      region.call("UpdateDocument", { Name: "Test", Content, ...version });
    const { Content } = scriptDocument({ script: ["false"] });
    await expect(update(Content, {})).rejects.toMatchObject({ name: "InvalidDocumentVersion" });
    const same = update(scriptDocument({}).Content, { DocumentVersion: "1" });
    await expect(same).rejects.toMatchObject({ name: "DuplicateDocumentContent" });
    const { DocumentDescription } = await update(Content, { DocumentVersion: "1" });
    expect(DocumentDescription).toMatchObject({ DocumentVersion: "2", LatestVersion: "2", DefaultVersion: "1" });
    await expect(update(Content, { DocumentVersion: "1" })).rejects.toMatchObject({ name: "InvalidDocumentVersion" });
    const { DocumentVersions } = await region.call("ListDocumentVersions", { Name: "Test" });
    expect(DocumentVersions).toMatchObject([
      { DocumentVersion: "2", IsDefaultVersion: false },
      { DocumentVersion: "1", IsDefaultVersion: true },
    ]);
  });

  it("gives the SHA-256 of the content, and runs a pinned hash only", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const document = scriptDocument({});
    await region.call("CreateDocument", document);
    const hash = createHash("sha256").update(document.Content).digest("hex");
    const { Document } = await region.call("DescribeDocument", { Name: "Test" });
    expect(Document).toMatchObject({ Hash: hash, HashType: "Sha256", Status: "Active", SchemaVersion: "2.2" });
    const send = (DocumentHash: string) =>
      region.call("SendCommand", { DocumentName: "Test", InstanceIds: [instanceId], DocumentHash });
    await expect(send(hash)).resolves.toMatchObject({ Command: { DocumentName: "Test" } });
    await expect(send("0".repeat(64))).rejects.toMatchObject({ name: "InvalidDocument" });
  });

  it("deletes a document, or a version that is not the default", async () => {
    const region = testRegion();
    await region.call("CreateDocument", scriptDocument({}));
    const { Content } = scriptDocument({ script: ["false"] });
    await region.call("UpdateDocument", { Name: "Test", Content, DocumentVersion: "$LATEST" });
    const deletion = region.call("DeleteDocument", { Name: "Test", DocumentVersion: "1" });
    await expect(deletion).rejects.toMatchObject({ name: "InvalidDocumentOperation" });
    await region.call("DeleteDocument", { Name: "Test", DocumentVersion: "2" });
    const again = await region.call("UpdateDocument", { Name: "Test", Content, DocumentVersion: "1" });
    expect(again.DocumentDescription?.DocumentVersion).toBe("3");
    const other = scriptDocument({ script: ["hostname"] }).Content;
    const more = await region.call("UpdateDocument", { Name: "Test", Content: other, DocumentVersion: "3" });
    expect(more.DocumentDescription?.DocumentVersion).toBe("4");
    await region.call("DeleteDocument", { Name: "Test" });
    await expect(region.call("GetDocument", { Name: "Test" })).rejects.toMatchObject({ name: "InvalidDocument" });
  });
});

describe("content", () => {
  it("is at most 64 KB (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const large = scriptDocument({ script: [`echo ${"x".repeat(65_536)}`] });
    await expect(region.call("CreateDocument", large)).rejects.toMatchObject({ name: "MaxDocumentSizeExceeded" });
  });

  it.each([
    ["no JSON", "InvalidDocumentContent"],
    ["{}", "InvalidDocumentContent"],
    ['{"schemaVersion":"9.9"}', "InvalidDocumentSchemaVersion"],
    ['{"schemaVersion":"2.2","mainSteps":[]}', "InvalidDocumentContent"],
  ])("refuses %s with %s", async (Content, name) => {
    const region = testRegion();
    await expect(region.call("CreateDocument", { Name: "Test", Content })).rejects.toMatchObject({ name });
  });

  it("is JSON: YAML is refused rather than half understood", async () => {
    const region = testRegion();
    const yaml = region.call("CreateDocument", { Name: "Test", Content: "a: b", DocumentFormat: "YAML" });
    await expect(yaml).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("parameters", () => {
  const parameters = {
    Name: { type: "String", allowedPattern: "^[a-z]{1,5}$" },
    Mode: { type: "String", allowedValues: ["fast", "slow"], default: "fast" },
  };

  async function output(Parameters: Record<string, string[]>): Promise<string | undefined> {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    await region.call("CreateDocument", scriptDocument({ parameters, script: ["echo {{ Name }} {{Mode}}"] }));
    const { Command } = await region.call("SendCommand", {
      DocumentName: "Test",
      InstanceIds: [instanceId],
      Parameters,
    });
    await region.clock.advance(5_000);
    const CommandId = Command?.CommandId ?? "";
    return (await region.call("GetCommandInvocation", { CommandId, InstanceId: instanceId })).StandardOutputContent;
  }

  it("fill the script, with the document's defaults", async () => {
    expect(await output({ Name: ["moodle".slice(0, 5)] })).toBe("moodl fast\n");
    expect(await output({ Name: ["a"], Mode: ["slow"] })).toBe("a slow\n");
  });

  it.each([
    ["a missing one", {}],
    ["an unknown one", { Name: ["a"], Colour: ["red"] }],
    ["a value outside allowedPattern", { Name: ["'; rm -rf /"] }],
    ["a value outside allowedValues", { Name: ["a"], Mode: ["other"] }],
    ["two values for a String", { Name: ["a", "b"] }],
  ])("are refused with InvalidParameters: %s", async (_, given) => {
    await expect(output(given)).rejects.toMatchObject({ name: "InvalidParameters" });
  });

  it("that refer to Parameter Store are not modelled, and say so", async () => {
    await expect(output({ Name: ["{{ssm:password}}"] })).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

it("lists documents by owner and describes their parameters", async () => {
  const region = testRegion();
  const parameters = { Mode: { type: "String", default: "open", description: "How" } };
  await region.call("CreateDocument", scriptDocument({ parameters }));
  const names = async (Owner: string) => {
    const { DocumentIdentifiers } = await region.call("ListDocuments", {
      Filters: [{ Key: "Owner", Values: [Owner] }],
    });
    return DocumentIdentifiers?.map(({ Name }) => Name);
  };
  expect(await names("Self")).toEqual(["Test"]);
  expect(await names("Amazon")).toEqual(["AWS-RunShellScript"]);
  const { Document } = await region.call("DescribeDocument", { Name: "Test" });
  expect(Document?.Parameters).toEqual([{ Name: "Mode", Type: "String", Description: "How", DefaultValue: "open" }]);
});

it("keeps AWS's own document, which nobody can change", async () => {
  const region = testRegion();
  const { Document } = await region.call("DescribeDocument", { Name: "AWS-RunShellScript" });
  expect(Document).toMatchObject({ Owner: "Amazon", SchemaVersion: "1.2", DocumentType: "Command" });
  const deletion = region.call("DeleteDocument", { Name: "AWS-RunShellScript" });
  await expect(deletion).rejects.toMatchObject({ name: "InvalidDocumentOperation" });
  const mine = region.call("CreateDocument", { ...scriptDocument({}), Name: "AWS-Mine" });
  await expect(mine).rejects.toMatchObject({ name: "ValidationException" });
});

it("tags documents, and only those that exist", async () => {
  const region = testRegion();
  await region.call("CreateDocument", { ...scriptDocument({}), Tags: [{ Key: "site", Value: "one" }] });
  const resource = { ResourceType: "Document", ResourceId: "Test" } as const;
  await region.call("AddTagsToResource", { ...resource, Tags: [{ Key: "stage", Value: "test" }] });
  await region.call("RemoveTagsFromResource", { ...resource, TagKeys: ["site"] });
  expect((await region.call("ListTagsForResource", resource)).TagList).toEqual([{ Key: "stage", Value: "test" }]);
  const unknown = region.call("ListTagsForResource", { ...resource, ResourceId: "None" });
  await expect(unknown).rejects.toMatchObject({ name: "InvalidResourceId" });
});
