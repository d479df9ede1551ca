import { documentNamed, documents, sha256Of, textOf } from "@warden/moodle";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";

const content = z.object({
  schemaVersion: z.literal("2.2"),
  parameters: z.record(z.string(), z.object({ type: z.literal("String"), allowedPattern: z.string() })),
  mainSteps: z.tuple([
    z.object({
      action: z.literal("aws:runShellScript"),
      name: z.string().regex(/^[a-zA-Z0-9_]{1,128}$/),
      inputs: z.object({ timeoutSeconds: z.string(), runCommand: z.array(z.string()) }),
    }),
  ]),
});

describe.each(documents.map((document) => [document.name, document] as const))("%s", (_, document) => {
  const { parameters, mainSteps } = content.parse(document.content);
  const { timeoutSeconds, runCommand } = mainSteps[0].inputs;

  it("names each of its parameters in its script, and no other", () => {
    const used = [...runCommand.join("\n").matchAll(/\{\{ (\w+) \}\}/g)].map((match) => match[1]);
    expect(used.sort()).toEqual(Object.keys(parameters).sort());
  });

  it("ends by itself before the loop gives it up", () => {
    expect(Number(timeoutSeconds)).toBe(document.executionTimeout);
    // Only what Moodle does to its database, or to a copy, may take longer: SSM takes two days.
    const changesDatabase = ["Warden-Install", "Warden-Upgrade", "Warden-Rehearse"].includes(document.name);
    expect(document.executionTimeout).toBeLessThanOrEqual(changesDatabase ? 21_600 : 600);
  });

  it("is small enough for SSM", () => {
    expect(Buffer.byteLength(textOf(document))).toBeLessThan(64 * 1024);
  });

  it("lets no value through that could leave its quotes", () => {
    const patterns = Object.values(parameters).map((parameter) => new RegExp(parameter.allowedPattern));
    const hostile = fc.stringMatching(/^[a-z0-9]*['"`$\\\n;|&(){}<>* ][a-z0-9]*$/);
    fc.assert(fc.property(hostile, (value) => patterns.every((pattern) => !pattern.test(value))));
  });
});

it("gives a document whose text changed another hash", () => {
  const document = documentNamed("Warden-Verify");
  expect(sha256Of(document)).toMatch(/^[0-9a-f]{64}$/);
  expect(sha256Of({ ...document, content: { ...content.parse(document.content), description: "changed" } })).not.toBe(
    sha256Of(document),
  );
});
