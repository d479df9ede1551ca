/** `warden config`: from a site configuration to the files of its nodes, before any node has them. */
import type { Bundle } from "@warden/moodle/bundle";
import type { SiteConfiguration } from "@warden/moodle/site";
import type { WardenContext } from "../context.ts";
import { Problem, type Status, status } from "../errors.ts";
import { table } from "../render/table.ts";
import { bundleFor, siteFrom } from "../site-file.ts";

export interface ConfigShowFlags {
  readonly json: boolean;
  /** The name of a file in the bundle. */
  readonly file: string | undefined;
  readonly group: string | undefined;
}

export async function configShow(context: WardenContext, flags: ConfigShowFlags, source: string): Promise<Status> {
  const site = await siteFrom(source);
  const bundle = await bundleFor(site, flags.group);
  if (flags.file !== undefined) context.out.write(fileOf(bundle, flags.file));
  else if (flags.json) context.out.write(`${JSON.stringify({ ...bundle.manifest, digest: bundle.digest })}\n`);
  else context.out.write(`${(await summary(site, bundle, context.out.columns)).join("\n")}\n`);
  return status.done;
}

export interface ConfigDiffFlags {
  readonly json: boolean;
}

export async function configDiff(
  context: WardenContext,
  flags: ConfigDiffFlags,
  from: string,
  to: string,
): Promise<Status> {
  const [before, after] = [await bundleFor(await siteFrom(from)), await bundleFor(await siteFrom(to))];
  const changes = await changesBetween(before, after);
  if (flags.json) {
    context.out.write(`${JSON.stringify({ v: 1, from: before.digest, to: after.digest, changes })}\n`);
  } else if (changes.length === 0) {
    context.out.write(`Nothing: both give the bundle ${before.digest.slice(0, 12)}.\n`);
  } else context.out.write(changes.map(({ patch }) => patch).join("\n"));
  return status.done;
}

function fileOf({ files }: Bundle, name: string): string {
  const file = files.find((each) => each.name === name);
  if (file !== undefined) return file.text;
  throw new Problem(
    status.usage,
    `The bundle has no file ${name}`,
    `name one of ${files.map((each) => each.name).join(", ")}`,
  );
}

async function summary(site: SiteConfiguration, bundle: Bundle, width: number | undefined): Promise<readonly string[]> {
  const { releases } = await import("@warden/moodle/site");
  const { manifest, digest } = bundle;
  const untried = releases[site.release].booted ? "" : " (Warden's tests have never started this release)";
  const secrets = Object.entries(manifest.secrets).map(
    ([name, { secret, key }]) => `${name} from ${secret}${key === undefined ? "" : `, key ${key}`}`,
  );
  return [
    `Site       ${site.site}, ${site.address}`,
    `Moodle     ${site.release}${untried}, PHP ${manifest.php}`,
    `Bundle     ${digest}`,
    `Secrets    ${secrets.join("; ")}`,
    `Cron       ${manifest.timers.length === 0 ? "not on these nodes" : manifest.timers.join(", ")}`,
    "",
    table(columns, bundle.files, width),
  ];
}

const columns = [
  { title: "FILE", cell: ({ name }: Bundle["files"][number]) => name },
  { title: "ON THE NODE", cell: ({ to }: Bundle["files"][number]) => to.join(", "), flexible: true },
  { title: "MODE", cell: ({ mode }: Bundle["files"][number]) => mode, dispensable: 1 },
  { title: "OWNER", cell: ({ owner, group }: Bundle["files"][number]) => `${owner}:${group}`, dispensable: 2 },
] as const;

interface Change {
  readonly file: string;
  readonly patch: string;
}

async function changesBetween(before: Bundle, after: Bundle): Promise<readonly Change[]> {
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import("diff");
  const names = [...new Set([...before.files, ...after.files].map(({ name }) => name))];
  const described = (bundle: Bundle, name: string): string => {
    const file = bundle.files.find((each) => each.name === name);
    // Where it goes and whose it is are part of it.
    return file === undefined ? "" : `# ${file.to.join(", ")} ${file.mode} ${file.owner}:${file.group}\n${file.text}`;
  };
  return names.flatMap((file) => {
    const [old, new_] = [described(before, file), described(after, file)];
    if (old === new_) return [];
    const patch = createTwoFilesPatch(file, file, old, new_, undefined, undefined, {
      context: 2,
      headerOptions: FILE_HEADERS_ONLY,
    });
    return [{ file, patch }];
  });
}
