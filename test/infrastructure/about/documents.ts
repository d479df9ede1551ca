/** What the loop sends is what is registered, and what is registered tells the command where everything is. */

import { documents as all_, textOf } from "@warden/moodle";
import { deploymentSchema, registeredDocumentsSchema } from "@warden/worlds/deployment";
import { describe, expect, it } from "vitest";
import { fromItem, readSite } from "../../../packages/aws/src/store/items.ts";
import { all, type Graphs, one, stages } from "../stages.ts";

/** Two stages may share an account. */
const nameIn = (stage: string, name: string): string => name.replace("Warden-", `warden-${stage}-`);

export function documents(graph: Graphs): void {
  describe.each(stages)("%s", (stage) => {
    it("registers each document with its text", () => {
      const found = all(graph(stage), "aws:ssm/document:Document").map(({ inputs }) => [
        inputs["name"],
        inputs["content"],
      ]);
      expect(found).toEqual(all_.map((document) => [nameIn(stage, document.name), textOf(document)]));
    });

    it("gives each function name and version of each document, and the rest of what it asks its environment for", () => {
      const loop = all(graph(stage), "aws:lambda/function:Function").filter(({ name }) => name !== "NotifyFunction");
      expect(loop).toHaveLength(4);
      for (const { inputs } of loop) {
        const found = inputs["environment"].variables;
        expect(registeredDocumentsSchema().parse(JSON.parse(found["WARDEN_DOCUMENTS"]))).toEqual({
          prefix: `warden-${stage}-`,
          versions: Object.fromEntries(all_.map(({ name }) => [name, "1"])),
        });
        expect(found).toMatchObject({
          WARDEN_TABLE: `warden-${stage}-table`,
          WARDEN_BUS: `warden-${stage}-bus`,
          WARDEN_URGENT_QUEUE: `https://sqs.eu-west-1.amazonaws.com/123456789012/warden-${stage}-urgent`,
          WARDEN_NORMAL_QUEUE: `https://sqs.eu-west-1.amazonaws.com/123456789012/warden-${stage}-normal`,
        });
        expect(Number(found["WARDEN_SHARE"])).toBeGreaterThan(0);
      }
    });

    it("writes down where everything is, as the command reads it", () => {
      const { inputs } = one(graph(stage), "aws:ssm/parameter:Parameter", "Deployment");
      expect(inputs["name"]).toBe(`/warden/${stage}/deployment`);
      const read = deploymentSchema.parse(JSON.parse(inputs["value"]));
      const queues = all(graph(stage), "aws:sqs/queue:Queue").map((queue) => queue.inputs["name"]);
      expect(queues).toEqual(
        expect.arrayContaining([read.queues.urgent, read.queues.normal].map(({ url }) => url.split("/").at(-1))),
      );
      const rules = all(graph(stage), "aws:cloudwatch/eventRule:EventRule").map((rule) => rule.inputs["name"]);
      expect([...read.rules, ...read.schedules, ...read.ownRules].sort()).toEqual(rules.sort());
      expect(inputs["value"].length).toBeLessThanOrEqual(8_192);
    });

    it("tells Warden of the site and its group, and launches nobody before", () => {
      const { inputs, name } = one(graph(stage), "aws:dynamodb/tableItem:TableItem", "MoodleRecord");
      expect(inputs).toMatchObject({ tableName: `warden-${stage}-table`, hashKey: "pk", rangeKey: "sk" });
      const item = JSON.parse(inputs["item"]);
      expect(fromItem(item)).toMatchObject({ pk: "sites", sk: "site#moodle" });
      const { site, groups, dependencies } = readSite(item);
      expect({ site, groups }).toEqual({ site: "moodle", groups: [`warden-${stage}-moodle`] });
      const names = dependencies.map(({ part, name }) => [part, name]);
      expect(names).toEqual(
        expect.arrayContaining([
          ["database", `warden-${stage}-moodle-database`],
          ["sessions", `warden-${stage}-moodle-sessions`],
          ["cache", `warden-${stage}-moodle-cache`],
        ]),
      );
      const nodes = one(graph(stage), "aws:autoscaling/group:Group", "MoodleNodes");
      expect(nodes.dependencies).toContain(name);
    });

    it("knows the site's database and caches by the names that AWS's events use", () => {
      const { inputs } = one(graph(stage), "aws:ssm/parameter:Parameter", "MoodleConfiguration");
      const site = JSON.parse(inputs["value"]);
      expect(site.administrator).toMatchObject({
        password: { secret: expect.stringContaining(`secret:warden-${stage}-moodle-administrator-`) },
      });
      expect(site.database.host).toMatch(new RegExp(`^warden-${stage}-moodle-database\\.`));
      expect(site.sessions.redis).toMatchObject({ eviction: "noeviction", tls: true });
      expect(site.cache.redis).toMatchObject({ eviction: "allkeys-lru", tls: true });
      expect(inputs["value"]).not.toContain("pppp");
    });
  });
}
