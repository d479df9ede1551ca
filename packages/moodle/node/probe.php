<?php
// Says what this node is, for audits: the document of SSM Inventory's type Custom:Moodle, which the SSM Agent takes from a
// file and sends on. Only facts that are named here go out, each only in a form that its kind allows; so what somebody
// writes into config.php stays there. What is not known is empty, as the agent asks for in the place of null.
//
//     php probe.php /opt/warden/probe-settings.php unwritable
//
// As the user who runs PHP, for what that user may write is a part of it. The last word says what root found below the
// mount of the shared files.

namespace warden;

ini_set('display_errors', 'stderr');
ini_set('log_errors', '0');
define('MOODLE_INTERNAL', true);
require __DIR__ . '/lib.php';
[, $file] = $argv;
$settings = require $file;

$facts = code($settings) + php() + machine($settings, $argv[2] ?? '') + moodle($settings);
$content = array_map(fn(mixed $value): string => mb_strcut((string) $value, 0, 4096), ['v' => '1'] + $facts);
echo json_encode(
    ['SchemaVersion' => '1.0', 'TypeName' => 'Custom:Moodle', 'Content' => $content],
    JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRETTY_PRINT,
), "\n";

/** Moodle's code as it lies on the disk, and whether the web user could change it. */
function code(array $settings): array {
    $code = $settings['code'];
    $root = preg_match('/^\s*root ([^;]+);/m', @file_get_contents($settings['nginx']) ?: '', $found) ? $found[1] : '';
    $about = versionof(is_file("$code/public/version.php") ? "$code/public/version.php" : "$code/version.php");
    $writable = array_filter([$code, "$code/lib", "$code/admin", "$code/public", "$code/public/lib", "$code/version.php"], 'is_writable');
    return [
        'release' => formed($about['release'] ?? null, '[\w .+():-]{1,100}'),
        'version' => formed($about['version'] ?? null, '\d{8,12}(\.\d{1,4})?'),
        'branch' => formed($about['branch'] ?? null, '\d{1,4}'),
        'code_writable' => is_dir($code) ? yesno($writable !== []) : '',
        'config_writable' => is_file("$code/config.php") ? yesno(is_writable("$code/config.php")) : '',
        'document_root' => formed($root, '[\w./-]{1,200}'),
    ];
}

/** Moodle's own file, which assigns and does nothing else. What it counts on is defined in its lib/setup.php. */
function versionof(string $file): array {
    foreach (['MATURITY_ALPHA' => 50, 'MATURITY_BETA' => 100, 'MATURITY_RC' => 150, 'MATURITY_STABLE' => 200] as $name => $value) {
        defined($name) || define($name, $value);
    }
    $release = $version = $branch = null;
    known(function () use ($file, &$release, &$version, &$branch): void {
        is_readable($file) && include $file;
    });
    return compact('release', 'version', 'branch');
}

/** Of the command line, which has the same settings file as FPM. */
function php(): array {
    $matter = ['apcu', 'igbinary', 'intl', 'mysqli', 'pcntl', 'pgsql', 'redis', 'sodium', 'zip', 'zstd', 'Zend OPcache'];
    $settings = ['max_input_vars', 'display_errors', 'zend.exception_ignore_args'];
    $opcache = ['enable', 'memory_consumption', 'max_accelerated_files', 'validate_timestamps', 'revalidate_freq', 'file_cache_only'];
    // ini_set above changed the one that audits ask about.
    ini_restore('display_errors');
    $pairs = fn(array $names, string $prefix): string => implode(' ', array_map(
        fn(string $name): string => "$name=" . formed((string) ini_get($prefix . $name), '\w{0,20}'),
        $names,
    ));
    $result = [
        'php' => PHP_VERSION,
        'php_settings' => $pairs($settings, ''),
        'extensions' => implode(' ', str_replace('Zend OPcache', 'opcache', array_filter($matter, 'extension_loaded'))),
        'phpredis' => (string) phpversion('redis'),
        'opcache' => $pairs($opcache, 'opcache.'),
    ];
    ini_set('display_errors', 'stderr');
    return $result;
}

function machine(array $settings, string $bare): array {
    [$type, $options] = mounted($settings['files'], $settings['mounts']);
    $source = known(fn() => trim(file_get_contents('/sys/devices/system/clocksource/clocksource0/current_clocksource')));
    $offset = clockoffset();
    return [
        'hostname' => formed(gethostname(), '[\w.-]{1,64}'),
        'mount' => formed(trim("$type $options"), '[\w.]{1,30} [\w.,=:%-]{1,1000}'),
        'bare_mountpoint' => in_array($bare, ['unwritable', 'writable'], true) ? $bare : '',
        'clock_source' => formed($source, '[\w-]{1,30}'),
        'clock_offset' => $offset === null ? '' : sprintf('%.6f', $offset),
    ];
}

/** Type and options of the last mount at this directory, which lies over those before it. */
function mounted(string $directory, string $mounts): array {
    $found = ['', ''];
    foreach (file($mounts, FILE_IGNORE_NEW_LINES) as $line) {
        $words = explode(' ', $line);
        if ($words[1] === $directory) {
            $found = [$words[2], $words[3]];
        }
    }
    return $found;
}

/**
 * Moodle says it itself, in a process of its own that may take no longer than this: with its database when that answers,
 * else from config.php alone.
 */
function moodle(array $settings): array {
    foreach (['site' => 20, 'config' => 5] as $how => $seconds) {
        $lines = explode("\n", trim(said([PHP_BINARY, __DIR__ . '/probe-moodle.php', $settings['code'], $how], $seconds) ?? ''));
        $facts = json_decode(end($lines), true);
        if (is_array($facts)) {
            return ['moodle' => $how] + $facts;
        }
    }
    return ['moodle' => ''];
}
