/** People are told how a site stands for a peak while there is time to do something about it. */
import { ResumeProcessesCommand, SuspendProcessesCommand } from "@aws-sdk/client-auto-scaling";
import { addFreeze } from "@warden/control";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, expect, it } from "vitest";
import { cardsSent, subscribe } from "./inbox.ts";
import { AutoScalingGroupName, expectNoDefects, group, inService, minutes, site, untilServing } from "./site.ts";

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

/** Of an hour, begins after so long. */
const peak = (after: number, nodes: number) =>
  addFreeze(
    site,
    { from: world.clock.now() + after, to: world.clock.now() + after + minutes(60), nodes: { [group]: nodes } },
    { by: "ann", reason: "exam" },
    world.deps,
  );

const ScalingProcesses = ["Launch"];

it("a day before it begins, of what nobody mends by waiting", async () => {
  world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  const inbox = await subscribe(world);
  await peak(minutes(24 * 60 + 10), 6);
  await world.clock.advance(minutes(9));
  expect(await inbox()).toEqual([]);
  await world.clock.advance(minutes(30));
  const [told, ...more] = await inbox();
  expect(more).toEqual([]);
  expect(told?.Subject).toMatch(/^moodle: READY for the peak of 2026-01-\d\d \d\d:\d\d$/);
  expect(told?.Message.split("\n")).toEqual([
    expect.stringMatching(/^READY for the peak of .*: nothing is known that would fall short\.$/),
    "",
    expect.stringMatching(
      /^The peak: 2026-01-\d\d \d\d:\d\d to 2026-01-\d\d \d\d:\d\d \(UTC\), planned by ann: exam\.$/,
    ),
    "What it needs: 6 nodes of moodle.",
    "What happens next: Warden starts the nodes in time, and tells you again twenty minutes before it begins.",
    "What to run: npx warden ready --site moodle --stage local",
    "",
  ]);
});

it("twenty minutes before, when what it needs is there", async () => {
  world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  const { id } = await peak(minutes(60), 6);
  await world.clock.advance(minutes(42));
  expect(cardsSent(world).map(({ content, metadata }) => [content.description, metadata.threadId])).toEqual([
    [expect.stringMatching(/^READY .*: nothing is known/), `local/moodle/${id}`],
    [
      expect.stringMatching(/^READY .*: 6 nodes of moodle are in service, and nothing is in trouble/),
      `local/moodle/${id}`,
    ],
  ]);
  await world.clock.advance(minutes(40));
  expect(cardsSent(world)).toHaveLength(2);
});

it("of each thing that falls short and its mend, and once more when nothing does", async () => {
  world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  await peak(minutes(60), 6);
  await world.clients.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
  const inbox = await subscribe(world);
  await world.clock.advance(minutes(48));
  const [ahead, soon, ...more] = await inbox();
  expect(more).toEqual([]);
  expect(ahead?.Message).toMatch(
    /^NOT READY .*: one thing falls short\.\n[\s\S]*What falls short:\n {2}- the process Launch of moodle is suspended: no node can start\n {4}aws autoscaling resume-processes /,
  );
  expect(soon?.Subject).toMatch(/^moodle: NOT READY for the peak of /);
  expect(soon?.Message).toMatch(
    /2 things fall short[\s\S]*2 of 6 nodes of moodle are in service[\s\S]*once more when nothing/,
  );

  await world.clients.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
  await world.clock.advance(minutes(11));
  expect(await inService(world)).toHaveLength(6);
  expect(cardsSent(world).map(({ content }) => content.title.replace(/ for .*/, ""))).toEqual([
    ...["moodle: NOT READY", "moodle: NOT READY", "moodle: READY"],
  ]);
}, 60_000);

it("at once, when it is planned shortly before it begins", async () => {
  world = await virtualWorld({ desired: 2 });
  await untilServing(world, 2);
  await peak(minutes(10), 20);
  await world.clock.advance(minutes(4));
  const [card, ...more] = cardsSent(world);
  expect(more).toEqual([]);
  expect(card?.content.description).toMatch(/^NOT READY .*; moodle can have at most \d+ nodes, and 20 are needed/);
});
