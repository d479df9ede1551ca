/** Warden's SSM documents. @returns each one's version, by name, as the loop sends it along */
import { documents as all, textOf } from "@warden/moodle";

export function documents() {
  const registered = all.map((document) => {
    const { documentVersion } = new aws.ssm.Document(document.name.replace("-", ""), {
      ...{ name: document.name, documentType: "Command", documentFormat: "JSON", content: textOf(document) },
    });
    return documentVersion.apply((version): [string, string] => [document.name, version]);
  });
  return $resolve(registered).apply((versions) => Object.fromEntries(versions));
}
