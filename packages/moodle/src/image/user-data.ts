/**
 * User data for the launch template, which cloud-init runs once on each new instance: says where the node belongs and starts its
 * watcher. On an image that is not this recipe's it first fetches the archive and prepares the machine: that takes minutes, which
 * the launch hook has to allow, and on Debian works only where the stock image has Amazon's agents, which are not in the archive.
 * It holds no secret: whoever may describe instances can read it.
 */
import type { SiteConfiguration } from "../site/schema.ts";
import { type Image, programText } from "./prepare.ts";
import { shellList, shellValue } from "./shell.ts";

/** What a node has to know before it asks for its configuration. */
export interface Belongs {
  readonly group: string;
  readonly region: string;
  readonly bucket: string;
  readonly launchHook: string;
  readonly urgentQueueUrl: string;
  /** The name of a parameter of Parameter Store. */
  readonly lastGood: string;
}

/** Lines of /etc/warden/node.conf, as the node's programs read them. */
export function nodeConf({ site }: Pick<SiteConfiguration, "site">, belongs: Belongs): readonly string[] {
  const { group, region, bucket, launchHook, urgentQueueUrl, lastGood } = belongs;
  const settings = {
    SITE: site,
    GROUP: group,
    REGION: region,
    BUCKET: bucket,
    LAUNCH_HOOK: launchHook,
    URGENT_QUEUE_URL: urgentQueueUrl,
    LAST_GOOD: lastGood,
  };
  return Object.entries(settings).map(([name, value]) => {
    // One more line would be one more setting.
    if (!/^[\x20-\x7e]+$/.test(value)) throw new RangeError(`${name} is one line of printable ASCII`);
    return `${name}=${value}`;
  });
}

export function userData(site: SiteConfiguration, belongs: Belongs, { name, digest }: Image): string {
  const data = [
    shellValue("image", name),
    shellValue("digest", digest),
    shellValue("region", belongs.region),
    shellValue("object", `${belongs.bucket}/bundles/${digest}.tar`),
    shellList("with_settings", nodeConf(site, belongs)),
  ];
  const text = `#!/bin/sh\n${data.join("")}\n${programText("user-data.sh")}`;
  if (Buffer.byteLength(text) > mostBytes) throw new RangeError(`user data is limited to ${mostBytes} bytes`);
  return text;
}

/** EC2's limit, before it is encoded (EC2 user guide, "Work with instance user data"). */
const mostBytes = 16_384;
