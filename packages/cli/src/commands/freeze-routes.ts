/** `warden freeze …` and `warden peak …`: what each command is called with. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import { type ChangeFlags, changeFlags, number, optionalText, type PlaceFlags, placeFlags } from "../flags.ts";
import { runs } from "../route.ts";
import type { FreezeAddFlags, PeakAddFlags } from "./freeze.ts";

const time = (brief: string) => ({ kind: "parsed", parse: String, placeholder: "TIME", brief }) as const;

const windowFlags = {
  ...changeFlags,
  from: time('its beginning, by the site\'s clock, as in "2026-06-22 08:00"'),
  to: time("its end"),
};

const id = {
  kind: "tuple",
  parameters: [{ placeholder: "ID", brief: "as `warden freeze list` shows it", parse: String }],
} as const;

const freezeAdd = buildCommand<FreezeAddFlags, [], WardenContext>({
  loader: runs(async () => (await import("./freeze.ts")).freezeAdd),
  parameters: { flags: windowFlags },
  docs: { brief: "Plan a time in which nothing voluntary happens to a site's nodes" },
});

const peakAdd = buildCommand<PeakAddFlags, [], WardenContext>({
  loader: runs(async () => (await import("./freeze.ts")).peakAdd),
  parameters: {
    flags: {
      ...windowFlags,
      nodes: {
        kind: "parsed",
        parse: number({ least: 1, most: 10_000, whole: true }),
        placeholder: "N",
        brief: "so many are in service before it begins, and stay",
      },
      group: optionalText("GROUP", "of this group; needed when the site has several"),
    },
  },
  docs: { brief: "Plan a freeze for which so many nodes are in service beforehand" },
});

const list = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./freeze.ts")).freezeList),
  parameters: { flags: placeFlags },
  docs: { brief: "List the freezes and peaks of a site, and what is held for them" },
});

const end = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./freeze.ts")).freezeEnd),
  parameters: { flags: changeFlags, positional: id },
  docs: { brief: "End one, or take it off the calendar: what is held is given back" },
});

export const freeze = buildRouteMap({
  routes: { add: freezeAdd, list, end },
  docs: { brief: "Times in which nothing voluntary happens to a site's nodes" },
});

export const peak = buildRouteMap({
  routes: { add: peakAdd, list, end },
  docs: { brief: "Times with many visitors: capacity beforehand, and nothing voluntary meanwhile" },
});
