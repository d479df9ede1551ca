/**
 * One real machine for a test: this system's own root below an overlay in memory, in a network of its own. Files run side by
 * side, each with a machine of its worker's.
 */
import { sizeOf } from "@warden/lab/instance-types";
import { machine as labMachine, type Machine, mask, type Size } from "@warden/lab/machine";
import { addNetwork, ip, removeNetwork } from "@warden/lab/network";
import { machineName, metadataNetwork, placeOf, worker } from "./names.ts";

export type { Machine };

/** What this host runs for itself. */
const others = ["mariadb", "mysql", "postgresql", "redis-server", "redis", "ssh", "cron"];

export async function machine(size: Size = sizeOf("t4g.medium")): Promise<Machine> {
  const own = await labMachine({
    ...{ ...placeOf(machineName), lower: "/", ...size },
    uplink: { network: metadataNetwork, link: "eth0" },
    ...{ hostname: machineName, machineId: worker.padStart(32, "5a7c0de0") },
  });
  mask(
    own.root,
    others.map((name) => `${name}.service`),
  );
  makeNetworks();
  return {
    ...own,
    async end() {
      await own.end();
      removeNetwork(metadataNetwork);
    },
  };
}

/** The machine's, and beside it one for the instance metadata, whose port 80 must not be the machine's own. */
function makeNetworks(): void {
  removeNetwork(metadataNetwork);
  const addresses = { [machineName]: "169.254.100.1/16", [metadataNetwork]: "169.254.169.254/16" };
  for (const name of Object.keys(addresses)) addNetwork(name);
  ip(machineName, `link add eth0 type veth peer name eth0 netns ${metadataNetwork}`);
  for (const [name, address] of Object.entries(addresses)) {
    ip(name, `address add ${address} dev eth0`);
    ip(name, "link set eth0 up");
  }
}
