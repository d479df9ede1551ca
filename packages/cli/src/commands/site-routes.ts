/** The commands that look at a site and its nodes, or give orders to them: what each is called with. */
import { buildCommand } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import {
  type ChangeFlags,
  changeFlags,
  duration,
  number,
  optionalText,
  type PlaceFlags,
  placeFlags,
  toggle,
} from "../flags.ts";
import { runs } from "../route.ts";
import type { CostFlags } from "./cost.ts";
import type { LedgerFlags } from "./ledger.ts";
import type { NodesFlags } from "./nodes.ts";
import type { ReadyFlags } from "./ready.ts";

const ofNode = {
  kind: "tuple",
  parameters: [{ placeholder: "ID", brief: "the instance id", parse: (text: string) => text }],
} as const;

/** A command that asks about or changes one node, or all of a site. */
const changesNode = { flags: changeFlags, positional: ofNode } as const;
const changesSite = { flags: changeFlags } as const;

export const sites = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./sites.ts")).sites),
  parameters: { flags: placeFlags },
  docs: { brief: "List the sites and how they are" },
});

export const nodes = buildCommand<NodesFlags, [], WardenContext>({
  loader: runs(async () => (await import("./nodes.ts")).nodes),
  parameters: { flags: { ...placeFlags, watch: toggle("keep it up to date until Ctrl-C") } },
  docs: { brief: "List the nodes of a site, and why each is as it is" },
});

export const ready = buildCommand<ReadyFlags, [], WardenContext>({
  loader: runs(async () => (await import("./ready.ts")).ready),
  parameters: {
    flags: {
      ...placeFlags,
      nodes: {
        kind: "parsed",
        parse: number({ least: 1, most: 10_000, whole: true }),
        optional: true,
        placeholder: "N",
        brief: "as many as the peak needs",
      },
      group: optionalText("GROUP", "of this group; needed when the site has several"),
    },
  },
  docs: { brief: "Say whether a site is ready for its visitors, and what falls short" },
});

export const incidents = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./incidents.ts")).incidents),
  parameters: { flags: placeFlags },
  docs: { brief: "List what is wrong with what all nodes of a site share, and what was" },
});

export const explain = buildCommand<PlaceFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./explain.ts")).explain),
  parameters: { flags: placeFlags, positional: ofNode },
  docs: { brief: "Tell the story of a node: every decision and its reason" },
});

export const drain = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./drain.ts")).drain),
  parameters: changesNode,
  docs: { brief: "Take a node away when its work has ended; the group shrinks by one" },
});

export const replace = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./replace.ts")).replace),
  parameters: changesNode,
  docs: { brief: "Take a node away when its work has ended; the group starts another" },
});

export const hold = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./hold.ts")).hold),
  parameters: changesNode,
  docs: { brief: "Keep Warden from taking a node away of its own accord" },
});

export const release = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./release.ts")).release),
  parameters: changesNode,
  docs: { brief: "End a hold" },
});

export const approve = buildCommand<ChangeFlags, [string?], WardenContext>({
  loader: runs(async () => (await import("./approve.ts")).approve),
  parameters: {
    flags: changeFlags,
    positional: {
      kind: "tuple",
      parameters: [
        { placeholder: "PLAN", brief: "which; all that waits is listed without", parse: String, optional: true },
      ],
    },
  },
  docs: { brief: "Show what waits for a person's approval, and approve it" },
});

export const stop = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./stop.ts")).stop),
  parameters: changesSite,
  docs: { brief: "Halt everything voluntary; launches and heartbeats go on" },
});

export const resume = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./resume.ts")).resume),
  parameters: changesSite,
  docs: { brief: "End a stop" },
});

export const detach = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./detach.ts")).detach),
  parameters: changesSite,
  docs: { brief: "Give the site's groups back, hooks and all, before Warden is removed" },
});

export const doctor = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./doctor.ts")).doctor),
  parameters: { flags: placeFlags },
  docs: { brief: "Check that everything Warden needs is there, and say how to mend what is not" },
});

export const cost = buildCommand<CostFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./cost.ts")).cost),
  parameters: {
    flags: {
      json: toggle("print JSON"),
      region: { kind: "enum", values: ["us-east-1", "eu-west-1"], default: "us-east-1", brief: "at the prices of" },
    },
    positional: {
      kind: "tuple",
      parameters: [{ placeholder: "FILE", brief: "what `sst state export` prints", parse: String }],
    },
  },
  docs: {
    brief: "Reckon what a deployed stage costs a month, line by line",
    fullDescription: `Reckon what a deployed stage costs a month, line by line.
As in: npx sst state export --stage production >state.json; warden cost state.json`,
  },
});

export const ledger = buildCommand<LedgerFlags, [], WardenContext>({
  loader: runs(async () => (await import("./ledger.ts")).ledger),
  parameters: {
    flags: {
      ...placeFlags,
      since: { kind: "parsed", parse: duration, default: "24h", placeholder: "TIME", brief: "how far back, as in 12h" },
    },
  },
  docs: { brief: "Print what Warden decided, and from what, as lines of JSON for simulate --from-ledger" },
});
