/**
 * SST bundles a function as it likes, and has no setting that replaces a module. So what it made is made again as everywhere
 * else: without the SDK's chain of credentials, a sixth of the bundle, for which a function in Lambda has no use.
 */
import type { WardenFunction } from "@warden/functions/catalogue";

export const ownBundle = (entry: WardenFunction["entry"]) => ({
  async postbuild(folder: string): Promise<void> {
    // It finds files that lie beside it, so it must not become a part of the bundle that SST makes of this one.
    const module = `${$cli.paths.root}/packages/worlds/src/bundles.ts`;
    const { bundleInto }: typeof import("@warden/worlds/bundles") = await import(module);
    await bundleInto(`${folder}/bundle.mjs`, entry);
  },
});
