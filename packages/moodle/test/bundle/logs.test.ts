/** Which logs leave a node, as settings; what of them leaves it is judged with real servers in test/web-server. */
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { bundleOf } from "../../src/bundle/index.ts";
import { logGroups } from "../../src/bundle/logs.ts";
import { siteWith, usual } from "../sites.ts";

const collected = z.object({
  logs: z.object({
    logs_collected: z.object({
      files: z.object({ collect_list: z.array(z.looseObject({ file_path: z.string(), log_group_name: z.string() })) }),
    }),
  }),
});

const textOf = (name: string, platform: string): string =>
  bundleOf(siteWith({ nodes: { ...usual.nodes, platform } })).files.find((file) => file.name === name)?.text ?? "";

it("the names of its groups begin as the site says, so that two stages can have a site of one name", () => {
  expect(logGroups({ site: "school", logs: "/warden/try/school" })).toContain("/warden/try/school/php");
});

describe.each(["amazon-linux-2023", "debian"])("the logs of a node on %s", (platform) => {
  const files = collected.parse(JSON.parse(textOf("agent.json", platform))).logs.logs_collected.files.collect_list;

  it("each go to a group of their own, of the site", () => {
    const names = ["nginx-access", "nginx-error", "php-fpm", "php-slow", "php", "cron", "warden", "metrics"];
    expect(files.map(({ log_group_name }) => log_group_name)).toEqual(names.map((name) => `/warden/school/${name}`));
    expect(new Set(files.map(({ file_path }) => file_path)).size).toBe(names.length);
    for (const file of files) expect(file).toMatchObject({ log_stream_name: "{instance_id}" });
    expect(logGroups({ site: "school" })).toEqual(files.map(({ log_group_name }) => log_group_name));
  });

  it("are written by the programs that the bundle sets up", () => {
    const written = (name: string): string | undefined =>
      files.find(({ log_group_name }) => log_group_name === `/warden/school/${name}`)?.file_path;
    expect(textOf("nginx.conf", platform)).toContain(`access_log ${written("nginx-access")} warden;`);
    expect(textOf("fpm.conf", platform)).toContain(`slowlog = ${written("php-slow")}\n`);
    expect(textOf("fpm.conf", platform)).toContain(`[error_log] = ${written("php")}\n`);
    expect(textOf("cron.service", platform)).toContain(`StandardOutput=append:${written("cron")}\n`);
    expect(textOf("measure.service", platform)).toContain(`StandardOutput=append:${written("metrics")}\n`);
    expect(textOf("fpm.conf", platform)).toContain(`[global]\nerror_log = ${written("php-fpm")}\n`);
  });

  it("are rotated once: by the distribution, which knows nginx's, or by the bundle", () => {
    const [line] = textOf("logrotate.conf", platform).match(/^\/var.*$/m) ?? [];
    expect(line).toBe("/var/log/warden/*.log {");
    const others = files
      .map(({ file_path }) => file_path)
      .filter((path) => !/^\/var\/log\/warden\/[\w-]+\.log$/.test(path));
    expect(others).toEqual(["/var/log/nginx/moodle.log", "/var/log/nginx/error.log"]);
  });
});
