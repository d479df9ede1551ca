import { readinessBody } from "@warden/moodle";
import { expect, it } from "vitest";
import { desired, nodeBench } from "./bench.ts";

it("answers in the words of the real one", async () => {
  const bench = nodeBench();
  await bench.boot();
  expect(readinessBody.safeParse((await bench.ready()).body)).toMatchObject({ success: true });
  await bench.serve();
  expect(readinessBody.safeParse((await bench.ready()).body)).toMatchObject({ success: true });
});

it("is 503 until the node verified, also when it came in by another door (DESIGN 5, rule 1)", async () => {
  const bench = nodeBench();
  await bench.boot();
  expect((await bench.ready()).status).toBe(503);
  await bench.run("Warden-Bootstrap");
  expect((await bench.ready()).status).toBe(503);
  await bench.run("Warden-Verify");
  expect(await bench.ready()).toMatchObject({ status: 200, body: { ...desired, node: { verified: null } } });
});

it("is 503 again when the disk holds another digest than the verified one", async () => {
  const bench = nodeBench();
  await bench.serve();
  await bench.run("Warden-Bootstrap", { Digest: "fedcba9876543210" });
  expect((await bench.ready()).status).toBe(503);
  await bench.run("Warden-Verify", { Digest: "fedcba9876543210" });
  expect((await bench.ready()).status).toBe(200);
});

it.each(["mount", "workers", "disk"] as const)("is 503 for a fault of this node: %s", async (fault) => {
  const bench = nodeBench();
  await bench.serve();
  bench.node.state.faults.add(fault);
  expect((await bench.ready()).status).toBe(503);
  bench.node.state.faults.delete(fault);
  expect((await bench.ready()).status).toBe(200);
});

it.each(["database", "sessions", "cache"] as const)(
  "stays 200 while only %s is down, and tells so in its body (DESIGN 4, health)",
  async (part) => {
    const bench = nodeBench();
    await bench.serve();
    bench.shared[part] = "down";
    expect(await bench.ready()).toMatchObject({ status: 200, body: { shared: { [part]: "does not answer" } } });
    expect(await bench.machine.request(80, "/")).toMatchObject({ status: 503 });
  },
);

it("is 503 while the shared files hang: they hang in this node's own mount", async () => {
  const bench = nodeBench();
  await bench.serve();
  bench.shared.files = "down";
  const body = { node: { files: "the shared files do not answer" } };
  expect(await bench.ready()).toMatchObject({ status: 503, body });
  bench.shared.files = "up";
  expect((await bench.ready()).status).toBe(200);
});

it("stays 200 in site maintenance while the page is 503 (moodle.md, criterion 38)", async () => {
  const bench = nodeBench();
  await bench.serve();
  expect(await bench.machine.request(80, "/")).toMatchObject({ status: 200 });
  bench.shared.maintenance = true;
  expect((await bench.ready()).status).toBe(200);
  expect(await bench.machine.request(80, "/")).toMatchObject({ status: 503 });
});

it("is 503 as soon as the node drains, while pages are still served", async () => {
  const bench = nodeBench();
  await bench.serve();
  await bench.run("Warden-Drain");
  expect(await bench.ready()).toMatchObject({ status: 503, body: { node: { draining: "this node is leaving" } } });
  expect(await bench.machine.request(80, "/")).toMatchObject({ status: 200 });
});

it("is 503 after a restart until the node verified again: its services start by themselves", async () => {
  const bench = nodeBench();
  await bench.serve();
  await bench.run("Warden-Drain");
  bench.machine.powerOff("shutdown");
  await bench.boot();
  const node = { files: null, workers: null, verified: "this node was not verified yet", draining: null };
  expect(await bench.ready()).toMatchObject({ status: 503, body: { node } });
  await bench.run("Warden-Verify");
  expect((await bench.ready()).status).toBe(200);
});

it("listens on port 80 only", async () => {
  const bench = nodeBench();
  await bench.serve();
  expect(await bench.machine.request(443, "/warden/ready")).toBe("refused");
});
