/**
 * The lab's network: a namespace of its own with a bridge, at which the data tier listens and AWS answers, and one namespace
 * for each machine, at the address that EC2 gave the instance. Nothing of it is on this host's own addresses.
 */
import { spawnSync } from "node:child_process";
import { run } from "./processes.ts";

export const labNetwork = "warden-lab";
/** Of the default VPC's network, which is 172.31.0.0/16, as its router has it. */
export const labAddress = "172.31.0.1";
/** Of the instance metadata: the bridge has it, and knows by the caller's own address which instance asks. */
export const metadataAddress = "169.254.169.254";

/** In front of a command that is to run in a network. */
export const inNetwork = (name: string): string[] => ["nsenter", `--net=/run/netns/${name}`];

export function makeLabNetwork(): void {
  addNetwork(labNetwork);
  // Of its own: otherwise it is the lowest of its ports', changes when a machine comes or goes, and for a while the others'
  // answers go to one that nobody has any more.
  ip(labNetwork, `link add lab0 address ${hardwareAddress(labAddress)} type bridge`);
  for (const address of [`${labAddress}/16`, `${metadataAddress}/32`])
    ip(labNetwork, `address add ${address} dev lab0`);
  ip(labNetwork, "link set lab0 up");
}

/** @param name of the network, and of its link's other end, of which Linux takes 15 characters */
export function joinLabNetwork(name: string, address: string): void {
  addNetwork(name);
  // The same address has the same hardware address each time: nobody remembers a wrong one.
  const link = `eth0 address ${hardwareAddress(address)}`;
  ip(name, `link add ${link} type veth peer name ${name} netns ${labNetwork}`);
  ip(labNetwork, `link set ${name} master lab0 up`);
  ip(name, `address add ${address}/16 dev eth0`);
  ip(name, "link set eth0 up");
  ip(name, `route add default via ${labAddress}`);
}

/** With its links. */
export const removeNetwork = (name: string): void => void spawnSync("ip", ["netns", "del", name]);

/** A network without anything but its own loopback. */
export function addNetwork(name: string): void {
  run("ip", ["netns", "add", name]);
  ip(name, "link set lo up");
}

export const ip = (network: string, words: string): string => run("ip", ["-n", network, ...words.split(" ")]);

/** As EC2 makes it: locally administered, and the address in it. */
export const hardwareAddress = (address: string): string =>
  ["02", "57", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
