/** A stage that was just deployed: its nodes wait until somebody gives their group its first release. */
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { lastGoodParameter } from "@warden/aws/names";
import { startRollout } from "@warden/control";
import { localAssigned } from "@warden/worlds/local-site";
import { virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import { expectNoDefects, expectWell, group, minutes, nodes, site, states, untilServing } from "./site.ts";

it("nodes wait at their hooks for hours, and come into service with the first release", async () => {
  const world = await virtualWorld({ desired: 3, released: false });
  await world.clock.advance(minutes(120));
  const waiting = await states(world);
  expect([...waiting.values()]).toEqual(Array(3).fill("Pending:Wait"));
  for (const { why } of await nodes(world)) expect(why).toContain("`warden moodle deploy`");

  const asked = { by: "ann", reason: "the first" };
  const ordered = await startRollout({ site, group }, localAssigned, asked, world.deps);
  expect(ordered).toMatchObject({ done: true, rollout: { phase: "concluding", members: [] } });
  await untilServing(world, 3);
  await expectWell(world, 3);
  expect([...(await states(world)).keys()]).toEqual([...waiting.keys()]);

  const { rollout } = await world.deps.ports.store.groupState(site, group);
  expect(rollout).toMatchObject({ rollout: { phase: "done" }, why: expect.stringContaining("the nodes to come") });
  const { Parameter } = await world.clients.ssm.send(
    new GetParameterCommand({ Name: lastGoodParameter({ site, group }) }),
  );
  expect(JSON.parse(Parameter?.Value ?? "")).toMatchObject(localAssigned);
  expect(await startRollout({ site, group }, localAssigned, asked, world.deps)).toMatchObject({ needless: true });
  expectNoDefects(world);
});
