<?php
// Whether PHP is what this site's release needs: prints what is wrong, one a line, and nothing when all is well.
//
//     php php-judge.php MANIFEST COMMAND-LINE FPM       two files of php-facts.php

$facts = fn(string $file): ?array => json_decode((string) @file_get_contents($file), true);
$needs = $facts($argv[1])['needs'] ?? null;
// A bundle that was made before there was this list asks for nothing.
$wrong = $needs === null ? [] : [
    ...wrong('the command line', $facts($argv[2]), $needs, [...$needs['extensions'], ...$needs['commandLine']]),
    ...wrong('PHP-FPM', $facts($argv[3]), $needs, $needs['extensions']),
    // The command line has no use for it.
    ...opcache($facts($argv[3])),
];
echo implode('', array_map(fn(string $line): string => "$line\n", $wrong));

function wrong(string $which, ?array $has, array $needs, array $extensions): array {
    if ($has === null) {
        return ["$which does not say what it is"];
    }
    ['least' => $least, 'highest' => $highest] = $needs['php'];
    $branch = implode('.', array_slice(explode('.', $has['version']), 0, 2));
    $missing = array_filter($extensions, fn(string $name): bool => !array_key_exists(strtolower($name), $has['extensions']));
    $old = array_filter(
        array_keys($needs['newerThan']),
        fn(string $name): bool => !version_compare($has['extensions'][$name] ?? '999', $needs['newerThan'][$name], '>'),
    );
    return array_map(fn(string $what): string => "$which $what", [
        ...(version_compare($branch, $least, '>=') && version_compare($branch, $highest, '<=') ? []
            : ["is PHP {$has['version']}, not from $least to $highest"]),
        ...($has['bits'] === 64 ? [] : ["is PHP of {$has['bits']} bits"]),
        ...($missing === [] ? [] : ['has no extension ' . implode(', ', $missing)]),
        ...array_map(fn(string $name): string => "has $name {$has['extensions'][$name]}, not newer than {$needs['newerThan'][$name]}", $old),
        ...($has['inputs'] >= $needs['inputs'] ? [] : ["has max_input_vars {$has['inputs']}, less than {$needs['inputs']}"]),
    ]);
}

function opcache(?array $has): array {
    return match (true) {
        $has === null => [],
        $has['filecacheonly'] => ['PHP-FPM keeps OPcache in files only'],
        !$has['opcache'] => ['PHP-FPM has no OPcache at work'],
        default => [],
    };
}
