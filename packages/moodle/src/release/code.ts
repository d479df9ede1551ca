/**
 * What a tree of Moodle's code says of itself. Its own `core_component` finds the plugins and hashes their versions, in
 * PHP as WebAssembly: nothing of the code touches this machine, and nothing of Moodle's rules is written down here.
 */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { getPHPLoaderModule } from "@php-wasm/node-8-3";
import { loadPHPRuntime, PHP } from "@php-wasm/universal";
import * as z from "zod";
import type { CodeFile } from "./files.ts";
import { Refusal } from "./refusal.ts";

export type Code = z.output<typeof codeSchema>;
export type Plugin = Code["plugins"][number];

const version = z.union([z.number(), z.string()]).transform(String);
const codeSchema = z.object({
  /** As 2025100606.00, without zeros at its end. */
  version,
  /** As `5.1.6 (Build: 20260810)`. */
  release: z.string(),
  /** As 501. */
  branch: version,
  maturity: z.number(),
  /** Where plugins of each type lie, below the root. */
  types: z.record(z.string(), z.string()),
  /** Moodle compares it with the one in the database to know whether an upgrade is pending. */
  hash: z.string(),
  plugins: z.array(
    z.object({
      /** Where it lies, below the root. */
      path: z.string(),
      /** By where it lies. */
      name: z.string(),
      /** By its own word. */
      component: z.string().nullable(),
      version: version.nullable(),
      requires: version.nullable(),
      /** From the first branch to the last, as [401, 405]. */
      supported: z.tuple([z.number(), z.number()]).nullable(),
      /** The first branch that it does not work with. */
      incompatible: z.number().nullable(),
      /** By component; `any` or a version. */
      dependencies: z.record(z.string(), version),
    }),
  ),
});

/** @throws Refusal when these are not the files of a Moodle */
export async function codeOf(files: readonly CodeFile[]): Promise<Code> {
  const has = (file: string): boolean => files.some(({ path }) => path === file);
  const documentRoot = has("public/version.php") ? "/public" : "";
  // Moodle's own since 5.1, and easily lost: many a `.gitignore` names config.php.
  if (documentRoot !== "" && !has("public/config.php"))
    throw new Refusal(
      "public/config.php is missing, by which every page of Moodle finds its configuration",
      "take Moodle's whole source: something left it out that leaves out each config.php",
    );
  const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), {}));
  await place(php, files);
  const said = await answerOf(php, asking(`${inPhp}${documentRoot}`));
  const read = codeSchema.safeParse(jsonIn(said));
  if (read.success) return read.data;
  throw new Refusal(
    `the code does not say what it is: ${said.replaceAll(`${inPhp}/`, "").trim().slice(0, 300)}`,
    "Moodle's source has to be its whole code, and each plugin's version.php one that PHP can read",
  );
}

/** What it prints; of code that ends in an error, that error. */
async function answerOf(php: PHP, code: string): Promise<string> {
  try {
    const { text, errors } = await php.run({ code });
    return errors === "" ? text : `${errors}\n${text}`;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return /PHP (?:Fatal|Parse) error: +(.*)/.exec(told)?.[1] ?? told;
  }
}

const inPhp = "/code";

/** Directories, because a plugin is one, and of the files those that tell what is where, and in which version. */
async function place(php: PHP, files: readonly CodeFile[]): Promise<void> {
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) php.mkdir(`${inPhp}/${folder}`);
  for (const { path, from } of files) if (tells.test(path)) php.writeFile(`${inPhp}/${path}`, await readFile(from));
}

const tells =
  /(?:^|\/)(?:version\.php|db\/subplugins\.(?:json|php)|lib\/components\.json|lib\/apis\.json|lib\/classes\/component\.php)$/;

/** Its last line: what the code itself prints comes before. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

const asking = (dirroot: string): string => `<?php
ini_set('display_errors', 'stderr');
define('MOODLE_INTERNAL', true);
define('CLI_SCRIPT', true);
define('CACHE_DISABLE_ALL', true);
define('IGNORE_COMPONENT_CACHE', true);
$CFG = (object) ['root' => '${inPhp}', 'dirroot' => '${dirroot}', 'libdir' => '${dirroot}/lib', 'admin' => 'admin',
    'dataroot' => '/none', 'debugdeveloper' => false];
require $CFG->libdir . '/classes/component.php';
class_exists('core_component') || class_alias('core\\\\component', 'core_component');

$below = fn(string $directory): string => substr($directory, strlen('${inPhp}/'));
$types = array_map($below, core_component::get_plugin_types());
$plugins = [];
foreach (array_keys($types) as $type) {
    foreach (core_component::get_plugin_list($type) as $name => $directory) {
        $plugin = (function (string $file): stdClass {
            $module = $plugin = (object) [];
            include $file;
            return $plugin;
        })("$directory/version.php");
        $plugins[] = [
            'path' => $below($directory),
            'name' => "{$type}_$name",
            'component' => $plugin->component ?? null,
            'version' => $plugin->version ?? null,
            'requires' => $plugin->requires ?? null,
            'supported' => $plugin->supported ?? null,
            'incompatible' => $plugin->incompatible ?? null,
            'dependencies' => (object) ($plugin->dependencies ?? []),
        ];
    }
}
(function () use ($CFG, $types, $plugins): void {
    require "$CFG->dirroot/version.php";
    $hash = core_component::get_all_versions_hash();
    echo "\\n", json_encode(compact('version', 'release', 'branch', 'maturity', 'hash', 'types', 'plugins'), JSON_INVALID_UTF8_SUBSTITUTE);
})();
`;
