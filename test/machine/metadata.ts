/** A stand-in for the instance metadata service: version 2 alone, and only what a node asks for. */
import { createServer } from "node:http";
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

export function metadataService(socket: string, about: About): MetadataService {
  const server = createServer((request, response) => {
    const { method, url = "", headers } = request;
    if (method === "PUT" && url === "/latest/api/token") response.end(token);
    else if (headers["x-aws-ec2-metadata-token"] !== token) response.writeHead(401).end();
    else {
      const answer = answerTo(url.replace("/latest/meta-data/", ""), about);
      if (answer === undefined) response.writeHead(404).end("<html>404 - Not Found</html>");
      else response.end(answer);
    }
  });
  server.listen(socket);
  return {
    end() {
      server.close();
      server.closeAllConnections();
    },
  };
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
    default:
      return undefined;
  }
}
