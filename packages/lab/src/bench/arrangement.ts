/**
 * Puts Moodle's application cache where an arrangement has it, and makes sure that it is there: Moodle says nothing when a
 * store is not ready, and goes on with files on the shared file system. Sessions and `localcachedir` stay where they are.
 */
import * as z from "zod";
import { answerOf, type Node, phpOnNode, sourceOf } from "./node.ts";
import type { Arrangement } from "./plan.ts";

const storeSchema = z.object({ class: z.string(), path: z.string() });

const lookSchema = z.object({
  config: storeSchema,
  string: storeSchema,
  files: z.object({ shared: z.number(), local: z.number() }),
});

export type Look = z.infer<typeof lookSchema>;

/** With every store empty. Warden must not look on: it would put its own configuration back. */
export async function arrange(node: Node, arrangement: Arrangement): Promise<void> {
  const look = await program(node, "arrange", arrangement);
  const wrong = storesAmiss(look, arrangement);
  if (wrong !== undefined) throw new Error(`the application cache is not arranged as ${arrangement}: ${wrong}`);
  await node.run(node.restart);
}

/** Once users have been there: the web server's PHP is looked at by the files that it wrote, and that it did not. */
export async function verifyInUse(node: Node, arrangement: Arrangement): Promise<void> {
  const look = await program(node, "look");
  const wrong = storesAmiss(look, arrangement) ?? filesAmiss(look, arrangement);
  if (wrong !== undefined) throw new Error(`pages do not use the application cache as ${arrangement}: ${wrong}`);
}

const program = async (node: Node, ...options: string[]): Promise<Look> => {
  const bundled = Buffer.from(node.cacheConfiguration).toString("base64");
  return answerOf(await phpOnNode(node, sourceOf("arrange-cache.php"), [bundled, ...options]), lookSchema);
};

const sharedStore = /\/cachestore_file\/default_application$/;

/** `core/config` is on Redis alone in the bundle's arrangement, `core/string` on the local disk before Redis. */
export function storesAmiss({ config, string }: Look, arrangement: Arrangement): string | undefined {
  const isFile = (store: Look["config"], where: "shared" | "local"): boolean =>
    store.class === "cachestore_file" && sharedStore.test(store.path) === (where === "shared");
  const isRight = {
    shared: isFile(config, "shared") && isFile(string, "shared"),
    redis: config.class === "cachestore_redis" && isFile(string, "local"),
    local: isFile(config, "local") && isFile(string, "local"),
  }[arrangement];
  return isRight ? undefined : `core/config is in ${told(config)}, core/string in ${told(string)}`;
}

const told = ({ class: name, path }: Look["config"]): string => (path === "" ? name : `${name} at ${path}`);

/** Of a cache that only pages fill. */
export function filesAmiss({ files }: Look, arrangement: Arrangement): string | undefined {
  const { shared, local } = { shared: files.shared > 0, local: files.local > 0 };
  if (shared === (arrangement === "shared") && local === (arrangement === "local")) return undefined;
  return `it has ${files.shared} files on the shared file system and ${files.local} on the local disk`;
}
