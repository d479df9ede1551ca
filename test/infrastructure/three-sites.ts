/** Stages that nobody deploys by name: three sites that share what can be shared, and one of what was there before, without and with its nodes. */
import { sizes } from "../../stacks/sizes.ts";
import type { Site, Stage } from "../../stacks/stage.ts";

const school: Site = {
  ...{ name: "school", title: "School", administrator: "it@example.org", host: "school.example.org" },
  ...{ timeZone: "Europe/Vienna", release: "5.1", php: "8.3", timetable: [], nodes: { ...sizes.large.nodes, pool: 2 } },
  ...{ database: sizes.large.database, caches: sizes.large.caches },
  ...{ files: { kind: "new" }, balancer: { kind: "new", firewall: "block" } },
};

export const threeSites: Stage = {
  ...{ name: "three", production: true, network: sizes.large.network, logs: "3 months", hookTimeout: 900 },
  ...{ budget: 3_000, trail: true, tell: ["it@example.org"] },
  sites: [
    school,
    {
      ...{ ...school, name: "academy", title: "Academy", host: "academy.example.org", nodes: sizes.small.nodes },
      database: { kind: "shared", with: "school" },
      caches: { kind: "shared", with: "school" },
      balancer: { kind: "shared", with: "school" },
    },
    {
      ...{ ...school, name: "night-school", title: "Night School", host: "night.example.org", timeZone: "Asia/Tokyo" },
      ...{ nodes: sizes.thrifty.nodes, database: sizes.thrifty.database, caches: sizes.thrifty.caches },
      balancer: { kind: "new", firewall: "count" },
      files: { kind: "nfs", host: "10.0.9.9", export: "/exports/night" },
    },
  ],
};

const arn = (service: string, rest: string): string => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;

export const broughtAlong: Stage = {
  ...{ ...threeSites, name: "brought" },
  network: {
    ...{ kind: "existing", id: "vpc-0fedcba9876543210", cidr: "10.20.0.0/16" },
    publicSubnets: ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
    privateSubnets: ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
  },
  sites: [
    {
      ...school,
      nodes: sizes.medium.nodes,
      database: {
        ...{ kind: "existing", engine: "mysql", version: "8.4", host: "campus.c9.eu-west-1.rds.amazonaws.com" },
        ...{ arn: arn("rds", "db:campus"), secret: arn("secretsmanager", "secret:campus/moodle-AbCdEf") },
        ...{ securityGroup: "sg-0ddddddddddddddd0", name: "moodle", user: "moodle", connections: 900 },
      },
      caches: {
        ...{ kind: "existing", securityGroup: "sg-0ccccccccccccccc0" },
        sessions: {
          ...{ kind: "existing", host: "master.campus-sessions.c9.euw1.cache.amazonaws.com" },
          secret: arn("secretsmanager", "secret:campus/sessions-AbCdEf"),
        },
        cache: {
          ...{ kind: "existing", host: "master.campus-cache.c9.euw1.cache.amazonaws.com" },
          secret: arn("secretsmanager", "secret:campus/cache-AbCdEf"),
        },
      },
      files: {
        ...{ kind: "existing", id: "fs-0fedcba9876543210", accessPoint: "fsap-0fedcba9876543210" },
        arn: arn("elasticfilesystem", "file-system/fs-0fedcba9876543210"),
        securityGroup: "sg-0eeeeeeeeeeeeeee0",
      },
      alarms: [{ name: "campus-database-cpu", part: "database" }],
    },
  ],
};

export const adopted: Stage = {
  ...{ ...broughtAlong, name: "adopted" },
  sites: broughtAlong.sites.map((site) => ({
    ...site,
    nodes: {
      ...{ kind: "existing", group: "campus-web", role: "campus-web-role", securityGroup: "sg-0aaaaaaaaaaaaaaa0" },
      ...{ min: 2, max: 8, children: 20 },
    },
    balancer: { kind: "existing", targetGroup: arn("elasticloadbalancing", "targetgroup/campus-web/0123456789abcdef") },
  })),
};
