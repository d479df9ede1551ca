/** `warden up`: what it is called with. */
import { buildCommand } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import { inspectorPort, number, port, toggle } from "../flags.ts";
import { runs } from "../route.ts";
import type { UpFlags } from "./up.ts";

export const up = buildCommand<UpFlags, [], WardenContext>({
  loader: runs(async () => (await import("./up.ts")).up),
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
