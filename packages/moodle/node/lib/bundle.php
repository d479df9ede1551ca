<?php
// A bundle's files and their places on this node.
//
//     php bundle.php place BUNDLE RELEASE       puts every file that differs in its place; prints the names of those
//     php bundle.php place BUNDLE - NAME…       the same for some of its files
//     php bundle.php drift BUNDLE RELEASE       prints the places whose file is another
//     php bundle.php between BUNDLE BUNDLE      prints what differs that is not in a file: platform, moodledata

umask(0022);
[, $verb, $bundle, $other] = $argv;
match ($verb) {
    'place' => eachdifferent($bundle, $other, function (array $file, string $to) use ($bundle): void {
        put("$bundle/{$file['name']}", $to, $file);
        echo "{$file['name']}\n";
    }),
    'drift' => eachdifferent($bundle, $other, fn(array $file, string $to) => print("$to\n")),
    'between' => between($bundle, $other),
};

function eachdifferent(string $bundle, string $release, callable $do): void {
    $names = array_slice($GLOBALS['argv'], 4);
    foreach (manifest($bundle)['files'] as $file) {
        if ($names !== [] && !in_array($file['name'], $names, true)) {
            continue;
        }
        foreach ($file['to'] as $to) {
            // The release itself, not the link to it: its config.php is there before anybody is sent to it.
            $to = str_replace('/srv/moodle/current/', "$release/", $to);
            if (differs("$bundle/{$file['name']}", $to, $file)) {
                $do($file, $to);
            }
        }
    }
}

function differs(string $ours, string $to, array $file): bool {
    clearstatcache();
    if (!is_file($to) || is_link($to) || owner($to) !== "{$file['owner']}:{$file['group']}:{$file['mode']}") {
        return true;
    }
    if ($file['name'] === 'cache-configuration.php') {
        return meansanother($ours, $to, $file['owner']);
    }
    return hash_file('sha256', $ours) !== hash_file('sha256', $to);
}

function owner(string $path): string {
    $mode = sprintf('%04o', fileperms($path) & 07777);
    return posix_getpwuid(fileowner($path))['name'] . ':' . posix_getgrgid(filegroup($path))['name'] . ":$mode";
}

/** Moodle writes this one anew by itself. It is code that PHP's user can write, so nobody else may run it. */
function meansanother(string $ours, string $to, string $user): bool {
    $found = json_decode((string) output($user, [PHP_BINARY, __DIR__ . '/../cache-drift.php', $ours, $to]), true);
    return ($found['drift'] ?? null) !== [];
}

/** Never half a file: written beside, and renamed. */
function put(string $ours, string $to, array $file): void {
    @mkdir(dirname($to), 0755, true);
    $beside = dirname($to) . '/.warden-' . bin2hex(random_bytes(8));
    $install = ['install', '--mode', $file['mode'], '--group', $file['group'], $ours, $beside];
    // In a directory of PHP's user it is he who writes: whatever he prepared there, he can do with it no more than he could.
    if (output($file['owner'], $install) === null || output($file['owner'], ['mv', '-fT', $beside, $to]) === null) {
        fwrite(STDERR, "$to cannot be written\n");
        exit(1);
    }
}

/** @return what it printed, or null when it failed */
function output(string $user, array $command): ?string {
    $as = $user === 'root' ? $command : ['runuser', '-u', $user, '--', ...$command];
    $process = proc_open($as, [['null'], ['pipe', 'w'], STDERR], $pipes);
    $text = stream_get_contents($pipes[1]);
    return proc_close($process) === 0 ? $text : null;
}

function between(string $one, string $two): void {
    foreach (['moodledata', 'platform'] as $part) {
        if (manifest($one)[$part] != manifest($two)[$part]) {
            echo "$part\n";
        }
    }
}

function manifest(string $bundle): array {
    return json_decode(file_get_contents("$bundle/manifest.json"), true, 64, JSON_THROW_ON_ERROR);
}
