/**
 * A tree of code that is built like Moodle's, small enough to see through. Its `core_component` is ours and answers the
 * questions that the build asks; Moodle's own answers them in test/moodle.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type Tree = Readonly<Record<string, string>>;

export function write(folder: string, tree: Tree): string {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const componentPhp = `<?php
class core_component {
    public static function get_plugin_types(): array {
        global $CFG;
        $types = json_decode(file_get_contents("$CFG->libdir/components.json"), true)['plugintypes'];
        $all = array_map(fn($path) => "$CFG->root/$path", $types);
        foreach (glob("$CFG->root/*/*/db/subplugins.json") ?: [] as $file) {
            foreach (json_decode(file_get_contents($file), true)['subplugintypes'] as $type => $folder) {
                $all[$type] = dirname($file, 2) . "/$folder";
            }
        }
        return $all;
    }
    public static function get_plugin_list(string $type): array {
        $found = [];
        foreach (glob(self::get_plugin_types()[$type] . '/*/version.php') ?: [] as $file) {
            $found[basename(dirname($file))] = dirname($file);
        }
        return $found;
    }
    public static function get_all_versions_hash(): string {
        $versions = [];
        foreach (array_keys(self::get_plugin_types()) as $type) {
            foreach (self::get_plugin_list($type) as $name => $folder) {
                $plugin = new stdClass();
                include "$folder/version.php";
                $versions["{$type}_$name"] = $plugin->version;
            }
        }
        return sha1(serialize($versions));
    }
}
`;

export const moodle: Tree = {
  "version.php":
    "<?php\n$version = 2024100701.10;\n$release = '4.5.1 (Build: 20241202)';\n$branch = '405';\n$maturity = 200;\n",
  "lib/classes/component.php": componentPhp,
  "lib/components.json": JSON.stringify({ plugintypes: { mod: "mod", block: "blocks" } }),
  "mod/page/version.php": versionPhp("mod_page", { version: 2024100700 }),
  "index.php": "<?php echo 'hello';\n",
};

/** @param more as PHP reads it: numbers, arrays */
export function versionPhp(component: string, more: Readonly<Record<string, string | number>> = {}): string {
  const settings = { version: 2025010100, requires: 2024100700, ...more };
  const lines = Object.entries(settings).map(([name, value]) => `$plugin->${name} = ${value};`);
  return `<?php\ndefined('MOODLE_INTERNAL') || die();\n$plugin->component = '${component}';\n${lines.join("\n")}\n`;
}

export const attendance = (more: Readonly<Record<string, string | number>> = {}): Tree => ({
  "version.php": versionPhp("mod_attendance", more),
  "lib.php": "<?php // attendance\n",
});
