import { createHash } from "node:crypto";
import { parseTar } from "nanotar";
import { describe, expect, it } from "vitest";
import { bundleOf } from "../../src/bundle/index.ts";
import { siteWith, usual } from "../sites.ts";

describe("a bundle", () => {
  it("of the same site is the same, byte by byte, and named by its digest", async () => {
    const first = bundleOf(siteWith());
    await new Promise((later) => setTimeout(later, 5));
    const second = bundleOf(siteWith());
    expect(Buffer.compare(first.archive, second.archive)).toBe(0);
    expect(first.digest).toBe(createHash("sha256").update(second.archive).digest("hex"));
  });

  it("of another site is another", () => {
    expect(bundleOf(siteWith({ site: "other" })).digest).not.toBe(bundleOf(siteWith()).digest);
  });

  it("holds its manifest first, and each file under its name", () => {
    const { archive, manifest, files } = bundleOf(siteWith());
    const [first, ...others] = parseTar(archive);
    expect(JSON.parse(first?.text ?? "")).toEqual(manifest);
    expect(others.map(({ name, text }) => ({ name, text }))).toEqual(files.map(({ name, text }) => ({ name, text })));
  });

  it("names its secrets and holds none", () => {
    const { manifest } = bundleOf(siteWith());
    expect(manifest.secrets).toEqual({
      database: { secret: "school/database", key: "password" },
      sessions: { secret: "school/sessions" },
      cache: { secret: "school/cache" },
    });
  });

  it("names what an installation needs, and that secret is none that a node keeps", () => {
    const administrator = { email: "ann@school.example", password: { secret: "school/administrator" } };
    const { manifest } = bundleOf(siteWith({ name: "The school's own", administrator }));
    expect(manifest).toMatchObject({ name: "The school's own", administrator: { ...administrator, user: "admin" } });
    expect(JSON.stringify(manifest.secrets)).not.toContain("administrator");
    expect(bundleOf(siteWith()).manifest).toMatchObject({ name: "school" });
    expect(bundleOf(siteWith()).manifest).not.toHaveProperty("administrator");
  });

  it("lets PHP write nothing but the cache configuration", () => {
    const { files } = bundleOf(siteWith());
    const writable = files.filter(
      ({ owner, mode }) => owner !== "root" || /[2367]$/.test(mode) || /[2367].$/.test(mode),
    );
    expect(writable.map(({ name }) => name)).toEqual(["cache-configuration.php"]);
  });

  it("makes every directory below /run, /var/log/warden, /var/cache and /var/lib that its files speak of", () => {
    const { files } = bundleOf(siteWith());
    const made = files
      .find(({ name }) => name === "directories.conf")
      ?.text.match(/^d \S+/gm)
      ?.map((line) => line.slice(2));
    const spoken = files
      .filter(({ name }) => name !== "directories.conf")
      .flatMap(
        ({ text, to }) =>
          `${text} ${to.join(" ")}`.match(/\/(?:run|var\/log\/warden|var\/cache|var\/lib)\/[\w./-]+/g) ?? [],
      )
      .map((path) => path.replace(/\/$/, ""))
      // The SSM Agent's own, and what systemd makes for a unit (RuntimeDirectory).
      .filter((path) => !/^\/var\/lib\/amazon\/ssm|^\/run\/warden\/php/.test(path))
      .map((path) => (/\.\w+$/.test(path) ? path.slice(0, path.lastIndexOf("/")) : path));
    expect(spoken.length).toBeGreaterThan(5);
    expect(spoken.filter((path) => !made?.some((each) => path === each || path === `${each}/draining`))).toEqual([]);
  });

  it.each(["amazon-linux-2023", "debian"])("on %s knows the places of the distribution", (platform) => {
    const { manifest } = bundleOf(siteWith({ nodes: { ...usual.nodes, platform } }));
    expect(manifest.files.find(({ name }) => name === "php.ini")?.to).toEqual([
      platform === "debian" ? "/etc/php/8.3/cli/conf.d/99-warden.ini" : "/etc/php.d/99-warden.ini",
    ]);
  });

  it("has another PHP-FPM for other settings of its own, and for nothing else", () => {
    const named = (changes: Readonly<Record<string, unknown>>): string => bundleOf(siteWith(changes)).manifest.fpm;
    const first = named({});
    expect(named({ site: "other", loadBalancer: { idleTimeout: "90s" } })).toBe(first);
    const php = { ...usual.php, version: "8.3" };
    const others = [
      { php: { ...php, children: 7 } },
      { php: { ...php, memory: "300M" } },
      { nodes: { ...usual.nodes, platform: "debian" } },
    ].map(named);
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it("sends requests to its own PHP-FPM, and nginx says so", () => {
    const { manifest, files } = bundleOf(siteWith({ php: { ...usual.php, children: 7 } }));
    const text = files.find(({ name }) => name === "nginx.conf")?.text ?? "";
    const asked = text.match(/(?<=server unix:\/run\/warden\/php\/)\w+/g);
    expect(asked).toEqual([manifest.fpm, manifest.fpm, manifest.fpm]);
    expect(text).toContain(`add_header Warden-Runs "${manifest.nginxRuns}";`);
    expect(bundleOf(siteWith({ php: { ...usual.php, children: 7, upload: "1M" } })).manifest.nginxRuns).not.toBe(
      manifest.nginxRuns,
    );
  });

  it.each([
    [{}, ["warden-cron@1.timer", "warden-cron@2.timer"]],
    [{ cron: { processes: 1 } }, ["warden-cron@1.timer"]],
    [{ production: false }, []],
    [
      { production: false, allow: [{ what: "cron", by: "ops", why: "rehearsal" }] },
      ["warden-cron@1.timer", "warden-cron@2.timer"],
    ],
    [{ cron: { group: "school-cron" } }, []],
  ])("with %j starts the timers %j", (changes, timers) => {
    expect(bundleOf(siteWith(changes)).manifest.timers).toEqual(timers);
  });

  it("starts what observes the node on every node, whatever cron does", () => {
    const { manifest } = bundleOf(siteWith({ production: false }));
    expect(manifest.units).toEqual(["warden-measure.timer", "warden-inventory.timer", "warden-inventory.path"]);
    const installed = manifest.files.flatMap(({ to }) => to);
    expect(installed).toEqual(expect.arrayContaining(manifest.units.map((unit) => `/etc/systemd/system/${unit}`)));
  });

  it("runs cron by places where only so many nodes are to run it", () => {
    const service = (changes: Readonly<Record<string, unknown>>): string | undefined =>
      bundleOf(siteWith(changes)).files.find(({ name }) => name === "cron.service")?.text;
    expect(service({})).toContain("ExecStart=/usr/bin/php /srv/moodle/current/admin/cli/cron.php\n");
    expect(service({ cron: { nodes: 2, processes: 3 } })).toContain(
      "ExecStart=/usr/bin/php /opt/warden/cron-place.php /srv/moodle/current 6\n",
    );
  });
});
