/** `warden simulate`: what it is called with. */
import { buildCommand } from "@stricli/core";
import type { WardenContext } from "../context.ts";
import { number, optionalText, toggle } from "../flags.ts";
import { runs } from "../route.ts";
import type { SimulateFlags } from "./simulate.ts";

export const simulate = buildCommand<SimulateFlags, [string?], WardenContext>({
  loader: runs(async () => (await import("./simulate.ts")).simulate),
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
