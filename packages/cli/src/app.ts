/** The tree of commands. The routes beside them say what each takes and is for; what it does is loaded when it runs. */
import { type Application, buildApplication, buildRouteMap } from "@stricli/core";
import manifest from "../package.json" with { type: "json" };
import { config } from "./commands/config-routes.ts";
import { freeze, peak } from "./commands/freeze-routes.ts";
import { lab } from "./commands/lab-routes.ts";
import { moodle } from "./commands/moodle-routes.ts";
import { simulate } from "./commands/simulate-route.ts";
import {
  approve,
  cost,
  detach,
  doctor,
  drain,
  explain,
  hold,
  incidents,
  ledger,
  nodes,
  ready,
  release,
  replace,
  resume,
  sites,
  stop,
} from "./commands/site-routes.ts";
import { up } from "./commands/up-route.ts";
import type { WardenContext } from "./context.ts";
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

const commands = buildRouteMap({
  routes: {
    ...{ up, sites, nodes, ready, incidents, explain, ledger, doctor, cost },
    ...{ drain, replace, approve, hold, release, stop, resume, freeze, peak, detach },
    ...{ config, moodle, simulate, lab },
  },
  docs: { brief: "Keeps a horizontally scaled Moodle on AWS healthy" },
});
