/** People are told of incidents, through the topic that they subscribe to; what cannot be told is not lost. */
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type VirtualOptions, type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, expect, it } from "vitest";
import { cardsSent, subscribe } from "./inbox.ts";
import { expectNoDefects, minutes, site, until, untilServing } from "./site.ts";

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

const policy = { verifyEvery: minutes(1) };
const openIncidents = async () => (await world.deps.ports.store.incidents(site)).open;

it("tells a subscriber when something that all share is in trouble and when it is well, each once", async () => {
  world = await virtualWorld({ desired: 3, policy });
  await untilServing(world, 3);
  const inbox = await subscribe(world);
  world.shared.sessions = "down";
  await until(world, minutes(2), async () => (await openIncidents()).length === 1);
  await world.clock.advance(minutes(3));
  world.shared.sessions = "up";
  await until(world, minutes(6), async () => (await openIncidents()).length === 0);
  await world.clock.advance(minutes(1));
  const [opened, closed, ...more] = await inbox();
  expect(more).toEqual([]);
  expect(opened?.Subject).toBe("moodle: The cache of sessions is in trouble");
  expect(opened?.Message.split("\n")).toEqual([
    "The cache of sessions is in trouble: nobody can log in or stay logged in.",
    "",
    expect.stringMatching(/^Since: 2026-01-\d\d \d\d:\d\d:\d\d UTC$/),
    expect.stringMatching(/^Who says so: \d of 3 nodes: sessions/),
    expect.stringContaining("it blames and replaces no node"),
    expect.stringContaining("closes by itself"),
    "What to look at: the sessions' replication group in ElastiCache: its events, memory and evictions.",
    "What to run: npx warden incidents --site moodle --stage local",
    "",
  ]);
  expect(closed?.Subject).toBe("moodle: The cache of sessions is well again");
  expect(closed?.Message).toMatch(
    /^The cache of sessions is well again after \d+ min; up to 3 of 3 nodes complained\.\n$/,
  );
});

it("gives a chat a card of its own, and one thread for each incident", async () => {
  world = await virtualWorld({ desired: 2, policy });
  await untilServing(world, 2);
  world.shared.files = "down";
  await until(world, minutes(2), async () => (await openIncidents()).length === 1);
  const [{ id = "" } = {}] = await openIncidents();
  world.shared.files = "up";
  await until(world, minutes(6), async () => (await openIncidents()).length === 0);
  await world.clock.advance(minutes(1));
  const cards = cardsSent(world);
  expect(cards).toMatchObject([
    {
      content: {
        title: "moodle: The shared files are in trouble",
        nextSteps: [/mount targets/, /warden incidents/].map(matching),
      },
    },
    { content: { title: "moodle: The shared files are well again" } },
  ]);
  expect(cards.map(({ metadata }) => metadata.threadId)).toEqual([`local/moodle/${id}`, `local/moodle/${id}`]);
});

it("tells also what the pass that saw it could not say on the bus: the sweep says it, whole", async () => {
  const silent = { publish: () => Promise.reject(new Error("no bus")) };
  const mutate: VirtualOptions["mutate"] = (deps, name) =>
    name === "sweep" ? deps : { ...deps, ports: { ...deps.ports, bus: silent } };
  world = await virtualWorld({ desired: 2, policy, mutate });
  await untilServing(world, 2);
  const inbox = await subscribe(world);
  world.shared.cache = "down";
  await until(world, minutes(4), async () => (await inbox()).length === 1);
  expect(world.failures).toEqual([]);
});

it("keeps what could not be told, for somebody to look", async () => {
  world = await virtualWorld({ desired: 2, policy, without: (_, action) => action === "sns:Publish" });
  await untilServing(world, 2);
  world.shared.database = "down";
  await until(world, minutes(2), async () => (await openIncidents()).length === 1);
  // Lambda tries an event again after one minute and after two more (Lambda guide, "Asynchronous invocation").
  await world.clock.advance(minutes(4));
  const { Messages = [] } = await world.clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: world.deployment.queues.normal.dlqUrl, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body = "" }) => JSON.parse(Body))).toMatchObject([{ "detail-type": "Incident Opened" }]);
});

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
