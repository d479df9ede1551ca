import { CreateDocumentCommand } from "@aws-sdk/client-ssm";
import { documents, textOf } from "@warden/moodle";
import { type Deployment, documentVersionsSchema } from "../deployment.ts";
import type { DeployContext } from "./context.ts";

/** Warden's documents. @returns the version of each */
export async function deployDocuments(context: DeployContext): Promise<Deployment["documentVersions"]> {
  const versions: Record<string, string> = {};
  for (const document of documents) {
    const { DocumentDescription } = await context.clients.ssm.send(
      new CreateDocumentCommand({
        Name: document.name,
        DocumentType: "Command",
        DocumentFormat: "JSON",
        Content: textOf(document),
      }),
    );
    versions[document.name] = DocumentDescription?.DocumentVersion ?? "";
  }
  return documentVersionsSchema().parse(versions);
}
