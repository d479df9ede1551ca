/** Two small plugins of our own, in an older and a newer version: what a site brings along when Moodle is upgraded. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

type Age = "older" | "newer";

/** Their versions, as Moodle is to know them. */
export const versions: Readonly<Record<Age, string>> = { older: "2024010100", newer: "2025010100" };

/** Puts them into a source tree; from 5.1 on plugins stand below `public`. @param branches that they say they are for */
export function putPlugins(code: string, age: Age, branches?: readonly [number, number]): void {
  const root = existsSync(join(code, "public/version.php")) ? join(code, "public") : code;
  for (const [folder, plugin] of [
    ["local/judged", "local_judged"],
    ["report/judged", "report_judged"],
  ] as const) {
    put(join(root, folder, "version.php"), version(plugin, versions[age], branches));
    put(
      join(root, folder, `lang/en/${plugin}.php`),
      `<?php\ndefined('MOODLE_INTERNAL') || die();\n$string['pluginname'] = 'Judged';\n`,
    );
  }
  put(join(root, "local/judged/about.php"), about);
  put(join(root, "local/judged/db/install.xml"), tables(age));
  if (age === "newer") put(join(root, "local/judged/db/upgrade.php"), upgrade);
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const version = (plugin: string, number: string, branches: readonly [number, number] | undefined): string =>
  `<?php
defined('MOODLE_INTERNAL') || die();
$plugin->component = '${plugin}';
$plugin->version = ${number};
$plugin->requires = 2022112800;
${branches === undefined ? "" : `$plugin->supported = [${branches.join(", ")}];\n$plugin->incompatible = ${branches[1] + 1};`}
`;

const field = (name: string): string =>
  `<FIELD NAME="${name}" TYPE="int" LENGTH="10" NOTNULL="true" DEFAULT="0" SEQUENCE="false"/>`;

const tables = (age: Age): string => `<?xml version="1.0" encoding="UTF-8" ?>
<XMLDB PATH="local/judged/db" VERSION="20250101" COMMENT="of a test">
  <TABLES><TABLE NAME="local_judged" COMMENT="of a test">
    <FIELDS>
      <FIELD NAME="id" TYPE="int" LENGTH="10" NOTNULL="true" SEQUENCE="true"/>
      ${field("seen")}${age === "newer" ? field("grade") : ""}
    </FIELDS>
    <KEYS><KEY NAME="primary" TYPE="primary" FIELDS="id"/></KEYS>
  </TABLE></TABLES>
</XMLDB>
`;

/** Which versions the code that serves has, and which the database, both of Moodle and of the plugin; whether that changes now. */
const about = `<?php
define('NO_MOODLE_COOKIES', true);
require(__DIR__ . '/../../config.php');
$plugin = new stdClass();
require(__DIR__ . '/version.php');
require($CFG->dirroot . '/version.php');
header('Content-Type: application/json');
echo json_encode([
    'code' => [(float) $version, $plugin->version],
    'schema' => [
        (float) $DB->get_field('config', 'value', ['name' => 'version']),
        (int) $DB->get_field('config_plugins', 'value', ['plugin' => 'local_judged', 'name' => 'version']),
    ],
    'upgrading' => $DB->record_exists('config', ['name' => 'upgraderunning']),
    'root' => $_SERVER['DOCUMENT_ROOT'],
]);
`;

const upgrade = `<?php
defined('MOODLE_INTERNAL') || die();
function xmldb_local_judged_upgrade($oldversion) {
    global $DB;
    if ($oldversion < ${versions.newer}) {
        $table = new xmldb_table('local_judged');
        $field = new xmldb_field('grade', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $DB->get_manager()->add_field($table, $field);
        upgrade_plugin_savepoint(true, ${versions.newer}, 'local', 'judged');
    }
    return true;
}
`;
