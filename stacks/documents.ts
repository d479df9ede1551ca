/** Warden's SSM documents, under names of this stage (`warden-production-PushConfig`): another stage of the account has its own. */
import { documents as all, nameWith, textOf } from "@warden/moodle";
import { named } from "./named.ts";

/** @returns how their names begin here, and each one's version, by Warden's own name for it, as the loop sends it along */
export function documents() {
  const prefix = named("");
  const registered = all.map((document) => {
    const { documentVersion } = new aws.ssm.Document(document.name.replace("-", ""), {
      ...{ name: nameWith(prefix, document.name), documentType: "Command", documentFormat: "JSON" },
      content: textOf(document),
    });
    return documentVersion.apply((version): [string, string] => [document.name, version]);
  });
  const versions = $resolve(registered).apply((found) => Object.fromEntries(found));
  return { prefix, versions };
}
