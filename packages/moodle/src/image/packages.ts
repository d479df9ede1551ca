/**
 * Which packages of a distribution bring what a node needs. Debian's were asked of Debian 12 itself (test/machine/image.test.ts
 * does it again). Amazon Linux's are from its release notes: PHP's in 2023.5.20240903 (8.3), 2023.6.20250303 (8.2) and
 * 2023.7.20250331 (8.4), its extension for Redis in 2023.8.20250818, for Memcached in 2023.10.20260202 and …0216, the agents and
 * amazon-efs-utils in 2023.7.20250428. Which package of PHP holds which extension is as in Fedora's php.spec, from which they are
 * made; nobody has run it on Amazon Linux. So `prepare` asks PHP in the end.
 */
import { phpNeeds } from "../bundle/php-needs.ts";
import type { SiteConfiguration } from "../site/schema.ts";
import type { Surroundings } from "./recipe.ts";

export function packagesOf(site: SiteConfiguration, on: Surroundings): readonly string[] {
  const { php, nodes } = site;
  const names = nodes.platform === "debian" ? debian : amazonLinux;
  const { extensions, commandLine } = phpNeeds(site);
  const ofPhp = [
    "cli",
    "fpm",
    "opcache",
    ...[...extensions, ...commandLine].map((each) => names.php[each] ?? "common"),
  ];
  return [
    ...names.system,
    ...(on === "aws" ? [...names.onAws, ...("nfs" in site.files ? [names.nfs] : names.efs)] : []),
    ...[...new Set(ofPhp)].map((part) => `php${php.version}-${part}`),
  ];
}

interface Names {
  /** What the node's programs call, and who serves: see `install.sh`. */
  readonly system: readonly string[];
  readonly onAws: readonly string[];
  readonly nfs: string;
  readonly efs: readonly string[];
  /** The packages of extensions that are not in `common`, by PHP's name of the extension. */
  readonly php: Readonly<Record<string, string>>;
}

const xml = { dom: "xml", SimpleXML: "xml", xml: "xml", xmlreader: "xml" };
const alike = { gd: "gd", intl: "intl", mbstring: "mbstring", zip: "zip", pgsql: "pgsql", pcntl: "cli", ...xml };

const debian: Names = {
  system: [
    ...[
      "bash",
      "ca-certificates",
      "curl",
      "diffutils",
      "e2fsprogs",
      "findutils",
      "gzip",
      "hostname",
      "nginx",
      "passwd",
    ],
    ...["procps", "tar", "util-linux"],
  ],
  onAws: ["chrony", "logrotate"],
  nfs: "nfs-common",
  // amazon-efs-utils itself is brought along; it mounts by NFS.
  efs: ["nfs-common"],
  php: { ...alike, curl: "curl", mysqli: "mysql", redis: "redis", memcached: "memcached" },
};

const amazonLinux: Names = {
  // Not curl: Amazon's images have curl-minimal, which the package of that name conflicts with.
  system: [
    ...["bash", "ca-certificates", "diffutils", "e2fsprogs", "findutils", "gawk", "gzip", "hostname", "nginx"],
    ...["procps-ng", "shadow-utils", "tar", "util-linux"],
  ],
  onAws: ["amazon-cloudwatch-agent", "amazon-ssm-agent", "chrony", "logrotate"],
  nfs: "nfs-utils",
  efs: ["amazon-efs-utils"],
  php: { ...alike, mysqli: "mysqlnd", sodium: "sodium", redis: "pecl-redis6", memcached: "pecl-memcached" },
};
