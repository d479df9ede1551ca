/** `warden config …`: what each command is called with. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import { type ChangeFlags, changeFlags, optionalText, type PlaceFlags, placeFlags, toggle } from "../flags.ts";
import { runs, siteFile } from "../route.ts";
import type { ConfigDiffFlags, ConfigShowFlags } from "./config.ts";

const configShow = buildCommand<ConfigShowFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./config.ts")).configShow),
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
  loader: runs(async () => (await import("./config.ts")).configDiff),
  parameters: {
    flags: { json: toggle("print JSON") },
    positional: { kind: "tuple", parameters: [siteFile, siteFile] },
  },
  docs: { brief: "Show what would be different on the nodes between two site configurations" },
});

const configPush = buildCommand<ChangeFlags, [string], WardenContext>({
  loader: runs(async () => (await import("./config-push.ts")).configPush),
  parameters: { flags: changeFlags, positional: { kind: "tuple", parameters: [siteFile] } },
  docs: { brief: "Give the nodes a new configuration: one first, then waves, and back when it is bad" },
});

const configStatus = buildCommand<PlaceFlags, [], WardenContext>({
  loader: runs(async () => (await import("./config-status.ts")).configStatus),
  parameters: { flags: placeFlags },
  docs: { brief: "Show what the nodes are configured to be, and how far a rollout is" },
});

const configRollback = buildCommand<ChangeFlags, [], WardenContext>({
  loader: runs(async () => (await import("./config-rollback.ts")).configRollback),
  parameters: { flags: changeFlags },
  docs: { brief: "Take a rollout back, or return to the configuration before the last" },
});

export const config = buildRouteMap({
  routes: { show: configShow, diff: configDiff, push: configPush, status: configStatus, rollback: configRollback },
  docs: { brief: "What a site's nodes are configured to be" },
});
