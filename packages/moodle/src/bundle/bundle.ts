/**
 * The config bundle: every file that makes a node a node of this site, as one archive named by its own digest. The same
 * site configuration always gives the same bytes, so two nodes with one digest are configured alike.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createTar } from "nanotar";
import type { SecretReference, SiteConfiguration } from "../site/schema.ts";
import { configPhp } from "./config-php.ts";
import { cronService, cronTimer, cronTimers } from "./cron.ts";
import { directories } from "./directories.ts";
import { inventoryPath, inventoryService, inventoryTimer, probeSettings } from "./inventory.ts";
import { agentSettings, logRotation } from "./logs.ts";
import { measureService, measureSettings, measureTimer } from "./measures.ts";
import { cacheConfiguration } from "./muc.ts";
import { type PhpNeeds, phpNeeds } from "./php-needs.ts";
import { type Platform, places, platformOf } from "./places.ts";
import { readinessSettings } from "./readiness.ts";
import { type SecretName, secretsOf } from "./secrets.ts";
import { nginxRuns, nginxSite } from "./web-server.ts";
import { fpmName, fpmService, fpmSettings, phpSettings } from "./workers.ts";

export interface BundleFile {
  /** Its name in the archive. */
  readonly name: string;
  /** Where it belongs on the node; several where the platform keeps copies. */
  readonly to: readonly string[];
  readonly text: string;
  readonly mode: "0640" | "0644" | "0660";
  readonly owner: string;
  readonly group: string;
}

/** What the node's own program reads first. */
export interface Manifest {
  readonly v: 1;
  readonly site: string;
  /** For an installation: what the site is called, and its first user, whose password is read then and never kept. */
  readonly name: string;
  readonly administrator?: NonNullable<SiteConfiguration["administrator"]>;
  readonly address: string;
  readonly release: string;
  readonly php: string;
  /** What verification asks of PHP on the node. */
  readonly needs: PhpNeeds;
  /** Who runs what on these nodes. */
  readonly platform: Pick<Platform, "user" | "group" | "webServer" | "php" | "fpm" | "fpmUnit">;
  /** The certificates that the system trusts. */
  readonly trusted: string;
  /** The name of its PHP-FPM, and what nginx says when it runs with its file. */
  readonly fpm: string;
  readonly nginxRuns: string;
  /** What is mounted where. */
  readonly moodledata: SiteConfiguration["files"];
  readonly files: readonly Omit<BundleFile, "text">[];
  readonly secrets: Partial<Record<SecretName, SecretReference>>;
  /** Cron's, which begin once the node is in service and end when it leaves. */
  readonly timers: readonly string[];
  /** What runs for as long as the node does. */
  readonly units: readonly string[];
}

export interface Bundle {
  /** SHA-256 of the archive, in hexadecimal. */
  readonly digest: string;
  readonly archive: Uint8Array;
  readonly manifest: Manifest;
  readonly files: readonly BundleFile[];
}

/** @param group whose nodes it is for: cron may have a group of its own */
export function bundleOf(site: SiteConfiguration, group = site.site): Bundle {
  const platform = platformOf(site);
  const files = filesOf(site, platform);
  const { user, group: phpGroup, webServer, php, fpm, fpmUnit } = platform;
  const manifest: Manifest = {
    v: 1,
    site: site.site,
    name: site.name ?? site.site,
    ...(site.administrator !== undefined && { administrator: site.administrator }),
    address: site.address,
    release: site.release,
    php: site.php.version,
    needs: phpNeeds(site),
    platform: { user, group: phpGroup, webServer, php, fpm, fpmUnit },
    trusted: platform.trusted,
    fpm: fpmName(site),
    nginxRuns: nginxRuns(site),
    moodledata: site.files,
    files: files.map(({ text: _, ...about }) => about),
    secrets: secretsOf(site),
    timers: cronTimers(site, group),
    units: ["warden-measure.timer", "warden-inventory.timer", "warden-inventory.path"],
  };
  const archive = archiveOf([{ name: "manifest.json", text: `${JSON.stringify(manifest, undefined, 2)}\n` }, ...files]);
  return { digest: createHash("sha256").update(archive).digest("hex"), archive, manifest, files };
}

function filesOf(site: SiteConfiguration, platform: Platform): readonly BundleFile[] {
  const { user, group } = platform;
  /** PHP may read it and never write it. */
  const forPhp = { mode: "0640", owner: "root", group } as const;
  const forSystem = { mode: "0644", owner: "root", group: "root" } as const;
  const fpm = `${places.fpm}/${fpmName(site)}`;
  return [
    { name: "config.php", to: [`${places.code}/config.php`], text: configPhp(site), ...forPhp },
    {
      name: "cache-configuration.php",
      to: [places.cacheConfiguration],
      text: cacheConfiguration(site),
      mode: "0660",
      owner: user,
      group,
    },
    { name: "nginx.conf", to: [`${platform.nginxSites}/moodle.conf`], text: nginxSite(site), ...forSystem },
    { name: "fpm.conf", to: [`${fpm}/fpm.conf`], text: fpmSettings(site), ...forSystem },
    { name: "fpm.ini", to: [`${fpm}/php.ini`], text: phpSettings(), ...forSystem },
    { name: "fpm.service", to: ["/etc/systemd/system/warden-php@.service"], text: fpmService(site), ...forSystem },
    { name: "ready.php", to: [places.readiness], text: onNode("ready.php"), ...forSystem },
    { name: "ready-settings.php", to: [places.readinessSettings], text: readinessSettings(site), ...forPhp },
    { name: "php.ini", to: [`${platform.phpSettings}/99-warden.ini`], text: phpSettings(), ...forSystem },
    { name: "directories.conf", to: ["/etc/tmpfiles.d/warden.conf"], text: directories(site), ...forSystem },
    { name: "cron.service", to: ["/etc/systemd/system/warden-cron@.service"], text: cronService(site), ...forSystem },
    { name: "cron-place.php", to: [places.cronPlace], text: onNode("cron-place.php"), ...forSystem },
    { name: "cron.timer", to: ["/etc/systemd/system/warden-cron@.timer"], text: cronTimer(), ...forSystem },
    ...observation(site, { forPhp, forSystem }),
  ];
}

/** What tells others how the node is: logs, measures, facts for audits. */
function observation(site: SiteConfiguration, { forPhp, forSystem }: Owners): readonly BundleFile[] {
  const unit = (name: string): string => `/etc/systemd/system/warden-${name}`;
  return [
    { name: "agent.json", to: [`${agent}/warden.json`], text: agentSettings(site), ...forSystem },
    { name: "logrotate.conf", to: ["/etc/logrotate.d/warden"], text: logRotation(), ...forSystem },
    { name: "lib.php", to: [places.library], text: onNode("lib.php"), ...forSystem },
    { name: "measure.php", to: [places.measure], text: onNode("measure.php"), ...forSystem },
    { name: "measure-settings.php", to: [places.measureSettings], text: measureSettings(site), ...forPhp },
    { name: "measure.service", to: [unit("measure.service")], text: measureService(site), ...forSystem },
    { name: "measure.timer", to: [unit("measure.timer")], text: measureTimer(), ...forSystem },
    { name: "opcache.php", to: [places.opcache], text: onNode("opcache.php"), ...forSystem },
    { name: "probe.php", to: [places.probe], text: onNode("probe.php"), ...forSystem },
    { name: "probe-moodle.php", to: [places.probeMoodle], text: onNode("probe-moodle.php"), ...forSystem },
    { name: "probe-settings.php", to: [places.probeSettings], text: probeSettings(site), ...forSystem },
    { name: "inventory.sh", to: [places.inventory], text: onNode("inventory.sh"), ...forSystem },
    { name: "inventory.service", to: [unit("inventory.service")], text: inventoryService(site), ...forSystem },
    { name: "inventory.timer", to: [unit("inventory.timer")], text: inventoryTimer(), ...forSystem },
    { name: "inventory.path", to: [unit("inventory.path")], text: inventoryPath(), ...forSystem },
  ];
}

/** Amazon's CloudWatch agent reads what stands here beside its own file. */
const agent = "/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d";

type Owner = Pick<BundleFile, "mode" | "owner" | "group">;
interface Owners {
  readonly forPhp: Owner;
  readonly forSystem: Owner;
}

/** A file that is the same for every site. */
const onNode = (name: string): string => readFileSync(new URL(`../../node/${name}`, import.meta.url), "utf8");

/** Without times and people, which would differ from one making to the next. */
function archiveOf(files: readonly { readonly name: string; readonly text: string }[]): Uint8Array {
  const attrs = { mtime: 0, uid: 0, gid: 0, user: "root", group: "root", mode: "600" };
  return createTar(files.map(({ name, text }) => ({ name, data: text, attrs })));
}
