/** The node's own watcher, while nobody of Warden is there. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Node, node, release } from "./node.ts";

let own: Node;
beforeAll(async () => {
  own = await node();
});
afterAll(() => own?.end());

// biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
const told: any[] = [];
async function start(): Promise<void> {
  const environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${own.region.port}`,
    WARDEN_WAIT_FOR_COMMAND: "3",
    WARDEN_RETRY: "1",
    WARDEN_WATCH: "1",
  };
  const lines = Object.entries(environment).map(([name, value]) => `Environment=${name}=${value}`);
  const folder = "/etc/systemd/system/warden-watcher.service.d";
  await own.machine.sh(`mkdir -p ${folder}; printf '[Service]\\n${lines.join("\\n")}\\n' >${folder}/test.conf
    systemctl daemon-reload; systemctl restart warden-watcher.service`);
}
async function tells(type: string) {
  told.push(...(await own.region.told()));
  return told.find((each) => each["detail-type"] === type);
}

describe("the watcher", () => {
  it("says that the machine is up, as soon as AWS can be reached", async () => {
    own.links.cut("aws");
    await start();
    await sleep(1_500);
    own.links.mend("aws");
    await eventually(async () => (await tells("Node Started")) !== undefined, "Node Started");
    const message = await tells("Node Started");
    expect(message).toEqual({
      v: 1,
      source: "warden.node",
      "detail-type": "Node Started",
      detail: { "instance-id": own.region.instanceId },
    });
  });

  it("brings the node into service when nobody sends a command, and ends its own hook", async () => {
    expect(await own.region.lifecycleState()).toBe("Pending:Wait");
    await own.region.lastGood(release, own.bundle.digest);
    await eventually(async () => (await own.region.lifecycleState()) === "InService", "the node is in service");
    expect(await own.ready()).toBe(200);
    expect(own.region.calls.filter((call) => call.endsWith("CompleteLifecycleAction"))).toHaveLength(1);
  });

  it("does nothing of that once a command came", async () => {
    await own.verify();
    const before = own.region.calls.filter((call) => call.endsWith("GetParameter")).length;
    await start();
    await sleep(5_000);
    expect(own.region.calls.filter((call) => call.endsWith("GetParameter"))).toHaveLength(before);
  });

  it("tells of maintenance, in the time that events have", async () => {
    own.region.metadata.maintenance = [
      { code: "system-reboot", notBefore: "21 Jan 2030 09:00:43 GMT", state: "active" },
      { code: "system-reboot", notBefore: "21 Jan 2029 09:00:43 GMT", state: "completed" },
    ];
    await eventually(async () => (await tells("Node Notice")) !== undefined, "the notice");
    const detail = { notice: "maintenance", "not-before": "2030-01-21T09:00:43Z" };
    expect((await tells("Node Notice"))?.["detail"]).toEqual({ "instance-id": own.region.instanceId, ...detail });
    expect(await own.ready()).toBe(200);
  });

  it("drains at once on a spot notice, also while Warden cannot be told, and tells it once", async () => {
    own.links.cut("aws");
    told.length = 0;
    own.region.metadata.spotAction = { action: "terminate", time: "2030-01-01T00:00:00Z" };
    const began = Date.now();
    await eventually(async () => (await own.ready()) === 503, "the drain");
    expect(Date.now() - began).toBeLessThan(10_000);
    own.links.mend("aws");
    await eventually(async () => (await tells("Node Notice")) !== undefined, "the notice");
    expect((await tells("Node Notice"))?.["detail"]).toMatchObject({
      notice: "spot",
      "not-before": "2030-01-01T00:00:00Z",
    });
    await sleep(3_000);
    await tells("Node Notice");
    expect(told.filter((each) => each["detail-type"] === "Node Notice")).toHaveLength(1);
  });
});
