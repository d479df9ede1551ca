/** What a node purges after an outage of the application cache, and what it leaves: with a real Moodle, see world.ts. */
import { createHash } from "node:crypto";
import { type Ended, until } from "@warden/lab/processes";
import { purgeCacheOutput } from "@warden/moodle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type MoodleNode, type MoodleWorld, moodleWorld, sourceTree } from "./world.ts";

const tree = sourceTree();
let world: MoodleWorld;
let other: MoodleNode;
let causes = 0;

beforeAll(async () => {
  if (tree === undefined) return;
  world = await moodleWorld(tree.path, tree.release);
  other = world.anotherNode();
  const { stdout } = await world.schema("install", "Judge-1234").ended;
  expect(stdout.slice(-1000)).toMatch(/\ninstalled\n$/);
}, 600_000);

afterAll(() => world?.stop());

describe.skipIf(tree === undefined)(`the caches of Moodle ${tree?.release ?? ""} after an outage`, () => {
  it("hold settings again as the database has them, also where Moodle itself begins with stale ones", async () => {
    planted();
    expect(setting("allowthemechangeonurl")).toBe("planted");
    expect(world.inMoodle("echo json_encode(get_config('quiz', 'autosaveperiod'));")).toBe("planted");
    const answer = await purged();
    expect(answer.purged).toContain("core/config");
    expect(answer.equal).toEqual([]);
    expect(setting("allowthemechangeonurl")).toBe("0");
    expect(world.inMoodle("echo json_encode(get_config('quiz', 'autosaveperiod'));")).toBe("60");
  });

  it("keep settings that are what the database has, and everything that a version names", async () => {
    world.inMoodle(`get_config('quiz'); get_config('noplugin'); get_fast_modinfo(SITEID); purify_html('<b>x');
      get_string('yes'); cache::make('core', 'string')->set('judge', 'kept'); echo '1';`);
    const before = fields();
    const answer = await purged();
    expect(answer.equal).toEqual(["core/config"]);
    expect(answer.purged).not.toContain("core/config");
    expect(answer.versioned).toEqual(
      expect.arrayContaining(["core/coursemodinfo", "core/string", "core/htmlpurifier"]),
    );
    for (const area of ["config", "coursemodinfo", "string", "htmlpurifier"]) {
      expect(before[area], area).toBeGreaterThan(0);
      expect(fields()[area], area).toBe(before[area]);
    }
  });

  it.each([
    ["a setting that the database no longer has", "$values['quiz']['gone'] = '1';"],
    ["a plugin that the database no longer has", "$values['gone'] = ['version' => '1'];"],
    ["a setting that is missing", "unset($values['quiz']['autosaveperiod']);"],
    ["a number that is only much the same", "$values['quiz']['autosaveperiod'] = '60.0';"],
  ])("do not pass with %s", async (_, change) => {
    world.inMoodle(`get_config('quiz'); $values = ['quiz' => (array) get_config('quiz')]; ${change}
      cache::make('core', 'config')->set_many($values); echo '1';`);
    expect((await purged()).purged).toContain("core/config");
    expect((await purged()).equal).toEqual(["core/config"]);
  });

  it("lose whatever else may be stale", async () => {
    // Moodle 4.5 has no such promise to break.
    const areas = ["coursecattree", "databasemeta", ...(tree?.release === "4.5" ? [] : ["ai_policy"])];
    const each = (what: string): unknown =>
      world.inMoodle(`echo json_encode(array_map(function ($area) {
        $cache = cache::make('core', $area, $area === 'databasemeta' ? ['dbfamily' => 'mysql'] : []);
        return $cache->${what};
      }, ${JSON.stringify(areas)}));`);
    each("set(2, 'stale')");
    expect(each("get(2)")).toEqual(areas.map(() => "stale"));
    expect((await purged()).purged).toEqual(expect.arrayContaining(areas.map((area) => `core/${area}`)));
    expect(each("get(2)")).not.toContain("stale");
  });

  it("are told to caches within sessions, whose own marks were lost, too", async () => {
    const events = "echo json_encode(cache::make('core', 'eventinvalidation')->get('changesincourse'));";
    world.inMoodle("cache::make('core', 'eventinvalidation')->purge(); echo '1';");
    expect(world.inMoodle(events)).toBe(false);
    await purged();
    expect(world.inMoodle(events)).toEqual({ purged: expect.any(String) });
  });

  it("leave nothing in the files that Moodle used meanwhile, which the next outage would bring back", async () => {
    await world.tier.lose("cache");
    expect(setting("allowthemechangeonurl")).toBe("0");
    expect((await world.purge("down").ended).status).not.toBe(0);
    await world.tier.restore("cache");
    await purged();
    world.inMoodle("set_config('allowthemechangeonurl', '1'); echo '1';");
    await world.tier.lose("cache");
    try {
      expect(setting("allowthemechangeonurl")).toBe("1");
    } finally {
      await world.tier.restore("cache");
    }
    world.inMoodle("set_config('allowthemechangeonurl', '0'); echo '1';");
    expect(outcomeOf(await world.purge("down").ended)).toBe("purged");
  });

  it("leave sessions and other sites alone", async () => {
    world.tier.redis("sessions", "set", "judge_sessions_x", "kept");
    world.tier.redis("cache", "hset", "other_cache_x", "field", "kept");
    await purged();
    expect(world.tier.redis("sessions", "get", "judge_sessions_x")).toBe("kept");
    expect(world.tier.redis("cache", "hget", "other_cache_x", "field")).toBe("kept");
  });

  it("are purged once for a cause, whichever node is asked again", async () => {
    const cause = next();
    expect(outcomeOf(await world.purge(cause).ended)).toBe("purged");
    planted();
    expect(outcomeOf(await other.purge(cause).ended)).toBe("already");
    expect(setting("allowthemechangeonurl")).toBe("planted");
    expect(outcomeOf(await other.purge(next()).ended)).toBe("purged");
    expect(setting("allowthemechangeonurl")).toBe("0");
  });

  it("are purged once by two nodes at the same instant", async () => {
    const cause = next();
    const held = await lease();
    const answers = [world.purge(cause).ended, other.purge(cause).ended];
    await until(() => expect(waiting()).toBe("2"), "both");
    await held.release();
    expect((await Promise.all(answers)).map(outcomeOf).sort()).toEqual(["already", "purged"]);
  });

  it("are left to whoever has the lease, for a while", async () => {
    const held = await lease();
    expect(outcomeOf(await world.purge(next()).ended)).toBe("held");
    await held.release();
  });

  it("are purged by the next when the one that does it is killed", async () => {
    const cause = next();
    planted();
    world.tier.redis("cache", "client", "pause", "60000", "write");
    const first = world.purge(cause);
    const midst = / flags=b.* cmd=(unlink|del) /;
    await until(() => expect(world.tier.redis("cache", "client", "list")).toMatch(midst), "the purge");
    await first.kill();
    world.tier.redis("cache", "client", "unpause");
    expect(outcomeOf(await other.purge(cause).ended)).toBe("purged");
    expect(setting("allowthemechangeonurl")).toBe("0");
  });

  it("are marked for the last few causes only", async () => {
    for (let count = 0; count < 12; count++) await purged();
    const marks = world.tier.sql("SELECT value FROM mdl_config_plugins WHERE plugin = 'warden' AND name = 'purged'");
    expect(z.array(z.string()).parse(JSON.parse(marks))).toHaveLength(10);
  });
});

const next = (): string => `outage-${++causes}`;

/** By a node that was not asked for this cause before. */
async function purged() {
  const answer = answered(await world.purge(next()).ended);
  expect(answer.outcome).toBe("purged");
  return answer;
}

function answered({ stdout }: Ended) {
  const answer = purgeCacheOutput.parse(JSON.parse(stdout));
  if (!answer.ok) throw new Error(answer.message);
  return answer;
}

const outcomeOf = (ended: Ended): string => answered(ended).outcome;

/** As a Redis that lost its last writes: what the cache says is not what the database has, and pages believe the cache. */
function planted(): void {
  world.inMoodle(`$cache = cache::make('core', 'config');
    foreach (['core' => 'allowthemechangeonurl', 'quiz' => 'autosaveperiod'] as $plugin => $name) {
      get_config($plugin, 'version');
      $cache->set($plugin, [$name => 'planted'] + $cache->get($plugin));
    }
    echo '1';`);
}

/** As Moodle starts with it. */
const setting = (name: string): unknown => other.inMoodle(`echo json_encode($CFG->${name});`);

/** How many values the shared store holds, by definition: each is one hash. */
function fields(): Readonly<Record<string, number>> {
  const key = (area: string): string => `judge_cache_${createHash("md5").update(`1 core ${area}`).digest("hex")}`;
  const areas = ["config", "coursemodinfo", "string", "htmlpurifier"];
  return Object.fromEntries(areas.map((area) => [area, Number(world.tier.redis("cache", "hlen", key(area)))]));
}

const lease = () =>
  world.hold("$held = core\\lock\\lock_config::get_lock_factory('warden_purge')->get_lock('muc', 0);");

const waiting = (): string =>
  world.tier.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock'");
