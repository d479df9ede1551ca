<?php
// Installs the site in its database, or brings the database up to the code, on one node at a time: with Moodle's own
// programs, in this process, so that the lock is gone exactly when they are. Whoever comes meanwhile waits for it and finds
// the work done. Moodle's own locks need tables; this one needs none. Run as PHP's user.
//
//     php schema.php CODE SETTINGS SECONDS install --adminemail=ann@example.com <PASSWORD
//     php schema.php CODE SETTINGS SECONDS upgrade --maintenance=0
//     php schema.php CODE SETTINGS 0 look              waits for nobody and changes nothing: what the database is now, and a
//                                                      mark that is another as soon as anybody installs or upgrades
//
// SETTINGS is measure-settings.php; after so many SECONDS of waiting it gives up. The password of the first administrator
// comes as a line of standard input: arguments can be seen by everybody. What follows the verb is for Moodle's program.
//
// The last line printed is what the database is now, and the status is 0 for `installed` alone:
//     empty            nothing is there
//     half-installed   an installation ended in the middle, and Moodle cannot go on with it: empty the database first. Where
//                      only the site's name is missing it ended with its last default settings: giving a name is enough
//     upgrade-pending  an upgrade has yet to run; one that ended in the middle goes on when it is run again
//     unknown          the database does not answer any more
//     held             others were at it all the time, or one that upgraded was killed less than five minutes ago

namespace warden;

use core_cache\helper;

require dirname(__DIR__) . '/lib.php';
[, $code, $settings, $seconds, $verb] = $argv;
$settings = require $settings;
$ask = database($settings['database']);
if ($verb === 'look') {
    $state = state($ask, $settings);
    exit("$state " . mark($ask, $settings, $state) . "\n");
}
$until = time() + (int) $seconds;
awaited(fn() => locked($ask, $settings, 'warden_schema'), $until) || told('held');
$state = state($ask, $settings);
// Moodle would upgrade one that is half installed, too.
$state === ($verb === 'install' ? 'empty' : 'installed') || told($state);
$verb === 'install' || awaited(fn() => !upgrading($ask, $settings), $until) || told('held');
// Nobody asks this connection anything for as long as the work takes.
$settings['database']['kind'] === 'postgresql' || $ask('SET SESSION wait_timeout = 28800');

$_SERVER['argv'] = $verb === 'install'
    ? ['install_database.php', ...installation($settings['site'], array_slice($argv, 5))]
    : ['upgrade.php', '--non-interactive', ...array_slice($argv, 5)];
// Moodle's program ends the process itself. Asked for from a shutdown function, this is the last: after Moodle's own.
register_shutdown_function(fn() => register_shutdown_function(fn() => told(outcome($settings, $verb))));
require "$code/admin/cli/{$_SERVER['argv'][0]}";

/** Polled: a database that does not answer is waited for no longer than lib.php says. */
function awaited(callable $ready, int $until): bool {
    while (!$ready()) {
        if (time() >= $until) {
            return false;
        }
        usleep(500_000);
    }
    return true;
}

/** Somebody upgrades by hand, or one that did was killed: Moodle refuses to begin until its own mark is five minutes old. */
function upgrading(\Closure $ask, array $settings): bool {
    $marks = $ask("SELECT value FROM {$settings['prefix']}config WHERE name = 'upgraderunning'");
    return ($marks[0][0] ?? 0) >= time();
}

function installation(string $site, array $given): array {
    $password = rtrim((string) fgets(STDIN), "\r\n");
    $password !== '' || throw new \Exception('standard input has no password');
    // Of two options with the same name Moodle takes the last.
    return ['--agree-license', "--fullname=$site", "--shortname=$site", ...$given, "--adminpass=$password"];
}

/** Moodle makes roles active when all tables are there, and sets the site's name last, after all default settings. */
function state(\Closure $ask, array $settings): string {
    $prefix = $settings['prefix'];
    $tables = tables($ask, $settings);
    if ($tables === []) {
        return 'empty';
    }
    if (array_diff(["{$prefix}config", "{$prefix}course"], $tables) !== []) {
        return 'half-installed';
    }
    [[$active]] = $ask("SELECT COUNT(*) FROM {$prefix}config WHERE name = 'rolesactive' AND value = '1'");
    [[$named]] = $ask("SELECT COUNT(*) FROM {$prefix}course WHERE format = 'site' AND fullname <> ''");
    return $active > 0 && $named > 0 ? 'installed' : 'half-installed';
}

function tables(\Closure $ask, array $settings): array {
    $prefix = $settings['prefix'];
    $schema = $settings['database']['kind'] === 'postgresql' ? 'current_schema()' : 'DATABASE()';
    $beginning = 'LEFT(table_name, ' . strlen($prefix) . ')';
    return array_column($ask("SELECT table_name FROM information_schema.tables WHERE table_schema = $schema AND $beginning = '$prefix'"), 0);
}

/** Moodle writes down each step of an upgrade before it is done, and each version afterwards. */
function mark(\Closure $ask, array $settings, string $state): string {
    $prefix = $settings['prefix'];
    return hash('sha256', json_encode($state !== 'installed' ? count(tables($ask, $settings)) : [
        $ask("SELECT MAX(id) FROM {$prefix}upgrade_log"),
        $ask("SELECT name, value FROM {$prefix}config WHERE name IN ('version', 'allversionshash') ORDER BY name"),
        $ask("SELECT plugin, value FROM {$prefix}config_plugins WHERE name = 'version' ORDER BY plugin"),
    ]));
}

/**
 * Moodle has ended, for whatever reason. A database that worked hard may be slow to answer, so it is asked anew for a while;
 * the lock stays until this process ends.
 */
function outcome(array $settings, string $verb): string {
    $state = null;
    $knows = function () use (&$state, $settings): bool {
        $state = known(fn() => state(database($settings['database']), $settings));
        return $state !== null;
    };
    if (!awaited($knows, time() + 30) || $state !== 'installed') {
        return $state ?? 'unknown';
    }
    // An upgrade without maintenance that ended early leaves it, and as long as it is there Moodle says that no upgrade is pending.
    database($settings['database'])("UPDATE {$settings['prefix']}config SET value = '' WHERE name = 'outagelessupgrade'");
    if ($verb === 'install') {
        // Moodle wrote the identifier that it made up into this node's cache configuration: the other nodes have the site's.
        helper::update_site_identifier($settings['caches']);
    }
    // The key of Moodle's secrets lies in moodledata. Two nodes that each made it with their first secret would each make one.
    \core\encryption::key_exists() || \core\encryption::create_key();
    return \moodle_needs_upgrading(false) ? 'upgrade-pending' : 'installed';
}

function told(string $state): never {
    echo "\n$state\n";
    exit($state === 'installed' ? 0 : 1);
}
