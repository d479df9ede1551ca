<?php
// Moodle on a copy of the site's database, apart from all that the site uses. PLACE is a directory with
//
//     copy           HOST[:PORT][/NAME] of the copy; what is not said is as it is for the site's own
//     code/          the release; its config.php is the site's, and then asks `configureforcopy`
//     settings.php   as the node's measure-settings.php, of the copy
//     data/ local/   empty, for what Moodle writes

namespace warden;

/** @return array{string, int|null, string|null} host, port and name */
function copyat(string $place): array {
    $known = preg_match('~^([^:/\s]+)(?::(\d+))?(?:/(\S+))?$~D', trim(file_get_contents("$place/copy")), $found, PREG_UNMATCHED_AS_NULL);
    $known === 1 || throw new \Exception('a copy is HOST[:PORT][/NAME]');
    return [$found[1], isset($found[2]) ? (int) $found[2] : null, $found[3] ?? null];
}

/** The settings of config.php, before Moodle reads them. What leads out of PLACE is taken back to Moodle's defaults, which are below its dataroot. */
function configureforcopy(\stdClass $cfg, string $place): void {
    [$host, $port, $name] = copyat($place);
    $cfg->dbhost = $host;
    $cfg->dbname = $name ?? $cfg->dbname;
    $cfg->dboptions['dbport'] = $port ?? $cfg->dboptions['dbport'];
    // A reader of the site's would be asked what the copy knows.
    unset($cfg->dboptions['readonly']);
    $cfg->dataroot = "$place/data";
    $cfg->localcachedir = "$place/local";
    $away = [
        'altcacheconfigpath', 'alternative_cache_factory_class', 'alternative_file_system_class', 'session_handler_class',
        'lock_factory', 'lock_file_root', 'filedir', 'trashdir', 'cachedir', 'tempdir', 'backuptempdir', 'localrequestdir',
    ];
    foreach ($away as $setting) {
        unset($cfg->$setting);
    }
    $cfg->noemailever = true;
}

function settingsofcopy(array $settings, string $place): array {
    [$host, $port, $name] = copyat($place);
    if ($settings['database']['kind'] === 'postgresql') {
        $words = ['host' => $host, 'port' => $port, 'dbname' => $name];
        $settings['database']['postgresql'] = array_filter($words, fn($word) => $word !== null) + $settings['database']['postgresql'];
    } else {
        [, $user, $password, $ownname, $ownport, $tls] = $settings['database']['mysql'];
        $settings['database']['mysql'] = [$host, $user, $password, $name ?? $ownname, $port ?? $ownport, $tls];
    }
    // On the site's own server, too, whoever upgrades the site need not wait.
    $settings['lock'] = "rehearsal {$settings['lock']}";
    return $settings;
}
