/**
 * A small PHP application on the seams that a node's own programs use. It is not Moodle, and says so on every page: it has
 * Moodle's names for what they ask (`$DB`, tasks, locks, maintenance), and a login page that needs every shared part.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { programs, version } from "./programs.ts";

const notice = "This is not Moodle: it is a small application that stands for it.";

const setup = `<?php
class Database {
    public function __construct(private mysqli $link, private string $prefix) {}
    public function get_tables(): array {
        $names = array_column($this->link->query('SHOW TABLES')->fetch_all(), 0);
        return array_map(fn($name) => substr($name, strlen($this->prefix)), $names);
    }
    public function get_field(string $table, string $field, array $where): mixed {
        $names = implode(' AND ', array_map(fn($name) => "$name = ?", array_keys($where)));
        $found = $this->link->execute_query("SELECT $field FROM {$this->prefix}$table WHERE $names", array_values($where));
        return $found->fetch_row()[0] ?? false;
    }
    public function get_records_menu(string $table): array {
        $rows = $this->link->query("SELECT name, value FROM {$this->prefix}$table")->fetch_all();
        return array_column($rows, 1, 0);
    }
    public function get_recordset(string $table): array {
        $found = [];
        for ($rows = $this->link->query("SELECT * FROM {$this->prefix}$table"); $row = $rows->fetch_object();) { $found[] = $row; }
        return $found;
    }
    public function get_fieldset_select(string $table, string $field, string $where, array $values): array {
        $found = $this->link->execute_query("SELECT $field FROM {$this->prefix}$table WHERE $where", $values);
        return array_column($found->fetch_all(), 0);
    }
    public function run(string $sql, array $values = []): mixed {
        return $this->link->execute_query(str_replace('{', $this->prefix, str_replace('}', '', $sql)), $values);
    }
}
function moodle_needs_upgrading(): bool {
    global $DB;
    return $DB->get_field('config', 'value', ['name' => 'version']) !== '${version}';
}
$CFG->dirroot = dirname(__DIR__);
$CFG->libdir = __DIR__;
function set_config(string $name, string $value, string $plugin): void {
    global $DB;
    $DB->run('REPLACE INTO {config_plugins} VALUES (?, ?, ?)', [$plugin, $name, $value]);
}
if (PHP_SAPI !== 'cli' && file_exists($CFG->dataroot . '/climaintenance.html')) {
    http_response_code(503);
    exit('${notice} The site is closed for maintenance.');
}
$link = mysqli_init();
$link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 3);
$link->real_connect($CFG->dbhost, $CFG->dbuser, $CFG->dbpass, $CFG->dbname, (int) $CFG->dboptions['dbport']);
$DB = new Database($link, $CFG->prefix);
require __DIR__ . '/locks.php';
require __DIR__ . '/caches.php';
require __DIR__ . '/encryption.php';
`;

const locks = `<?php
namespace core\\lock;
class lock {
    public function __construct(private string $name) {}
    public function release(): void { global $DB; $DB->run('SELECT RELEASE_LOCK(?)', [$this->name]); }
}
class factory {
    public function __construct(private string $type) {}
    public function get_lock(string $resource, int $timeout): lock|false {
        global $DB;
        $name = "{$this->type}_$resource";
        return $DB->run('SELECT GET_LOCK(?, ?)', [$name, $timeout])->fetch_row()[0] == 1 ? new lock($name) : false;
    }
}
class lock_config {
    public static function get_lock_factory(string $type): factory { return new factory($type); }
}
`;

/**
 * One scheduled task, and one ad hoc task that waits, which no other process of this node has: `lasts_60` takes a minute. Told to
 * end, it finishes the task that it has, as Moodle's does.
 */
const cron = `<?php
define('CLI_SCRIPT', true);
require __DIR__ . '/../../config.php';
$DB->run("UPDATE {task_scheduled} SET timestarted = 1, hostname = ?", [gethostname()]);
usleep(200000);
$DB->run('UPDATE {task_scheduled} SET timestarted = NULL, hostname = NULL');
pcntl_async_signals(true);
pcntl_signal(SIGTERM, function () {});
$mine = [gethostname()];
$DB->run("UPDATE {task_adhoc} SET timestarted = 1, hostname = ? WHERE timestarted IS NULL AND classname LIKE 'lasts%' LIMIT 1", $mine);
if ($DB->run('SELECT ROW_COUNT()')->fetch_row()[0] == 1) {
    $task = $DB->run("SELECT classname FROM {task_adhoc} WHERE hostname = ? AND classname LIKE 'lasts%'", $mine)->fetch_row();
    $end = time() + (int) substr($task[0], strlen('lasts_'));
    while (time() < $end) {
        sleep(1);
    }
    file_put_contents($CFG->dataroot . '/tasks-done', gethostname() . " $task[0]\n", FILE_APPEND);
    $DB->run("DELETE FROM {task_adhoc} WHERE hostname = ? AND classname LIKE 'lasts%'", $mine);
}
`;

/** What a visitor sees: which machine it is, and that the database answers. */
const index = `<?php
require __DIR__ . '/config.php';
$version = $DB->get_field('config', 'value', ['name' => 'version']);
header('Content-Type: text/html; charset=utf-8');
echo "<!doctype html><title>Not Moodle</title><p>${notice}</p><p>Machine ", htmlspecialchars(gethostname()), ", database version ", htmlspecialchars((string) $version), "</p>";
`;

/** One cache, whose purge is written down and takes as long as it is told; and the identifier in the keys, which Moodle writes anew. */
const caches = `<?php
namespace core_cache;
class definition {}
class store {
    public function find_all(): array { return []; }
    public function purge(): bool {
        global $CFG;
        file_put_contents($CFG->dataroot . '/purges', 'as ' . posix_geteuid() . "\\n", FILE_APPEND);
        sleep((int) @file_get_contents($CFG->dataroot . '/purge-takes'));
        return true;
    }
}
class config {
    public static function instance(): self { return new self(); }
    public function get_definitions(): array { return ['core/config' => ['mode' => 1], 'core/judge' => ['mode' => 1]]; }
    public function get_stores(int $mode): array { return []; }
}
class factory {
    public static function reset(): void {}
    public static function instance(): self { return new self(); }
    public function create_definition(string $component, string $area): definition { return new definition(); }
}
class helper {
    public static function get_cache_stores(definition $definition): array { return [new store()]; }
    public static function hash_key(string $key, definition $definition): string { return $key; }
    public static function purge_by_event(string $event): void {}
    public static function update_site_identifier(string $identifier): void {
        global $CFG;
        $text = file_get_contents($CFG->altcacheconfigpath);
        $ours = "'siteidentifier' => '" . md5($identifier) . "'";
        file_put_contents($CFG->altcacheconfigpath, preg_replace("/'siteidentifier' => '\\w+'/", $ours, $text));
    }
}
`;

/** What visitors ask for, each in the place that it has on a node. */
const folder = fileURLToPath(new URL("./pages/", import.meta.url));
const pages = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".php"))
    .sort()
    .map((name) => [name, readFileSync(`${folder}${name}`, "utf8")]),
);

/** Its files by name. */
export const application: Readonly<Record<string, string>> = {
  ...programs,
  ...pages,
  "index.php": index,
  "lib/setup.php": setup,
  "lib/locks.php": locks,
  "lib/caches.php": caches,
  "admin/cli/cron.php": cron,
};
