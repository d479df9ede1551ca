/** Which site and which node a command is about: named, or the only one there is; never guessed. */
import type { Calendar, GroupState, Site, StopSwitch, StoredNode } from "@warden/control";
import {
  type InstanceId,
  instanceId,
  type NodeKey,
  type NodeName,
  nodeKey,
  type Order,
  parseNodeKey,
} from "@warden/fleet";
import type { Reach } from "./context.ts";
import { Problem, status } from "./errors.ts";

export async function chooseSite(name: string | undefined, { deps }: Reach): Promise<Site> {
  const sites = await deps.settings.sites();
  const names = sites.map((site) => site.site).join(", ");
  const [only] = sites;
  if (only === undefined) {
    throw new Problem(
      status.unreachable,
      "This deployment has no site yet",
      "deploy one, or wait until `npm start` says that it is ready",
    );
  }
  if (name === undefined) {
    if (sites.length === 1) return only;
    throw new Problem(status.usage, `There are ${sites.length} sites`, `name one of ${names} with --site`);
  }
  const found = sites.find((site) => site.site === name);
  if (found !== undefined) return found;
  throw new Problem(
    status.usage,
    `There is no site ${name}`,
    sites.length === 1 ? `the only one is ${names}` : `there are ${names}`,
  );
}

/** A node with all that is known of it now. */
export interface FoundNode {
  readonly name: NodeName;
  readonly key: NodeKey;
  readonly site: Site;
  /** Undefined: Warden remembers nothing of it. */
  readonly stored: StoredNode | undefined;
  /** Its record was written by a newer Warden. */
  readonly newer: boolean;
  /** `absent`: no group has it. */
  readonly lifecycleState: string;
  /** Still in force. */
  readonly order: Order | undefined;
  readonly state: GroupState | undefined;
  readonly stopped: StopSwitch | undefined;
  readonly calendar: Calendar | undefined;
}

/** By instance id, or by the key that the ledger and the logs print. */
export function readNodeId(text: string): InstanceId {
  const id = parseNodeKey(text)?.instance ?? text;
  try {
    return instanceId(id);
  } catch {
    throw new Problem(
      status.usage,
      `${JSON.stringify(text)} is no instance id`,
      "write one like i-0123456789abcdef0; `warden nodes` lists them",
    );
  }
}

/** Undefined when neither Warden nor Auto Scaling knows it in this site. */
export async function findNode(instance: InstanceId, site: Site, { deps }: Reach): Promise<FoundNode | undefined> {
  const names = site.groups.map((group): NodeName => ({ site: site.site, group, instance }));
  const [snapshot, instances] = await Promise.all([
    deps.ports.store.read(names.map(nodeKey)),
    deps.ports.autoScaling.describeInstances([instance]),
  ]);
  const facts = instances.get(instance);
  const known = (name: NodeName): boolean =>
    name.group === facts?.group || snapshot.nodes.has(nodeKey(name)) || snapshot.newer.has(nodeKey(name));
  const name = names.find((each) => each.group === facts?.group) ?? names.find(known);
  if (name === undefined) return undefined;
  const key = nodeKey(name);
  const order = snapshot.orders.get(key);
  return {
    name,
    key,
    site,
    stored: snapshot.nodes.get(key),
    newer: snapshot.newer.has(key),
    lifecycleState: facts?.lifecycleState ?? "absent",
    order: order !== undefined && order.expiresAt > deps.now() ? order : undefined,
    state: snapshot.groups.get(`${site.site}/${name.group}`),
    stopped: snapshot.stops.get(site.site),
    calendar: snapshot.calendars.get(site.site)?.calendar,
  };
}

export async function needNode(instance: InstanceId, site: Site, reach: Reach): Promise<FoundNode> {
  const found = await findNode(instance, site, reach);
  if (found === undefined) {
    throw new Problem(status.usage, `There is no node ${instance} in site ${site.site}`, "`warden nodes` lists them");
  }
  return found;
}
