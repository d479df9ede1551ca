<?php
// What a rehearsal needs before Moodle is asked (rehearse.sh).
//
//     php rehearsal.php prepare BUNDLE PLACE       config.php and settings.php of PLACE, see copy.php
//     php rehearsal.php claim SETTINGS PLACE       marks the copy as used; fails for one that is so already, and for the
//                                                  site's own database, whatever name it was called by

namespace warden;

require dirname(__DIR__) . '/lib.php';
require __DIR__ . '/copy.php';
[, $verb, $from, $place] = $argv;
try {
    match ($verb) {
        'prepare' => prepare($from, $place),
        'claim' => claim(require $from, require "$place/settings.php"),
    };
} catch (\DomainException $wrong) {
    echo $wrong->getMessage() . "\n";
    exit(1);
}

function prepare(string $bundle, string $place): void {
    $setup = "require_once __DIR__ . '/lib/setup.php';";
    $config = rtrim(file_get_contents("$bundle/config.php"));
    str_ends_with($config, "\n$setup") || throw new \DomainException('config.php of the bundle does not end with Moodle\'s setup');
    $library = 'require_once ' . var_export(__DIR__ . '/copy.php', true) . ';';
    $own = substr($config, 0, -strlen($setup));
    put("$place/code/config.php", "$own$library\n\\warden\\configureforcopy(\$CFG, dirname(__DIR__));\n$setup\n");
    $settings = var_export("$bundle/measure-settings.php", true);
    put("$place/settings.php", "<?php\n$library\nreturn \\warden\\settingsofcopy(require $settings, __DIR__);\n");
}

/** A file of its own: the one that is there is a link to the release's. */
function put(string $file, string $text): void {
    @unlink($file);
    file_put_contents($file, $text) !== false && chmod($file, 0644) || throw new \DomainException("$file cannot be written");
}

/**
 * What is written to the copy must not be read in the site: names and addresses do not tell two databases apart. Of one that
 * cannot be written, such as a reader of the site's, nothing could be rehearsed either.
 */
function claim(array $site, array $copy): void {
    $table = "{$site['prefix']}config";
    $mine = fn(\Closure $ask): bool => $ask("SELECT value FROM $table WHERE name = 'warden_rehearsal'") !== [];
    $own = reached($site, 'the site\'s database');
    $other = reached($copy, 'the copy');
    try {
        $mine($other) && throw new \DomainException('the copy was used for a rehearsal before: restore another one');
        $other("INSERT INTO $table (name, value) VALUES ('warden_rehearsal', '" . time() . "')");
    } catch (\DomainException $wrong) {
        throw $wrong;
    } catch (\Throwable $error) {
        throw new \DomainException('the copy cannot be written: ' . $error->getMessage());
    }
    if ($mine($own)) {
        $own("DELETE FROM $table WHERE name = 'warden_rehearsal'");
        throw new \DomainException('the copy is the site\'s own database');
    }
}

function reached(array $settings, string $what): \Closure {
    return known(fn() => database($settings['database'])) ?? throw new \DomainException("$what does not answer, or does not take the site's user and password");
}
