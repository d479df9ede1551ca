/** The commands: what each is called, takes and is for. What they do is loaded when one of them runs. */
import { type Application, type BaseArgs, buildApplication, buildCommand, buildRouteMap } from "@stricli/core";
import manifest from "../package.json" with { type: "json" };
import type { ConfigDiffFlags, ConfigShowFlags } from "./commands/config.ts";
import type { LabFlags } from "./commands/lab.ts";
import type { LabUpFlags } from "./commands/lab-up.ts";
import type { LedgerFlags } from "./commands/ledger.ts";
import type { MoodleBuildFlags } from "./commands/moodle-build.ts";
import type { UpgradeStartFlags } from "./commands/moodle-upgrade.ts";
import type { NodesFlags } from "./commands/nodes.ts";
import type { SimulateFlags } from "./commands/simulate.ts";
import type { UpFlags } from "./commands/up.ts";
import type { WardenContext } from "./context.ts";
import type { Status } from "./errors.ts";
import {
  type ChangeFlags,
  changeFlags,
  duration,
  inspectorPort,
  number,
  optionalText,
  type PlaceFlags,
  placeFlags,
  port,
  toggle,
} from "./flags.ts";
import { textsThatHandTo } from "./usage.ts";

/** @param fail takes each failure, in place of Stricli's own printing */
export function application(fail: (failure: unknown) => void): Application<WardenContext> {
  return buildApplication(commands, {
    name: "warden",
    versionInfo: { currentVersion: manifest.version },
    scanner: { caseStyle: "allow-kebab-for-camel", distanceOptions: nearEnough },
    documentation: { disableAnsiColor: true, onlyRequiredInUsageLine: true },
    localization: { text: textsThatHandTo(fail) },
  });
}

/** Stricli's own weights, and a nearer threshold: a far-fetched proposal is worse than none. */
const nearEnough = { threshold: 4, weights: { insertion: 1, deletion: 3, substitution: 2, transposition: 0 } };

type Run<Flags, Args extends BaseArgs> = (context: WardenContext, flags: Flags, ...args: Args) => Promise<Status>;

/** A loader for Stricli: the command runs, its status is kept. */
function runs<Flags, Args extends BaseArgs>(load: () => Promise<Run<Flags, Args>>) {
  return async () => {
    const command = await load();
    return async function (this: WardenContext, flags: Flags, ...args: Args): Promise<void> {
      this.finish(await command(this, flags, ...args));
    };
  };
}

const ofNode = {
  kind: "tuple",
  parameters: [{ placeholder: "ID", brief: "the instance id", parse: (text: string) => text }],
} as const;

/** A command that asks about or changes one node, or all of a site. */
const changesNode = { flags: changeFlags, positional: ofNode } as const;
const changesSite = { flags: changeFlags } as const;

const up = buildCommand<UpFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/up.ts")).up),
  parameters: {
    flags: {
      port: { kind: "parsed", parse: port, default: "4566", placeholder: "PORT", brief: "where AWS is to answer" },
      consolePort: { kind: "parsed", parse: port, default: "8484", placeholder: "PORT", brief: "where the console is" },
      desired: {
        kind: "parsed",
        parse: number({ least: 0, most: 1000, whole: true }),
        default: "2",
        placeholder: "N",
        brief: "nodes of the fleet",
      },
      speed: {
        kind: "parsed",
        parse: number({ least: 0.1, most: 1000, whole: false }),
        default: "1",
        placeholder: "N",
        brief: "how much faster than real time",
      },
      timing: { kind: "enum", values: ["quick", "aws"], default: "quick", brief: "how long machines take" },
      inspect: {
        kind: "parsed",
        parse: inspectorPort,
        optional: true,
        inferEmpty: true,
        placeholder: "PORT",
        brief: "open the functions to a debugger",
      },
      json: toggle("print one line of JSON when ready, and no story"),
    },
  },
  docs: { brief: "Start AWS, a Moodle fleet and Warden on this machine" },
});

const sites = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/sites.ts")).sites),
  parameters: { flags: placeFlags },
  docs: { brief: "List the sites and how they are" },
});

const nodes = buildCommand<NodesFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/nodes.ts")).nodes),
  parameters: { flags: { ...placeFlags, watch: toggle("keep it up to date until Ctrl-C") } },
  docs: { brief: "List the nodes of a site, and why each is as it is" },
});

const explain = buildCommand<PlaceFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/explain.ts")).explain),
  parameters: { flags: placeFlags, positional: ofNode },
  docs: { brief: "Tell the story of a node: every decision and its reason" },
});

const drain = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/drain.ts")).drain),
  parameters: changesNode,
  docs: { brief: "Take a node away when its work has ended; the group shrinks by one" },
});

const replace = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/replace.ts")).replace),
  parameters: changesNode,
  docs: { brief: "Take a node away when its work has ended; the group starts another" },
});

const hold = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/hold.ts")).hold),
  parameters: changesNode,
  docs: { brief: "Keep Warden from taking a node away of its own accord" },
});

const release = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/release.ts")).release),
  parameters: changesNode,
  docs: { brief: "End a hold" },
});

const stop = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/stop.ts")).stop),
  parameters: changesSite,
  docs: { brief: "Halt everything voluntary; launches and heartbeats go on" },
});

const resume = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/resume.ts")).resume),
  parameters: changesSite,
  docs: { brief: "End a stop" },
});

const doctor = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/doctor.ts")).doctor),
  parameters: { flags: placeFlags },
  docs: { brief: "Check that everything Warden needs is there, and say how to mend what is not" },
});

const simulate = buildCommand<SimulateFlags, [string?], WardenContext>({
  loader: runs(async () => (await import("./commands/simulate.ts")).simulate),
  parameters: {
    flags: {
      seed: {
        kind: "parsed",
        parse: number({ least: 0, most: 2 ** 31, whole: true }),
        default: "1",
        placeholder: "N",
        brief: "the seed of the first run",
      },
      runs: {
        kind: "parsed",
        parse: number({ least: 1, most: 1_000_000, whole: true }),
        default: "1",
        placeholder: "N",
        brief: "how many runs, each with the next seed",
      },
      workers: {
        kind: "parsed",
        parse: number({ least: 1, most: 64, whole: true }),
        optional: true,
        placeholder: "N",
        brief: "threads to spread the runs over (as many as there are cores)",
      },
      json: toggle("one line of JSON"),
      html: optionalText("FILE", "write a page to look at"),
      wire: toggle("with the SDK's own bytes in place of objects: slower"),
      list: toggle("the scenarios that come with Warden"),
      fromLedger: optionalText("FILE", "what another policy would have decided, from a file of `warden ledger`"),
      policy: optionalText("FILE", "that other policy: what it names differs from the site's (Warden's defaults)"),
    },
    positional: {
      kind: "tuple",
      parameters: [
        { placeholder: "FILE", brief: "a scenario: a file, or a built-in one's name", parse: String, optional: true },
      ],
    },
  },
  docs: { brief: "Try a scenario in virtual time, and see whether a rule is ever broken" },
});

const ledger = buildCommand<LedgerFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/ledger.ts")).ledger),
  parameters: {
    flags: {
      ...placeFlags,
      since: { kind: "parsed", parse: duration, default: "24h", placeholder: "TIME", brief: "how far back, as in 12h" },
    },
  },
  docs: { brief: "Print what Warden decided, and from what, as lines of JSON for simulate --from-ledger" },
});

const siteFile = { placeholder: "FILE", brief: "a site configuration", parse: String } as const;

const configShow = buildCommand<ConfigShowFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/config.ts")).configShow),
  parameters: {
    flags: {
      json: toggle("print JSON"),
      file: optionalText("NAME", "print this file of the bundle, as in config.php"),
      group: optionalText("GROUP", "for nodes of this group (the site's own)"),
    },
    positional: { kind: "tuple", parameters: [siteFile] },
  },
  docs: { brief: "Check a site configuration, and show what its nodes get" },
});

const configDiff = buildCommand<ConfigDiffFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./commands/config.ts")).configDiff),
  parameters: {
    flags: { json: toggle("print JSON") },
    positional: { kind: "tuple", parameters: [siteFile, siteFile] },
  },
  docs: { brief: "Show what would be different on the nodes between two site configurations" },
});

const configPush = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/config-push.ts")).configPush),
  parameters: { flags: changeFlags, positional: { kind: "tuple", parameters: [siteFile] } },
  docs: { brief: "Give the nodes a new configuration: one first, then waves, and back when it is bad" },
});

const configStatus = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/config-status.ts")).configStatus),
  parameters: { flags: placeFlags },
  docs: { brief: "Show what the nodes are configured to be, and how far a rollout is" },
});

const configRollback = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/config-rollback.ts")).configRollback),
  parameters: { flags: changeFlags },
  docs: { brief: "Take a rollout back, or return to the configuration before the last" },
});

const config = buildRouteMap({
  routes: { show: configShow, diff: configDiff, push: configPush, status: configStatus, rollback: configRollback },
  docs: { brief: "What a site's nodes are configured to be" },
});

const moodleBuild = buildCommand<MoodleBuildFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./commands/moodle-build.ts")).moodleBuild),
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
  loader: runs(async () => (await import("./commands/moodle-list.ts")).moodleList),
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
  loader: runs(async () => (await import("./commands/moodle-deploy.ts")).moodleDeploy),
  parameters: { flags: changeFlags, positional: ofRelease },
  docs: {
    brief: "Give the nodes a release that needs no upgrade: one first, then waves, and back when it is bad",
    fullDescription: `Give the nodes a release that needs no upgrade: one first, then waves, and back when it is bad.
As in: warden moodle deploy releases/5.1.6-0f3a….tar.gz school.yaml --reason "a fix of the quiz" --wait`,
  },
});

const moodleStatus = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/moodle-status.ts")).moodleStatus),
  parameters: { flags: placeFlags },
  docs: { brief: "Show which Moodle the nodes have, and what is under way" },
});

const upgradePlan = buildCommand<PlaceFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./commands/moodle-upgrade.ts")).upgradePlanned),
  parameters: { flags: placeFlags, positional: ofRelease },
  docs: { brief: "Say what an upgrade would change, and what leads back until when; changes nothing" },
});

const upgradeStart = buildCommand<UpgradeStartFlags, [string, string], WardenContext>({
  loader: runs(async () => (await import("./commands/moodle-upgrade.ts")).upgradeStart),
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
  loader: runs(async () => (await import("./commands/moodle-status.ts")).upgradeStatus),
  parameters: { flags: placeFlags },
  docs: { brief: "Show how far an upgrade is, and how long the site has been closed" },
});

const upgradeAbort = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/moodle-upgrade.ts")).upgradeAbort),
  parameters: changesSite,
  docs: { brief: "Take an upgrade back, as long as Moodle has not changed its database" },
});

const upgrade = buildRouteMap({
  routes: { plan: upgradePlan, start: upgradeStart, status: upgradeStatus, abort: upgradeAbort },
  docs: { brief: "Another Moodle, for which its database has to change" },
});

const moodle = buildRouteMap({
  routes: { build: moodleBuild, list: moodleList, deploy: moodleDeploy, status: moodleStatus, upgrade },
  docs: { brief: "The Moodle that a site's nodes run" },
});

const labUp = buildCommand<LabUpFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/lab-up.ts")).labUp),
  parameters: {
    flags: {
      nodes: {
        kind: "parsed",
        parse: number({ least: 0, most: 10, whole: true }),
        default: "2",
        placeholder: "N",
        brief: "machines of the fleet",
      },
      port: { kind: "parsed", parse: port, default: "4566", placeholder: "PORT", brief: "where AWS is to answer" },
    },
  },
  docs: { brief: "Start AWS, real machines, a data tier and Warden; needs root" },
});

const labStatus = buildCommand<LabFlags, [], WardenContext>({
  loader: runs(async () => (await import("./commands/lab.ts")).labStatus),
  parameters: { flags: { json: toggle("print JSON") } },
  docs: { brief: "Show the machines and parts of the lab that is running, with their addresses" },
});

const labDown = buildCommand<Record<never, never>, [], WardenContext>({
  loader: runs(async () => (await import("./commands/lab.ts")).labDown),
  parameters: {},
  docs: { brief: "End the lab, also what is left of one that was killed" },
});

const labDoctor = buildCommand<{ readonly install: boolean }, [], WardenContext>({
  loader: runs(async () => (await import("./commands/lab.ts")).labDoctor),
  parameters: { flags: { install: toggle("install what is missing, with apt-get") } },
  docs: { brief: "Say which of Debian's packages the lab needs and this computer lacks" },
});

const lab = buildRouteMap({
  routes: { up: labUp, status: labStatus, down: labDown, doctor: labDoctor },
  docs: { brief: "Warden with real machines on this Linux computer" },
});

const commands = buildRouteMap({
  routes: {
    ...{ up, sites, nodes, explain, ledger, drain, replace, hold, release, stop, resume, doctor },
    ...{ config, moodle, simulate, lab },
  },
  docs: { brief: "Keeps a horizontally scaled Moodle on AWS healthy" },
});
