<?php
// Says where Moodle's cache configuration differs in meaning from the one that the bundle brought. Moodle writes the
// file anew by itself, with its own definitions and in its own order: that is no difference.
//
//     php cache-drift.php /opt/warden/bundle/cache-configuration.php /var/lib/moodle/muc/config.php
//
// Prints one line of JSON: {"drift":["stores.redis.configuration.server"]}. Values are not printed: some are secrets.

define('MOODLE_INTERNAL', true);
[, $expected, $effective] = $argv;

echo json_encode(['drift' => drift(configuration($expected), configuration($effective))]), "\n";

function configuration(string $file): ?array {
    if (!is_readable($file)) {
        return null;
    }
    $configuration = null;
    include $file;
    return is_array($configuration) ? $configuration : null;
}

function drift(?array $expected, ?array $effective): array {
    if ($expected === null || $effective === null) {
        return ['file'];
    }
    return array_merge(
        differences('siteidentifier', $expected['siteidentifier'], $effective['siteidentifier'] ?? null),
        differences('stores', $expected['stores'], $effective['stores'] ?? []),
        differences('modemappings', bykey($expected['modemappings'], 'mode'), bykey($effective['modemappings'] ?? [], 'mode')),
        differences('definitionmappings', tiers($expected), tiers($effective)),
    );
}

/** Paths at which two arrays differ. */
function differences(string $path, mixed $expected, mixed $effective): array {
    if (!is_array($expected) || !is_array($effective)) {
        // Moodle's form writes numbers and switches as text.
        return is_scalar($expected) && is_scalar($effective) && (string) $expected === (string) $effective ? [] : [$path];
    }
    $found = [];
    foreach (array_unique(array_merge(array_keys($expected), array_keys($effective))) as $key) {
        $both = array_key_exists($key, $expected) && array_key_exists($key, $effective);
        $found = array_merge($found, $both ? differences("$path.$key", $expected[$key], $effective[$key]) : ["$path.$key"]);
    }
    return $found;
}

function bykey(array $mappings, string $key): array {
    return array_column($mappings, 'store', $key);
}

/** The stores of each mapped definition, the first that is asked first. */
function tiers(array $configuration): array {
    $mappings = $configuration['definitionmappings'] ?? [];
    usort($mappings, fn(array $a, array $b): int => $b['sort'] <=> $a['sort']);
    $tiers = [];
    foreach ($mappings as ['definition' => $definition, 'store' => $store]) {
        $tiers[$definition][] = $store;
    }
    return $tiers;
}
