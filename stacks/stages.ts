/** What differs between stages, and nowhere else: which sites each has, how large they are, and what must outlive it. */
import { type Size, sizes } from "./sizes.ts";
import type { Site, Stage } from "./stage.ts";

export function stageNamed(name: string): Stage {
  if (name === "production")
    return {
      ...{ name, production: true, network: sizes.medium.network, logs: "3 months", hookTimeout: 900, budget: 800 },
      trail: false,
      tell: ["operations@example.org"],
      sites: [
        {
          ...siteOf(sizes.medium),
          timetable: [
            { name: "lessons", cron: "30 7 * * MON-FRI", min: 3 },
            { name: "evening", cron: "0 18 * * MON-FRI", min: sizes.medium.nodes.min },
          ],
        },
      ],
    };
  if (name === "staging") return { ...own(name, sizes.small), logs: "1 month", budget: 350 };
  return own(name, sizes.thrifty);
}

const siteOf = ({ nodes, database, caches }: Size, host = "moodle.example.org"): Site => ({
  ...{ name: "moodle", title: "Moodle", administrator: "operations@example.org", host },
  ...{ timeZone: "Europe/Vienna", release: "5.1", php: "8.3", timetable: [] },
  ...{ nodes, database, caches, files: { kind: "new" } },
  balancer: { kind: "new", cloudFront: false, firewall: "none" },
});

/** Any other name is somebody's own stage: it costs little, and nothing of it is kept. */
const own = (name: string, size: Size): Stage => ({
  ...{ name, production: false, network: size.network, sites: [siteOf(size, `${name}.moodle.example.org`)] },
  ...{ logs: "1 week", hookTimeout: $dev ? 3_600 : 900, budget: 120, trail: false, tell: [] },
});
