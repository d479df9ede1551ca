/** A site that is given back: its group comes and goes as it likes, nobody is held, and nobody was lost. */
import { DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand } from "@aws-sdk/client-auto-scaling";
import { detaching } from "@warden/aws";
import { clientConfig } from "@warden/aws-local";
import { detach, travellers } from "@warden/control";
import { virtualWorld } from "@warden/worlds/virtual";
import { expect, it } from "vitest";
import {
  AutoScalingGroupName,
  desire,
  expectNoDefects,
  inService,
  minutes,
  seconds,
  states,
  untilServing,
} from "./site.ts";

it("keeps every instance, and holds none that comes or goes afterwards", async () => {
  const world = await virtualWorld({ desired: 3 });
  await untilServing(world, 3);
  const before = await inService(world);
  const [site] = await world.deps.ports.store.sites();
  if (site === undefined) throw new Error("no site");

  await desire(world, 4);
  while ((await travellers(site, world.deps)).length === 0) await world.clock.advance(seconds(1));
  const quiet = async () => {
    while ((await travellers(site, world.deps)).length > 0) await world.clock.advance(seconds(10));
  };
  const port = detaching(clientConfig(world.aws.router), world.deployment.table);
  const given = await detach(site, quiet, port, world.deps);
  expect(given).toEqual([
    { group: AutoScalingGroupName, hooks: ["warden-launch", "warden-terminate"], instances: expect.any(Number) },
  ]);

  const { LifecycleHooks } = await world.clients.autoScaling.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName }),
  );
  expect(LifecycleHooks).toEqual([]);
  const { AutoScalingGroups } = await world.clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  expect(AutoScalingGroups?.[0]?.SuspendedProcesses).toEqual([]);
  expect(await world.deps.ports.store.sites()).toEqual([]);
  const after = await inService(world);
  expect(after).toHaveLength(4);
  expect(after).toEqual(expect.arrayContaining(before));

  // The sweeps that still know it come to their end.
  await world.clock.advance(minutes(5));
  expect(await inService(world)).toEqual(after);
  await desire(world, 2);
  await world.clock.advance(minutes(8));
  expect([...(await states(world)).values()]).toEqual(["InService", "InService"]);
  expectNoDefects(world);
});
