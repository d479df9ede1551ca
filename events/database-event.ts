/** RDS worked on the database, or it failed over: whoever had connections has them no longer. */
import * as z from "zod/mini";
import { defineEvent } from "./event.ts";
import { databaseName, word } from "./shapes/names.ts";
import { hintedTime } from "./shapes/time.ts";

/** Backups, snapshots and what is merely announced disturb nobody (RDS guide, "Amazon RDS event categories"). */
const categories = ["availability", "failover", "failure", "maintenance", "recovery", "restoration"];

export const databaseEvent = defineEvent({
  name: "database-event",
  lane: "normal",
  source: "aws.rds",
  detailTypes: ["RDS DB Instance Event", "RDS DB Cluster Event"],
  detail: { EventCategories: categories },
  schema: () =>
    z.object({
      detail: z.object({
        EventCategories: z.array(word),
        /** In the guide's own sample it begins with `rds:`. */
        SourceIdentifier: z.pipe(
          z.string(),
          z.pipe(
            z.transform((text: string) => text.replace(/^rds:/, "")),
            databaseName,
          ),
        ),
        Date: z.optional(hintedTime),
      }),
    }),
  points({ detail: { EventCategories, SourceIdentifier: name, Date: at } }) {
    const what = EventCategories.find((category) => categories.includes(category));
    if (what === undefined) return { nothingToDo: "it disturbs nobody who uses the database" };
    return [{ kind: "dependency", service: "rds", name, what, ...(at !== undefined && { at }) }];
  },
});
