/**
 * What makes a stock image of Amazon Linux 2023, Debian or Ubuntu the image of a site's nodes, as data. Only packages of the
 * distribution's own repositories: nothing is downloaded from elsewhere, so there is no checksum to go out of date. What Debian
 * does not have, the agents of Amazon, is brought along (`brought`). `prepare.ts` makes a script of it.
 */
import { phpNeeds } from "../bundle/php-needs.ts";
import { platformOf } from "../bundle/places.ts";
import type { SiteConfiguration } from "../site/schema.ts";
import { packagesOf } from "./packages.ts";

export interface Recipe {
  readonly manager: "apt" | "dnf";
  readonly packages: readonly string[];
  /** In no repository of the distribution: a `.deb` of each lies beside the script, or the stock image has it already. */
  readonly brought: readonly Brought[];
  /** Units that must never run, from before the packages that bring them. */
  readonly masked: readonly string[];
  /** Units that start with the machine; Warden's own are `install.sh`'s matter. */
  readonly enabled: readonly string[];
  /** Asked of PHP itself when all is installed: an image that lacks one is none. */
  readonly php: {
    readonly program: string;
    readonly fpm: string;
    readonly extensions: readonly string[];
    readonly commandLine: readonly string[];
  };
}

export interface Brought {
  readonly package: string;
  /** It is there when this is. */
  readonly program: string;
  /** Empty where it needs none. */
  readonly unit: string;
}

/** In the lab a machine lives for minutes, has its host's clock, and there is no AWS for an agent to talk to. */
export type Surroundings = "aws" | "lab";

export function recipeOf(site: SiteConfiguration, on: Surroundings = "aws"): Recipe {
  const { php: program, fpm, fpmUnit } = platformOf(site);
  const { extensions, commandLine } = phpNeeds(site);
  const debian = site.nodes.platform === "debian";
  return {
    manager: debian ? "apt" : "dnf",
    packages: packagesOf(site, on),
    brought: debian && on === "aws" ? agentsOf(site) : [],
    // Warden runs an FPM of its own.
    masked: [fpmUnit, ...(debian ? maskedOnDebian : [])],
    enabled: on === "lab" ? [] : debian ? ["chrony.service"] : enabledOnAmazonLinux,
    // OPcache is no requirement of Moodle's and one of ours; PHP names it so.
    php: { program, fpm, extensions: [...extensions, "Zend OPcache"], commandLine },
  };
}

/**
 * A node is what its image is: an upgrade by itself would restart PHP under requests, on each node at another time. Amazon Linux
 * 2023 does none. Sessions are not in files, whatever PHP's timer thinks.
 */
const maskedOnDebian = ["apt-daily.timer", "apt-daily-upgrade.timer", "phpsessionclean.timer"];

/** The names of the units are those of the packages' upstreams; never run on Amazon Linux itself. */
const enabledOnAmazonLinux = ["chronyd.service", "amazon-ssm-agent.service", "amazon-cloudwatch-agent.service"];

const agents: readonly Brought[] = [
  { package: "amazon-ssm-agent", program: "/usr/bin/amazon-ssm-agent", unit: "amazon-ssm-agent.service" },
  {
    package: "amazon-cloudwatch-agent",
    program: "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent",
    unit: "amazon-cloudwatch-agent.service",
  },
];

const agentsOf = ({ files }: SiteConfiguration): readonly Brought[] =>
  "efs" in files ? [...agents, { package: "amazon-efs-utils", program: "/sbin/mount.efs", unit: "" }] : agents;
