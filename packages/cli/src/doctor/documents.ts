/** Are the SSM documents that nodes run those of this release? Compared by content, whatever the order of members. */
import { createHash } from "node:crypto";
import { documents, nameWith } from "@warden/moodle";
import { bad, check, type Finding, ok, redeploy } from "./check.ts";

export interface DocumentFacts {
  readonly name: string;
  /** That this deployment runs. */
  readonly version: string;
  readonly expected: unknown;
  /** As it is registered; undefined: it is not. */
  readonly registered: string | undefined;
}

export const documentsCheck = check(
  "documents",
  ({ deployment, inspection }) =>
    Promise.all(
      documents.map(async (document): Promise<DocumentFacts> => {
        const { prefix, versions } = deployment.documents;
        const [name, version] = [nameWith(prefix, document.name), versions[document.name]];
        return { name, version, expected: document.content, registered: await inspection.document(name, version) };
      }),
    ),
  (facts) => facts.map(judgeDocument),
);

export function judgeDocument({ name, version, expected, registered }: DocumentFacts): Finding {
  const subject = `document ${name}`;
  if (registered === undefined)
    return bad(subject, `its version ${version} is not registered, so nodes cannot be told anything`, redeploy);
  const [here, there] = [hashOf(expected), hashOf(parsed(registered))];
  return here === there
    ? ok(subject, `version ${version} is that of this release (${here})`)
    : bad(subject, `version ${version} has other content (${there}) than this release (${here})`, redeploy);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const hashOf = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex")
    .slice(0, 12);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
