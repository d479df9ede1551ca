/** `{"cidr": "10.0.0.0/24"}`: is this text an IPv4 or IPv6 address inside the range? */
import { BlockList, isIP } from "node:net";

export function cidrTest(range: string): (text: string) => boolean {
  const { address, bits } = parts(range);
  const family = familyOf(address);
  if (family === undefined) throw new Error(`Invalid IP address: ${address}`);
  const widest = family === "ipv4" ? 32 : 128;
  // The Event Ruler refuses a range of a single address.
  if (bits >= widest) throw new Error(`${family === "ipv4" ? "IPv4" : "IPv6"} mask bits must be < ${widest}`);
  const block = new BlockList();
  block.addSubnet(address, bits, family);
  // Asked about another family, BlockList would compare IPv4 with addresses mapped into IPv6; EventBridge does not.
  return (text) => familyOf(text) === family && block.check(text, family);
}

function parts(range: string): { address: string; bits: number } {
  const [address, bits, ...more] = range.split("/");
  if (address === undefined || bits === undefined || more.length > 0)
    throw new Error("Malformed CIDR, one '/' required");
  if (!/^-?\d+$/.test(bits)) throw new Error("Malformed CIDR, mask bits must be an integer");
  if (bits.startsWith("-")) throw new Error("Malformed CIDR, mask bits must not be negative");
  return { address, bits: Number(bits) };
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}
