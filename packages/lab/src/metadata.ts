/**
 * The instance metadata service: version 2 alone, and only what a node asks for. It listens on a socket of this host, to
 * which `forward.ts` brings each connection with the address that it comes from, by which an instance is known.
 */
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import type { InstanceMetadata } from "@warden/aws-local/region";
import type { Credentials } from "@warden/aws-local/wire/identity";

export interface MetadataService {
  end(): void;
}

export interface About {
  readonly instanceId: string;
  readonly roleName: string;
  readonly credentials: Credentials;
  readonly metadata: Readonly<InstanceMetadata>;
}

const token = "token-of-the-metadata-service";

/** @param socket its path @param aboutOf the instance with an address */
export function metadataService(socket: string, aboutOf: (address: string) => About | undefined): MetadataService {
  const callers = new WeakMap<Socket, string>();
  const http = createHttpServer(({ method, url = "", headers, socket: caller }, response) => {
    const about = aboutOf(callers.get(caller) ?? "");
    if (method === "PUT" && url === "/latest/api/token") response.end(token);
    else if (headers["x-aws-ec2-metadata-token"] !== token) response.writeHead(401).end();
    else say(response, about && answerTo(url.replace("/latest/meta-data/", ""), about));
  });
  const server = createServer((caller) => {
    caller.on("error", () => caller.destroy());
    caller.once("readable", () => {
      const text: Buffer = caller.read() ?? Buffer.alloc(0);
      const end = text.indexOf("\n");
      callers.set(caller, text.toString("utf8", 0, end));
      caller.unshift(text.subarray(end + 1));
      http.emit("connection", caller);
    });
  });
  server.listen(socket);
  return {
    end() {
      server.close();
      http.closeAllConnections();
    },
  };
}

function say(response: ServerResponse, answer: string | undefined): void {
  if (answer === undefined) response.writeHead(404).end("<html>404 - Not Found</html>");
  else response.end(answer);
}

function answerTo(path: string, { instanceId, roleName, credentials, metadata }: About): string | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const written = (value: object | undefined): string | undefined => value && JSON.stringify(value);
  switch (path) {
    case "instance-id":
      return instanceId;
    case "iam/security-credentials/":
      return roleName;
    case `iam/security-credentials/${roleName}`:
      return JSON.stringify({
        Code: "Success",
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        Token: sessionToken,
      });
    case "spot/instance-action":
      return written(metadata.spotAction);
    case "events/recommendations/rebalance":
      return written(metadata.rebalance);
    case "events/maintenance/scheduled":
      return written(metadata.maintenance?.map(({ notBefore, state }) => ({ NotBefore: notBefore, State: state })));
    case "autoscaling/target-lifecycle-state":
      return metadata.targetLifecycleState;
    default:
      return undefined;
  }
}
