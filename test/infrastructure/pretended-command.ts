/** What SST's components ask of its command while a program runs: JSON-RPC over HTTP, here without a command. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

export interface PretendedCommand {
  /** Handlers that were to be bundled. */
  readonly built: readonly string[];
  close(): Promise<void>;
}

export async function pretendCommand(): Promise<PretendedCommand> {
  const built: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "warden-graph-"));
  const methods: Readonly<Record<string, (asked: { handler: string; functionID: string }) => unknown>> = {
    "Provider.Aws.Bootstrap": () => ({ asset: "assets", state: "state", assetEcrUrl: "", assetEcrRegistryId: "" }),
    "Provider.Aws.Appsync": () => ({ http: "bridge.example", realtime: "live.example" }),
    "Runtime.AddTarget": () => true,
    "Runtime.Build": ({ handler }) => {
      built.push(handler);
      writeFileSync(join(folder, "bundle.mjs"), "");
      return { handler: `bundle${extname(handler)}`, out: folder, errors: [], sourcemaps: [] };
    },
  };
  const server = createServer(async (request, response) => {
    const { method, params } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const answer = methods[method];
    // SST can do without what it is told in these words is not there.
    const error = `rpc: can't find method ${method}`;
    response.end(JSON.stringify(answer === undefined ? { error } : { result: answer(params[0]) }));
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("the server has no port"));
    }),
  );
  process.env["SST_SERVER"] = `http://127.0.0.1:${port}`;
  return {
    built,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}
