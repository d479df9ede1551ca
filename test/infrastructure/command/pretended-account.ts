/** An account with nothing in it but what SST itself keeps there: its bootstrap, and the state of its apps. */
import { createServer } from "node:http";

export interface PretendedAccount {
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function pretendAccount(): Promise<PretendedAccount> {
  const bootstrap = { version: 99, asset: "assets", state: "state", assetEcrRegistryId: "1", assetEcrUrl: "x" };
  const parameters = new Map([["/sst/bootstrap", JSON.stringify(bootstrap)]]);
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const path = (request.url ?? "").replace(/\?.*/, "");
    const answer = (status: number, text: string | Buffer = "") => response.writeHead(status).end(text);
    const target = request.headers["x-amz-target"];
    if (target === "AmazonSSM.GetParameter") {
      const { Name } = JSON.parse(body.toString());
      const Value = parameters.get(Name);
      if (Value === undefined) answer(400, JSON.stringify({ __type: "ParameterNotFound", message: Name }));
      else answer(200, JSON.stringify({ Parameter: { Name, Value, Type: "String" } }));
    } else if (target === "AmazonSSM.PutParameter") {
      const { Name, Value } = JSON.parse(body.toString());
      parameters.set(Name, Value);
      answer(200, JSON.stringify({ Version: 1 }));
    } else if (request.method === "PUT") {
      objects.set(path, body);
      answer(200);
    } else if (request.method === "DELETE") {
      objects.delete(path);
      answer(204);
    } else {
      const object = objects.get(path);
      if (object === undefined) answer(404, '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>');
      else answer(200, object);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
