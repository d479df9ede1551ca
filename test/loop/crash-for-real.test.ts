/** The functions are child processes here, and somebody kills them all the time, in the middle of whatever they do. */
import { setTimeout as sleep } from "node:timers/promises";
import { clientConfig, seededRandom } from "@warden/aws-local";
import { connect } from "@warden/worlds/connect";
import { type LocalWorld, startLocal } from "@warden/worlds/local";
import { expect, it } from "vitest";
import { activities, desire, expired, nodes, states } from "./site.ts";

const count = 50;
const patience = 110_000;

it("brings 50 nodes in and out while its functions are killed at random moments", async () => {
  const startedAt = Date.now();
  const world = await startLocal(
    { port: 0, desired: 0, speed: 4, timing: "quick", fleet: { min: 0, max: count } },
    () => {},
  );
  const killer = startKiller(world);
  try {
    const connected = await connect({
      stage: world.deployment.stage,
      client: clientConfig(world.aws.router),
      log: { info() {}, warn() {}, error() {} },
      now: Date.now,
      id: () => "test",
    });
    const watched = { clients: connected.clients, deps: connected.deps };

    await desire(watched, count);
    await eventually(async () => {
      const current = [...(await states(watched)).values()];
      return current.length === count && current.every((state) => state === "InService");
    });
    const launched = Date.now() - startedAt;
    const killedBy = killer.kills();
    await desire(watched, 0);
    await eventually(async () => (await states(watched)).size === 0);
    console.log(
      `${count} nodes in after ${launched / 1000} s (${killedBy} kills), out after ` +
        `${(Date.now() - startedAt) / 1000} s (${killer.kills()} kills)`,
    );

    // How many depends on how fast this computer is.
    expect(killer.kills()).toBeGreaterThan(5);
    // Every node came and went by an answer: none by default, none in vain.
    expect(await expired(watched)).toEqual([]);
    const done = await activities(watched);
    expect(done.filter((each) => each.StatusCode !== "Successful")).toEqual([]);
    expect(done.filter((each) => each.Description?.startsWith("Launching"))).toHaveLength(count);
    for (const { record } of await nodes(watched)) expect(record.episode?.result?.value).toBe("CONTINUE");
    expect(await nodes(watched)).toHaveLength(count);
    expect(world.defects).toEqual([]);
  } finally {
    killer.stop();
    await world.stop();
  }

  async function eventually(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      if (Date.now() - startedAt > patience) throw new Error(`not done after ${patience / 1000} s`);
      await sleep(500);
    }
  }
}, 120_000);

/** Kills the environments of a function of the loop picked at random, about once a second. */
function startKiller(world: LocalWorld): { kills(): number; stop(): void } {
  const random = seededRandom(7);
  const names = Object.values(world.deployment.functions)
    .map(({ name }) => name)
    .filter((name) => !name.endsWith("-notify"));
  let kills = 0;
  let timer = setTimeout(kill, 200);

  function kill(): void {
    const name = random.pick(names);
    const { concurrent, warm } = world.aws.lambda.statistics(name);
    if (concurrent + warm > 0) kills += 1;
    world.aws.lambda.kill(name);
    timer = setTimeout(kill, random.integer(400, 1_600));
  }

  return { kills: () => kills, stop: () => clearTimeout(timer) };
}
