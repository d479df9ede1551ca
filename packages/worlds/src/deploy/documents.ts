import { CreateDocumentCommand } from "@aws-sdk/client-ssm";
import { documentPrefix, documents, textOf } from "@warden/moodle";
import { type Deployment, registeredDocumentsSchema } from "../deployment.ts";
import type { DeployContext } from "./context.ts";

/** Warden's documents, under their own names: nobody else is in this account. */
export async function deployDocuments(context: DeployContext): Promise<Deployment["documents"]> {
  const versions: Record<string, unknown> = {};
  for (const document of documents) {
    const { DocumentDescription } = await context.clients.ssm.send(
      new CreateDocumentCommand({
        Name: document.name,
        DocumentType: "Command",
        DocumentFormat: "JSON",
        Content: textOf(document),
      }),
    );
    versions[document.name] = DocumentDescription?.DocumentVersion;
  }
  return registeredDocumentsSchema().parse({ prefix: documentPrefix, versions });
}
