/**
 * Carries connections between a machine's own network and this host: run inside the machine's network, where it sees the
 * host's files. Each argument is `FROM>TO`, and each side a port of an address or the path of a socket.
 */
import { connect, createServer, type NetConnectOpts } from "node:net";

for (const pair of process.argv.slice(2)) {
  const [from = "", to = ""] = pair.split(">");
  const server = createServer((one) => {
    const other = connect(place(to));
    one.pipe(other).pipe(one);
    for (const socket of [one, other]) socket.on("error", () => [one, other].forEach((each) => void each.destroy()));
  });
  server.listen(place(from));
}

function place(text: string): NetConnectOpts {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(text) ?? [];
  return host === undefined ? { path: text } : { host, port: Number(port) };
}
