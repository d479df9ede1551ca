/** The bill of materials: what a release is made of, as CycloneDX has it (version 1.6 of the specification). */
import type { Code } from "./code.ts";
import type { Lock, Pinned } from "./lock.ts";

/** The same lock and the same code always give the same text: no serial number, no time. */
export function billOfMaterials(lock: Lock, code: Code): string {
  const plugins = new Map(code.plugins.map((plugin) => [plugin.name, plugin]));
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name: "moodle", version: code.release } },
    components: [
      component("moodle", lock.moodle, []),
      ...Object.entries(lock.plugins).map(([name, pinned]) =>
        component(name, pinned, [{ name: "moodle:path", value: plugins.get(name)?.path ?? "" }]),
      ),
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

const component = (name: string, { source, version, sha256 }: Pinned, properties: readonly object[]) => ({
  type: "library",
  name,
  version,
  hashes: [{ alg: "SHA-256", content: sha256 }],
  ...(source.startsWith("https://") && { externalReferences: [{ type: "distribution", url: source }] }),
  ...(properties.length > 0 && { properties }),
});
