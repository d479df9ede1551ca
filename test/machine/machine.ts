/** One real machine for a test: this system's own root below an overlay in memory, in a network of its own. */
import { machine as labMachine, type Machine, mask } from "@warden/lab/machine";
import { addNetwork, ip, removeNetwork } from "@warden/lab/network";

export type { Machine };

export const machineName = "warden-machine";
export const metadataNetwork = `${machineName}-aws`;

/** What this host runs for itself. */
const others = ["mariadb", "mysql", "postgresql", "redis-server", "redis", "ssh", "cron"];

export async function machine(): Promise<Machine> {
  const own = await labMachine({
    ...{ name: machineName, hostname: machineName, machineId: "5a7c0de05a7c0de05a7c0de05a7c0de0" },
    ...{ lower: "/", folder: `/var/tmp/${machineName}` },
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
