/** Bundles the Lambda functions as they are deployed: one ES module each, minified, with the SDK inside. */
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { functions, type WardenFunction } from "@warden/functions/catalogue";
import { type BuildOptions, build, type Plugin } from "esbuild";

export interface Bundles {
  /** The folder that holds an entry's `index.mjs`. */
  folderOf(entry: WardenFunction["entry"]): string;
  /** Bytes of each entry's bundle. */
  readonly sizes: Readonly<Record<string, number>>;
  remove(): Promise<void>;
}

/** Into a temporary folder, which `remove` takes away. `readable`: for a debugger, larger and slower to start. */
export async function bundleFunctions(options: { readonly readable?: boolean } = {}): Promise<Bundles> {
  const folder = await mkdtemp(join(tmpdir(), "warden-functions-"));
  const remove = removal(folder);
  const entries = [...new Set(functions.map((each) => each.entry))];
  const minify = options.readable !== true;
  const awake = stayAwake();
  const result = await build({
    ...bundling,
    minify,
    entryPoints: entries.map(entryPoint),
    outdir: folder,
    metafile: true,
  })
    .catch(async (error: unknown) => {
      await remove();
      throw error;
    })
    .finally(awake.end);
  const outputs = Object.entries(result.metafile?.outputs ?? {});
  const sizes = Object.fromEntries(
    entries.map((entry) => {
      const output = outputs.find(([path]) => path.endsWith(`${entry}/index.mjs`));
      return [entry, output?.[1].bytes ?? 0];
    }),
  );
  return {
    folderOf: (entry) => join(folder, entry),
    sizes,
    remove,
  };
}

/** One entry as it is deployed, without its source map. @param outfile a path that ends with `.mjs` */
export async function bundleInto(outfile: string, entry: WardenFunction["entry"]): Promise<void> {
  const entryPoints = [entryPoint(entry).in];
  await build({ ...bundling, minify: true, sourcemap: false, entryPoints, outfile, allowOverwrite: true });
}

/** The folder goes, too, when the process ends without asking for it: at a second Ctrl-C it ends on the spot. */
function removal(folder: string): () => Promise<void> {
  const atExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", atExit);
  return async () => {
    await rm(folder, { recursive: true, force: true });
    process.off("exit", atExit);
  };
}

/**
 * esbuild's child lets the process end, so when Ctrl-C ends that child in its first milliseconds, Node would end too
 * (status 13) before it has read that the build failed.
 */
function stayAwake(): { end(): void } {
  const timer = setInterval(() => {}, 1000);
  return { end: () => clearInterval(timer) };
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const entryPoint = (entry: string): { in: string; out: string } => ({
  in: here(`../../../functions/${entry}/index.ts`),
  out: `${entry}/index`,
});

/** The settings that measured best for cold starts: the SDK bundled in, ES modules first, minified. */
export const bundling: BuildOptions = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  mainFields: ["module", "main"],
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "silent",
  // In Lambda credentials come from the environment: the chain that looks for them elsewhere is a third of a bundle.
  alias: {
    "@aws-sdk/credential-provider-node": here("./environment-credentials.ts"),
    "@aws-sdk/middleware-endpoint-discovery": here("./no-endpoint-discovery.ts"),
  },
  plugins: [versionOnly()],
  // Some CommonJS dependencies call `require` for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
};

/** Each SDK client asks its package for its version, and would bring all that stands beside it: 3 kB for each client. */
function versionOnly(): Plugin {
  return {
    name: "version-only",
    setup(build) {
      build.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
        const { version }: { version: string } = JSON.parse(await readFile(path, "utf8"));
        return { contents: JSON.stringify({ version }), loader: "json" };
      });
    },
  };
}
