/** `warden moodle …`: what each command is called with. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import { type ChangeFlags, changeFlags, type PlaceFlags, placeFlags, toggle } from "../flags.ts";
import { runs, siteFile } from "../route.ts";
import type { MoodleBuildFlags } from "./moodle-build.ts";
import type { RehearseFlags, UpgradeStartFlags } from "./moodle-upgrade.ts";

const moodleBuild = buildCommand<MoodleBuildFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./moodle-build.ts")).moodleBuild),
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: String,
        default: "releases",
        placeholder: "DIR",
        brief: "where the archive is put",
      },
      json: toggle("print JSON"),
    },
    positional: {
      kind: "tuple",
      parameters: [{ placeholder: "FILE", brief: "a moodle.lock", parse: String, default: "moodle.lock" }],
    },
  },
  docs: { brief: "Build a release of Moodle and its plugins from what a lock pins" },
});

const moodleList = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./moodle-list.ts")).moodleList),
  parameters: { flags: placeFlags },
  docs: { brief: "List the releases in the bucket, and which groups have them" },
});

const ofRelease = {
  kind: "tuple",
  parameters: [
    { placeholder: "RELEASE", brief: "an archive, or the name of one in the bucket", parse: String },
    siteFile,
  ],
} as const;

const moodleDeploy = buildCommand<ChangeFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./moodle-deploy.ts")).moodleDeploy),
  parameters: { flags: changeFlags, positional: ofRelease },
  docs: {
    brief: "Give the nodes a release that needs no upgrade: one first, then waves, and back when it is bad",
    fullDescription: `Give the nodes a release that needs no upgrade: one first, then waves, and back when it is bad.
As in: warden moodle deploy releases/5.1.6-0f3a….tar.gz school.yaml --reason "a fix of the quiz" --wait`,
  },
});

const moodleStatus = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./moodle-status.ts")).moodleStatus),
  parameters: { flags: placeFlags },
  docs: { brief: "Show which Moodle the nodes have, and what is under way" },
});

const upgradePlan = buildCommand<PlaceFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./moodle-upgrade.ts")).upgradePlanned),
  parameters: { flags: placeFlags, positional: ofRelease },
  docs: { brief: "Say what an upgrade would change, and what leads back until when; changes nothing" },
});

const upgradeRehearse = buildCommand<RehearseFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./moodle-upgrade.ts")).upgradeRehearse),
  parameters: {
    flags: {
      ...changeFlags,
      on: { kind: "parsed", parse: String, placeholder: "COPY", brief: "a copy of the database: HOST[:PORT][/NAME]" },
    },
    positional: ofRelease,
  },
  docs: {
    brief: "Try an upgrade on a copy of the database: whether Moodle can, and how long it takes",
    fullDescription: `Try an upgrade on a copy of the database: whether Moodle can, and how long it takes. Nothing of the site is changed.
As in: warden moodle upgrade rehearse releases/5.2.0-0f3a….tar.gz school.yaml --on rehearsal.c1x2.eu-west-1.rds.amazonaws.com --wait --timeout 6h`,
  },
});

const upgradeStart = buildCommand<UpgradeStartFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./moodle-upgrade.ts")).upgradeStart),
  parameters: {
    flags: {
      ...changeFlags,
      withoutRecoveryPoints: toggle("begin although nothing would lead back once the database has changed"),
    },
    positional: ofRelease,
  },
  docs: {
    brief: "Upgrade Moodle: asked of every node first, done by one, the site closed where Moodle wants it",
    fullDescription: `Upgrade Moodle: asked of every node first, done by one, the site closed where Moodle wants it.
As in: warden moodle upgrade start releases/5.2.0-0f3a….tar.gz school.yaml --reason "autumn term" --wait --timeout 2h`,
  },
});

const upgradeStatus = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./moodle-status.ts")).upgradeStatus),
  parameters: { flags: placeFlags },
  docs: { brief: "Show how far an upgrade is, and how long the site has been closed" },
});

const upgradeAbort = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./moodle-upgrade.ts")).upgradeAbort),
  parameters: { flags: changeFlags },
  docs: { brief: "Take an upgrade back, as long as Moodle has not changed its database" },
});

const upgrade = buildRouteMap({
  routes: {
    plan: upgradePlan,
    rehearse: upgradeRehearse,
    start: upgradeStart,
    status: upgradeStatus,
    abort: upgradeAbort,
  },
  docs: { brief: "Another Moodle, for which its database has to change" },
});

export const moodle = buildRouteMap({
  routes: { build: moodleBuild, list: moodleList, deploy: moodleDeploy, status: moodleStatus, upgrade },
  docs: { brief: "The Moodle that a site's nodes run" },
});
