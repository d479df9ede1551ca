/** The archive that makes a stock image a node, in the bucket from which a node fetches it, and the user data that says so. */
import { bundleKey, lastGoodParameter } from "@warden/aws/names";
import { hooks } from "@warden/functions/deployed";
import type { Belongs } from "@warden/moodle/image";
import type { Lanes } from "./lanes.ts";
import { groupOf, titled } from "./named.ts";
import type { SiteParts } from "./site-parts.ts";

type Later<Shape> = { readonly [Name in keyof Shape]: $util.Input<Shape[Name]> };

export function nodeImage({ site, configuration }: SiteParts, bucket: sst.aws.Bucket, lanes: Lanes) {
  const group = groupOf(site);
  const belongs: Later<Belongs> = {
    ...{ group, region: aws.getRegionOutput().region, bucket: bucket.name, launchHook: hooks[0].name },
    ...{ urgentQueueUrl: lanes.urgent.queue.url, lastGood: lastGoodParameter({ site: site.name, group }) },
  };
  const made = $resolve({ site: configuration, belongs }).apply(async ({ site, belongs }) => {
    // It reads files that lie beside it, so it must not become a part of the bundle that SST makes of this one.
    const module = `${$cli.paths.root}/packages/moodle/src/image/index.ts`;
    const { imageOf, recipeOf, userData }: typeof import("@warden/moodle/image") = await import(module);
    const image = imageOf(recipeOf(site));
    const text = userData(site, belongs, image);
    return { digest: image.digest, archive: base64(image.archive), userData: base64(text) };
  });
  new aws.s3.BucketObjectv2(titled(site, "NodeImage"), {
    bucket: bucket.name,
    key: made.apply(({ digest }) => bundleKey(digest)),
    contentBase64: made.apply(({ archive }) => archive),
  });
  return { digest: made.apply(({ digest }) => digest), userData: made.apply(({ userData }) => userData) };
}

const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString("base64");
