<?php
// What Moodle's upgrade.php of a release would refuse, asked beforehand and changing nothing: prints one sentence a line. Run as
// PHP's user, with the release's own config.php.
//
//     php preflight-moodle.php CODE MANIFEST

define('CLI_SCRIPT', true);
define('CACHE_DISABLE_ALL', true);
define('NO_UPGRADE_CHECK', true);
// What Moodle keeps of its code's places lies in moodledata, for the release that is in use.
define('IGNORE_COMPONENT_CACHE', true);
[, $code, $manifest] = $argv;
require "$code/config.php";
require_once "$CFG->libdir/adminlib.php";
require_once "$CFG->libdir/upgradelib.php";
require_once "$CFG->libdir/environmentlib.php";

$version = $release = $branch = $maturity = null;
require "$CFG->dirroot/version.php";
$CFG->target_release = $release;
$problems = [
    ...configured($branch, $manifest),
    ...($version < $CFG->version ? ["the release is older than the site, $version and $CFG->version: Moodle does not go back"] : []),
    ...($maturity < MATURITY_STABLE ? ["Moodle $release is not stable"] : []),
    ...(upgrade_stale_php_files_present() ? ['files of an older Moodle are left in the release'] : []),
    ...environment($release),
    ...plugins((float) $version),
];
echo implode('', array_map(fn(string $each): string => preg_replace('/\s+/', ' ', $each) . "\n", $problems));

/** A bundle is for one branch: from 5.1 on the web server is sent to another directory. */
function configured(string $branch, string $manifest): array {
    $for = json_decode(file_get_contents($manifest), true, 64, JSON_THROW_ON_ERROR)['release'];
    [$major, $minor] = explode('.', $for);
    return (int) $branch === 100 * $major + $minor ? [] : ["the configuration is for Moodle $for, and the release is of branch $branch"];
}

function environment(string $release): array {
    [$fine, $results] = check_moodle_environment(normalize_version($release), ENV_SELECT_RELEASE);
    if ($fine) {
        return [];
    }
    $errors = array_map(fn(array $error): string => implode(': ', array_map(strip_tags(...), $error)), environment_get_errors($results));
    return $errors === [] ? ["Moodle has no list of what $release needs"] : $errors;
}

function plugins(float $version): array {
    global $CFG;
    $failed = [];
    core_plugin_manager::instance()->all_plugins_ok($version, $failed, $CFG->branch);
    return array_map(
        fn(string $plugin): string => "the plugin $plugin is not for this release, or needs another plugin that is not there",
        array_values(array_unique($failed)),
    );
}
