/**
 * What stands for Moodle's own programs on the command line, and the tables that they make. Each goes as far as Warden's go:
 * what it was given it writes down, and files in moodledata tell it to fail or to wait.
 */

/** The version that the code and, once it is installed, the database have. */
export const version = "2024100700";

const tables = [
  "CREATE TABLE mdl_config (name VARCHAR(99) PRIMARY KEY, value TEXT)",
  `INSERT INTO mdl_config VALUES ('version', '${version}'), ('branch', '405'), ('rolesactive', '1')`,
  "CREATE TABLE mdl_config_plugins (plugin VARCHAR(99), name VARCHAR(99), value TEXT, PRIMARY KEY (plugin, name))",
  "CREATE TABLE mdl_task_scheduled (classname VARCHAR(255), timestarted BIGINT, hostname VARCHAR(255))",
  "INSERT INTO mdl_task_scheduled VALUES ('\\\\core\\\\task\\\\judge_task', NULL, NULL)",
  "CREATE TABLE mdl_task_adhoc (classname VARCHAR(255), timestarted BIGINT, hostname VARCHAR(255))",
  "CREATE TABLE mdl_course (format VARCHAR(21), fullname VARCHAR(254))",
  "CREATE TABLE mdl_user (id BIGINT PRIMARY KEY AUTO_INCREMENT, username VARCHAR(100) UNIQUE, password VARCHAR(255))",
  "CREATE TABLE mdl_files (id BIGINT PRIMARY KEY AUTO_INCREMENT, userid BIGINT, contenthash CHAR(64), filesize BIGINT)",
  "CREATE TABLE mdl_assign_submission (id BIGINT PRIMARY KEY AUTO_INCREMENT, userid BIGINT, course BIGINT, file BIGINT, KEY (course))",
  "CREATE TABLE mdl_upgrade_log (id BIGINT PRIMARY KEY AUTO_INCREMENT, info VARCHAR(255))",
];
/** Last, as in Moodle. */
const named = "INSERT INTO mdl_course VALUES ('site', 'Machine')";

/** What an installed site has in its database. */
export const installed = [...tables, named].join("; ");

const install = `<?php
define('CLI_SCRIPT', true);
require __DIR__ . '/../../config.php';
$given = array_slice($_SERVER['argv'], 1, -1);
$password = substr(end($_SERVER['argv']), strlen('--adminpass='));
file_put_contents($CFG->dataroot . '/installed-with', json_encode([
    'given' => $given, 'password' => sha1($password), 'seen' => str_contains(file_get_contents('/proc/self/cmdline'), 'pass'),
]));
foreach (json_decode(<<<'JSON'
${JSON.stringify(tables)}
JSON) as $each) {
    $DB->run($each);
}
core_cache\\helper::update_site_identifier(bin2hex(random_bytes(8)));
if (file_exists($CFG->dataroot . '/installation-breaks')) {
    exit("it broke with $password\\n");
}
$DB->run("${named}");
exit(0);
`;

const upgrade = `<?php
define('CLI_SCRIPT', true);
require __DIR__ . '/../../config.php';
file_put_contents($CFG->dataroot . '/upgraded-with', implode(' ', $_SERVER['argv']) . "\\n", FILE_APPEND);
$closed = !file_exists($CFG->dataroot . '/may-stay-open');
if (in_array('--is-maintenance-required', $_SERVER['argv'])) {
    exit($closed ? 2 : 3);
}
if (in_array('--maintenance=0', $_SERVER['argv'])) {
    if ($closed) {
        echo "it cannot be done with the site open\\n";
        exit(2);
    }
    $DB->run("REPLACE INTO {config} VALUES ('outagelessupgrade', '1')");
}
if (moodle_needs_upgrading()) {
    $DB->run("INSERT INTO {upgrade_log} (info) VALUES ('Starting core upgrade')");
    if (file_exists($CFG->dataroot . '/upgrade-breaks')) {
        echo "it broke in the middle\\n";
        exit(1);
    }
    $DB->run("UPDATE {config} SET value = '${version}' WHERE name = 'version'");
}
exit(0);
`;

const maintenance = `<?php
define('CLI_SCRIPT', true);
require __DIR__ . '/../../config.php';
$notice = $CFG->dataroot . '/climaintenance.html';
$_SERVER['argv'][1] === '--enable' ? file_put_contents($notice, 'closed') : (file_exists($notice) && unlink($notice));
`;

/** What Moodle's upgrade asks before it begins. A file says that nothing is as it should be. */
const asksBefore = `<?php
const MATURITY_STABLE = 200;
const ENV_SELECT_RELEASE = 2;
$CFG->version = $DB->get_field('config', 'value', ['name' => 'version']);
$CFG->branch = $DB->get_field('config', 'value', ['name' => 'branch']);
function normalize_version($release) { return $release; }
function upgrade_stale_php_files_present() { return false; }
function check_moodle_environment($version, $select) { return [!is_file(__DIR__ . '/unfit'), []]; }
function environment_get_errors($results) { return [['php_extension <b>judge</b>', 'must be installed']]; }
class core_plugin_manager {
    public static function instance(): self { return new self(); }
    public function all_plugins_ok($version, &$failed, $branch): bool {
        $failed = is_file(__DIR__ . '/unfit') ? ['mod_judge', 'mod_judge'] : [];
        return $failed === [];
    }
}
`;

const encryption = `<?php
namespace core;
class encryption {
    public static function key_exists(): bool { return true; }
}
`;

export const programs: Readonly<Record<string, string>> = {
  "admin/cli/install_database.php": install,
  "admin/cli/upgrade.php": upgrade,
  "admin/cli/maintenance.php": maintenance,
  "lib/adminlib.php": "<?php",
  "lib/upgradelib.php": "<?php",
  "lib/environmentlib.php": asksBefore,
  "lib/encryption.php": encryption,
  "version.php": `<?php $version = ${version}; $release = '4.5'; $branch = '405'; $maturity = MATURITY_STABLE;`,
};
