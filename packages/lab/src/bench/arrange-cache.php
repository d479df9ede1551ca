<?php
// Where Moodle's application cache is. Run as PHP's user, from standard input, on the one node that is in service:
//
//     php -- CODE BUNDLED look
//     php -- CODE BUNDLED arrange shared|redis|local
//
// BUNDLED is the cache configuration as Warden's bundle brings it, in base64. With `arrange`, Moodle's own file is written anew
// from it, every store is emptied, and only then is looked. Prints one line of JSON: the stores of two caches that every page
// reads, as Moodle has them here and now, and how many files of a third lie in either place. Only pages fill that one, so it
// tells what the web server's PHP does, whose OPcache may still have another configuration.

define('CLI_SCRIPT', true);
// Settings first: the file has to be there before Moodle reads it.
define('ABORT_AFTER_CONFIG', true);
[, $code, $bundled, $verb] = $argv;
require $code . '/config.php';
$configuration = bundled($bundled);
if ($verb === 'arrange') {
    write($CFG->altcacheconfigpath, arranged($configuration, $argv[4]));
}
define('ABORT_AFTER_CONFIG_CANCEL', true);
require $CFG->dirroot . '/lib/setup.php';

$places = [
    'shared' => "$CFG->cachedir/cachestore_file/default_application",
    'local' => $configuration['stores']['local']['configuration']['path'],
];
if ($verb === 'arrange') {
    core_cache\helper::update_definitions();
    core_cache\helper::purge_all();
    // Stores that no cache is mapped to were left alone.
    array_map(fn(string $place): bool => !is_dir($place) || remove_dir($place, true), $places);
}
echo json_encode([
    'config' => store('config'),
    'string' => store('string'),
    'files' => array_map(fn(string $place): int => files("$place/core_capabilities"), $places),
], JSON_UNESCAPED_SLASHES), "\n";

function bundled(string $text): array {
    eval('?>' . base64_decode($text));
    if (!isset($configuration['stores']['redis'], $configuration['stores']['local'])) {
        fail('the bundle has no Redis with a first tier on the local disk');
    }
    return $configuration;
}

/** One store for every application cache, unless it is the bundle's own arrangement. */
function arranged(array $configuration, string $arrangement): array {
    $only = ['shared' => 'default_application', 'local' => 'local'];
    if ($arrangement === 'redis') {
        return $configuration;
    }
    if (!isset($only[$arrangement])) {
        fail("there is no arrangement $arrangement");
    }
    foreach ($configuration['modemappings'] as &$mapping) {
        if ($mapping['mode'] === 1) {
            $mapping['store'] = $only[$arrangement];
        }
    }
    return ['definitionmappings' => []] + $configuration;
}

function write(string $file, array $configuration): void {
    $text = "<?php defined('MOODLE_INTERNAL') || die();\n\$configuration = " . var_export($configuration, true) . ";\n";
    // It holds the cache's password.
    umask(0077);
    if (file_put_contents("$file.new", $text) !== strlen($text) || !rename("$file.new", $file)) {
        fail("$file cannot be written");
    }
}

/** Moodle goes on with files on the shared file system when a store is not ready, so the live one counts. */
function store(string $area): array {
    $cache = core_cache\cache::make('core', $area);
    $store = (new ReflectionProperty(core_cache\cache::class, 'store'))->getValue($cache);
    $path = $store instanceof cachestore_file ? (new ReflectionProperty($store, 'filestorepath'))->getValue($store) : '';
    return ['class' => get_class($store), 'path' => $path];
}

function files(string $place): int {
    if (!is_dir($place)) {
        return 0;
    }
    $below = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($place, FilesystemIterator::SKIP_DOTS));
    return iterator_count(new CallbackFilterIterator($below, fn(SplFileInfo $each): bool => $each->isFile()));
}

function fail(string $why): never {
    file_put_contents('php://stderr', "$why\n");
    exit(1);
}
