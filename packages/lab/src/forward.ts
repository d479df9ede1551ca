/**
 * Carries connections between a network and this host: run inside the network, where it sees the host's files. Each argument
 * is `FROM>TO`, and each side a port of an address or the path of a socket. `FROM>TO?` says the caller's address in a first
 * line; with `FROM>*` the first line of each connection says where it is to go.
 */
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";

for (const pair of process.argv.slice(2)) {
  const [from = "", to = ""] = pair.split(">");
  const server = createServer((one) => {
    if (to === "*") one.once("readable", () => forwardAsked(one));
    else {
      const other = connect(place(to.replace(/\?$/, "")));
      if (to.endsWith("?")) other.write(`${one.remoteAddress}\n`);
      carry(one, other);
    }
  });
  server.listen(place(from));
}

/** Its first line comes whole: whoever asks is on this host and writes it at once. */
function forwardAsked(one: Socket): void {
  const text: Buffer = one.read() ?? Buffer.alloc(0);
  const end = text.indexOf("\n");
  const other = connect(place(text.toString("utf8", 0, end)));
  one.unshift(text.subarray(end + 1));
  carry(one, other);
}

function carry(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  for (const socket of [one, other]) socket.on("error", () => [one, other].forEach((each) => void each.destroy()));
}

function place(text: string): NetConnectOpts {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(text) ?? [];
  return host === undefined ? { path: text } : { host, port: Number(port) };
}
