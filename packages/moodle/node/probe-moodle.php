<?php
// The part of the probe that asks Moodle. Effective values, whatever they were written as: of a setting in the database
// and in config.php, the one that holds.
//
//     php probe-moodle.php /srv/moodle/current site|config

namespace warden;

[, $code, $how] = $argv;
define('CLI_SCRIPT', true);
if ($how === 'config') {
    define('ABORT_AFTER_CONFIG', true);
}
require $code . '/config.php';
require_once __DIR__ . '/lib.php';
// A site that still runs 4.1 has these classes without a namespace.
if ($how === 'site') {
    foreach (['config' => 'cache_config', 'cache' => 'cache'] as $name => $before) {
        class_exists("core_cache\\$name") || class_alias($before, "core_cache\\$name");
    }
}

$facts = ($how === 'site' ? site() : []) + settings($CFG) + sessions($CFG) + directories($CFG);
echo "\n", json_encode($facts, JSON_UNESCAPED_SLASHES), "\n";

function settings(\stdClass $CFG): array {
    $flags = ['sslproxy', 'reverseproxy', 'preventexecpath', 'disableupdateautodeploy', 'uninstallclionly', 'cronclionly',
        'debugdisplay', 'cookiesecure', 'maintenance_enabled'];
    $result = [
        'wwwroot' => formed($CFG->wwwroot ?? null, 'https?://[\w.-]+(:\d+)?(/[\w/-]*)?'),
        'dbtype' => formed($CFG->dbtype ?? null, '[a-z]{1,20}'),
        'getremoteaddrconf' => formed($CFG->getremoteaddrconf ?? null, '\d'),
        'debug' => formed($CFG->debug ?? null, '\d{1,9}'),
        'lock_factory' => formed($CFG->lock_factory ?? 'auto', '[\w\\\\]{1,100}'),
        'xsendfile' => formed($CFG->xsendfile ?? '', '[A-Za-z-]{0,30}'),
    ];
    foreach ($flags as $name) {
        $result[$name] = isset($CFG->$name) ? yesno((bool) $CFG->$name) : '';
    }
    // Moodle's own default, where neither config.php nor the database has a word on it (`\core\session\manager`).
    $result['cookiehttponly'] = yesno((bool) ($CFG->cookiehttponly ?? true));
    return $result;
}

/** Without what lets anybody in. */
function sessions(\stdClass $CFG): array {
    $port = formed($CFG->session_redis_port ?? 6379, '\d{1,5}');
    $encrypt = $CFG->session_redis_encrypt ?? [];
    $verified = is_array($encrypt) && ($encrypt['cafile'] ?? '') !== '' && ($encrypt['verify_peer'] ?? true);
    return [
        'session_handler_class' => formed($CFG->session_handler_class ?? null, '[\w\\\\]{1,100}'),
        'session_redis' => isset($CFG->session_redis_host) ? formed("$CFG->session_redis_host:$port", '[\w.:,/-]{1,500}') : '',
        'session_redis_prefix' => formed($CFG->session_redis_prefix ?? null, '[\w.:-]{0,100}'),
        'session_redis_encrypt' => $encrypt ? ($verified ? 'verified' : 'unverified') : 'none',
        'session_redis_lock_expire' => formed($CFG->session_redis_lock_expire ?? null, '\d{1,6}'),
        'session_redis_acquire_lock_timeout' => formed($CFG->session_redis_acquire_lock_timeout ?? null, '\d{1,6}'),
    ];
}

/** With all nodes, or with this one alone. */
function directories(\stdClass $CFG): array {
    $shared = realpath($CFG->dataroot);
    $where = function (?string $directory) use ($shared): string {
        $real = $directory === null ? false : realpath($directory);
        return $real === false || $shared === false ? '' : (str_starts_with("$real/", "$shared/") ? 'shared' : 'local');
    };
    $names = ['cachedir', 'tempdir', 'backuptempdir', 'localcachedir'];
    return array_combine($names, array_map(fn(string $name): string => $where($CFG->$name ?? null), $names));
}

/** What only a Moodle with its database knows. */
function site(): array {
    global $DB;
    $hosts = known(fn() => $DB->get_fieldset_sql('SELECT hostname FROM {task_scheduled} WHERE timestarted IS NOT NULL'
        . ' UNION SELECT hostname FROM {task_adhoc} WHERE timestarted IS NOT NULL'));
    return [
        'cookiesecure' => yesno(known(fn() => is_moodle_cookie_secure())),
        'upgrade_pending' => yesno(known(fn() => moodle_needs_upgrading())),
        'task_hosts' => $hosts === null ? '' : implode(' ', array_map(fn($host) => formed($host, '[\w.-]{1,64}'), $hosts)),
        'altcacheconfigpath' => formed(known(fn() => cachefile()), '[\w./-]{1,300}'),
        'muc_modes' => known(fn() => modes()) ?? '',
        'muc_config' => formed(known(fn() => livestore()), '\w{1,60}'),
    ];
}

/** The file that is in use: one that cannot be written is passed over without a word. */
function cachefile(): string {
    $config = new class extends \core_cache\config {
        public static function inuse(): string {
            return self::get_config_file_path();
        }
    };
    return $config::inuse();
}

/** The class of the store that each mode asks first. */
function modes(): string {
    $config = \core_cache\config::instance();
    $stores = $config->get_all_stores();
    $mappings = $config->get_mode_mappings();
    usort($mappings, fn(array $a, array $b): int => $a['sort'] <=> $b['sort']);
    $classes = [];
    foreach ($mappings as ['mode' => $mode, 'store' => $store]) {
        $classes[$mode] = formed('cachestore_' . $stores[$store]['plugin'], '\w{1,60}');
    }
    $names = [1 => 'application', 2 => 'session', 4 => 'request'];
    return implode(' ', array_map(fn(int $mode): string => "$names[$mode]=" . ($classes[$mode] ?? ''), array_keys($names)));
}

/** Where the values of core/config really are now: Moodle goes on with files when Redis does not answer. */
function livestore(): string {
    $cache = \core_cache\cache::make('core', 'config');
    return get_class((new \ReflectionProperty(\core_cache\cache::class, 'store'))->getValue($cache));
}
