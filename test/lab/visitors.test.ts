/**
 * Visitors while the fleet grows and shrinks, by both ways of leaving: Auto Scaling ends a node, and a person has one drained.
 * Each request is checked by the visitor who made it; slow uploads and downloads are under way all the time.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoadFigures, loadFigures } from "@warden/lab/load/figures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drainIn, storiesOf } from "./ledger.ts";
import { type LabNode, type RunningLab, runningLab, saidBy, startTime } from "./running-lab.ts";

let lab: RunningLab;

beforeAll(async () => {
  lab = await runningLab(["--nodes", "2"]);
  await lab.inService(2);
}, startTime * 1000);
afterAll(() => lab?.end(), 120_000);

/** Visitors who come as long as the fleet changes. */
const many = ["--time", "15m", "--transfers", "40", "--megabytes", "20", "--megabytes-per-second", "0.8"];
/** Its two begin at once. */
const big = ["--time", "1s", "--transfers", "1", "--megabytes", "200", "--megabytes-per-second", "5"];

const load = (...words: string[]): ChildProcess => lab.begin("lab", "load", "--json", ...words);

async function figuresOf(child: ChildProcess): Promise<LoadFigures> {
  const { out, err } = await saidBy(child);
  return loadFigures.parse(JSON.parse(out), { error: () => err });
}

/** Seconds in which a node is let go when nothing holds it any more: on a machine that has nothing else to do it is 3. */
const mostAfterLast = 30;

/** Milliseconds since 1970, by whom the visitors were served. */
const lastAnswered = (id: string, loads: readonly LoadFigures[]): number =>
  Math.max(
    ...loads.flatMap(({ began, machines }) =>
      machines.filter(({ machine }) => machine === id).map(({ last }) => began + last),
    ),
  );

/** As Auto Scaling itself scales in: left with zones of unequal size, it would launch one and end another than the test means. */
function fullestZoneFirst(nodes: readonly LabNode[]): readonly LabNode[] {
  const inZoneOf = ({ zone }: LabNode): number => nodes.filter((other) => other.zone === zone).length;
  const [first, ...others] = nodes.toSorted((one, other) => inZoneOf(other) - inZoneOf(one));
  return first === undefined ? [] : [first, ...fullestZoneFirst(others)];
}

const none = { connection: 0, "lost-session": 0, status: 0, "time-out": 0, "wrong-bytes": 0, "wrong-user": 0 };

describe("visitors of the lab", { timeout: 900_000 }, () => {
  it("lose no request and no session while two nodes become four and then one", async () => {
    const visits = load(...many);
    const [saidOfMany, saidOfBig] = [figuresOf(visits), figuresOf(load(...big))];
    await lab.desire(4);
    const four = await lab.inService(4);
    const [first, second, third] = fullestZoneFirst(four);
    // Those who have just come get their share.
    await sleep(15_000);
    await lab.terminate(first?.id ?? "");
    expect(await lab.warden("drain", second?.id ?? "", "--reason", "to see it go")).toMatchObject({ status: 0 });
    await lab.inService(2);
    await lab.terminate(third?.id ?? "");
    await lab.inService(1);
    await sleep(5_000);
    visits.kill("SIGINT");
    const [figures, ofBig] = [await saidOfMany, await saidOfBig];
    for (const { failures, pages } of [figures, ofBig]) expect(failures, JSON.stringify(pages)).toEqual(none);
    expect(ofBig.requests.notSent).toBe(0);
    // There was something to lose: each kind of page, and each of the four.
    const pages = new Set([...figures.pages, ...ofBig.pages].map(({ page }) => page));
    expect([...pages].sort()).toEqual([
      ...["course", "download", "log in", "log out", "login page", "slow download", "slow upload", "submit"],
      ...["upload", "upload before a slow download"],
    ]);
    const machines = figures.machines.map(({ machine }) => machine);
    expect(machines).toEqual(expect.arrayContaining(four.map(({ id }) => id)));

    const stories = await storiesOf(lab);
    for (const id of [first, second, third].map((node) => node?.id ?? "")) {
      const drain = drainIn(stories.get(id) ?? []);
      if (drain === undefined) throw new Error(`the hook of ${id} was not answered`);
      const late = (drain.answered - Math.max(drain.opened, lastAnswered(id, [figures, ofBig]))) / 1000;
      console.log(`drain of ${id}: ended ${late.toFixed(1)} s after its hook opened and its last request ended`);
      expect(late).toBeLessThan(mostAfterLast);
    }
  });
});
