/** `warden lab …`: what each command is called with. A new one is added here, and to the map at the end. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import { duration, number, optionalText, port, toggle } from "../flags.ts";
import { runs } from "../route.ts";
import type { LabFlags } from "./lab.ts";
import type { BenchFlags } from "./lab-bench.ts";
import type { BreakFlags, HealFlags } from "./lab-break.ts";
import type { LoadFlags } from "./lab-load.ts";
import type { LabUpFlags } from "./lab-up.ts";

const labUp = buildCommand<LabUpFlags, [], WardenContext>({
  loader: runs(async () => (await import("./lab-up.ts")).labUp),
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
      spot: toggle("use Spot Instances, which AWS may take back"),
      moodle: optionalText("PATH", "a source tree of Moodle, or an archive of `warden moodle build`"),
    },
  },
  docs: { brief: "Start AWS, real machines, a data tier and Warden; needs root" },
});

const labStatus = buildCommand<LabFlags, [], WardenContext>({
  loader: runs(async () => (await import("./lab.ts")).labStatus),
  parameters: { flags: { json: toggle("print JSON") } },
  docs: { brief: "Show the machines and parts of the lab that is running, with their addresses" },
});

const labLoad = buildCommand<LoadFlags, [], WardenContext>({
  loader: runs(async () => (await import("./lab-load.ts")).labLoad),
  parameters: {
    flags: {
      visitsPerSecond: {
        kind: "parsed",
        parse: number({ least: 0.01, most: 100, whole: false }),
        default: "1",
        placeholder: "N",
        brief: "how many visitors come, on average",
      },
      time: { kind: "parsed", parse: duration, default: "1m", placeholder: "TIME", brief: "how long they come" },
      seed: {
        kind: "parsed",
        parse: number({ least: 0, most: 2 ** 31, whole: true }),
        default: "1",
        placeholder: "N",
        brief: "of the moments at which they come",
      },
      transfers: {
        kind: "parsed",
        parse: number({ least: 0, most: 1000, whole: true }),
        default: "0",
        placeholder: "N",
        brief: "slow uploads, and as many slow downloads",
      },
      megabytes: {
        kind: "parsed",
        parse: number({ least: 0.001, most: 1000, whole: false }),
        default: "20",
        placeholder: "N",
        brief: "of a slow transfer",
      },
      megabytesPerSecond: {
        kind: "parsed",
        parse: number({ least: 0.001, most: 100, whole: false }),
        default: "0.8",
        placeholder: "N",
        brief: "of a slow transfer",
      },
      plot: optionalText("FILE", "draw it, as SVG"),
      json: toggle("print JSON"),
    },
  },
  docs: { brief: "Send visitors to the lab that is running, and say how it was for them" },
});

const what = {
  placeholder: "WHAT",
  brief: "sessions, cache, database, files, warden; of one node: power, network, freeze, disk, workers, spot",
  parse: String,
} as const;
const oneNode = optionalText("ID", "the node that has it");

const labBreak = buildCommand<BreakFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./lab-break.ts")).labBreak),
  parameters: {
    flags: {
      node: oneNode,
      delay: {
        kind: "parsed",
        parse: number({ least: 0.01, most: 60_000, whole: false }),
        optional: true,
        placeholder: "MS",
        brief: "files: what each request takes longer; without it they hang",
      },
    },
    positional: { kind: "tuple", parameters: [what] },
  },
  docs: { brief: "Break a part of the lab that is running, or one of its machines" },
});

const labHeal = buildCommand<HealFlags, [string?], WardenContext>({
  loader: runs(async () => (await import("./lab-break.ts")).labHeal),
  parameters: {
    flags: { node: oneNode },
    positional: { kind: "tuple", parameters: [{ ...what, optional: true }] },
  },
  docs: { brief: "Heal what was broken: all of it, or only that" },
});

const labBenchCache = buildCommand<BenchFlags, [], WardenContext>({
  loader: runs(async () => (await import("./lab-bench.ts")).labBenchCache),
  parameters: {
    flags: {
      moodle: {
        kind: "parsed",
        parse: String,
        placeholder: "PATH",
        brief: "a source tree of Moodle, or an archive of `warden moodle build`",
      },
      port: { kind: "parsed", parse: port, default: "4566", placeholder: "PORT", brief: "where AWS is to answer" },
      short: toggle("three delays, one user, one round: some minutes instead of more than an hour"),
      repeats: {
        kind: "parsed",
        parse: number({ least: 1, most: 20, whole: true }),
        optional: true,
        placeholder: "N",
        brief: "how often all of it is measured",
      },
      plot: optionalText("FILE", "draw it, as SVG"),
      json: toggle("print JSON"),
    },
  },
  docs: { brief: "Measure Moodle's application cache on shared files, on Redis and on a local disk" },
});

const labBench = buildRouteMap({
  routes: { cache: labBenchCache },
  docs: { brief: "Measure something in a lab of its own" },
});

const labDown = buildCommand<Record<never, never>, [], WardenContext>({
  loader: runs(async () => (await import("./lab.ts")).labDown),
  parameters: {},
  docs: { brief: "End the lab, also what is left of one that was killed" },
});

const labDoctor = buildCommand<{ readonly install: boolean }, [], WardenContext>({
  loader: runs(async () => (await import("./lab.ts")).labDoctor),
  parameters: { flags: { install: toggle("install what is missing, with apt-get") } },
  docs: { brief: "Say which of Debian's packages the lab needs and this computer lacks" },
});

export const lab = buildRouteMap({
  routes: {
    up: labUp,
    status: labStatus,
    load: labLoad,
    break: labBreak,
    heal: labHeal,
    bench: labBench,
    down: labDown,
    doctor: labDoctor,
  },
  docs: { brief: "Warden with real machines on this Linux computer" },
});
