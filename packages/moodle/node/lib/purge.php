<?php
// After an outage the application cache may hold values from before it. Purges what may be stale and keeps what cannot be,
// once for each cause: whoever of the nodes gets Moodle's lock does it and leaves a mark in the database, the others find it.
//
// Required by moodle.php, which started Moodle without its stores: settings from a stale cache would be the wrong ones to
// judge by. From `reset()` on the stores are the real ones. Sessions are elsewhere, and stay.

namespace warden;

use core_cache\config;
use core_cache\factory;
use core_cache\helper;

/**
 * A key of these holds a revision, a version or the content's hash, so nobody asks for an old value again; read in 4.5 and
 * 5.1. What Moodle calls `canuselocalstore` is more than that: `core/ai_policy` changes under the same key.
 */
const VERSIONED = ['core/string', 'core/langmenu', 'core/plugin_functions', 'core/htmlpurifier', 'core/coursemodinfo',
    'core/file_imageinfo', 'core/h5p_library_files'];

echo json_encode(['v' => 2, 'ok' => true] + answer(getenv('WARDEN_CAUSE')), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES), "\n";

function answer(string $cause): array {
    $nothing = ['equal' => [], 'versioned' => [], 'purged' => []];
    // In the database, and of this connection: free again when this process ends, however it ends.
    $lock = \core\lock\lock_config::get_lock_factory('warden_purge')->get_lock('muc', 20);
    if ($lock === false) {
        return ['outcome' => 'held'] + $nothing;
    }
    try {
        return in_array($cause, causes(), true) ? ['outcome' => 'already'] + $nothing : ['outcome' => 'purged'] + purgedfor($cause);
    } finally {
        $lock->release();
    }
}

function purgedfor(string $cause): array {
    factory::reset();
    $found = purge();
    // Last: whoever is killed before that leaves it to the next.
    set_config('purged', json_encode(array_slice([...causes(), $cause], -10)), 'warden');
    return $found;
}

/** For which it was done. */
function causes(): array {
    global $DB;
    return json_decode($DB->get_field('config_plugins', 'value', ['plugin' => 'warden', 'name' => 'purged']) ?: '[]', true);
}

/** Settings first: what is computed anew in the meantime comes from the right ones. */
function purge(): array {
    $shared = array_keys(array_filter(config::instance()->get_definitions(), fn(array $each): bool => $each['mode'] === 1));
    $equal = settingsarecurrent() ? ['core/config'] : [];
    $versioned = array_values(array_intersect(VERSIONED, $shared));
    $purged = array_values(array_diff(['core/config', ...array_diff($shared, ['core/config'])], $equal, $versioned));
    foreach ($purged as $id) {
        array_map(emptied(...), stores($id));
    }
    array_map(emptied(...), array_merge(...array_map(fallback(...), array_diff($shared, $versioned))));
    // Caches within sessions learn from these marks that they are old. The marks of before are among what was lost.
    array_map(helper::purge_by_event(...), events());
    return ['equal' => $equal, 'versioned' => $versioned, 'purged' => $purged];
}

function stores(string $id): array {
    return helper::get_cache_stores(definition($id)) ?: throw new \Exception("the application cache does not answer");
}

/**
 * While Redis is away Moodle works with files in moodledata. Nothing of Moodle purges those, as nothing is mapped to them,
 * and so the next outage would bring back what was true in this one.
 */
function fallback(string $id): array {
    $defaults = array_filter(config::instance()->get_stores(1), fn(array $store): bool => $store['default'] ?? false);
    $open = fn(array $store) => factory::instance()->create_store_from_config($store['name'], $store, definition($id));
    return array_filter(array_map($open, array_values($defaults)));
}

function definition(string $id): \core_cache\definition {
    return factory::instance()->create_definition(...explode('/', $id, 2));
}

function emptied(\core_cache\store $store): void {
    $store->purge() || throw new \Exception("the store {$store->my_name()} cannot be purged");
}

/** Whether the settings in the cache are those in the database, of every plugin. One that is not cached cannot be wrong. */
function settingsarecurrent(): bool {
    global $DB;
    [$store] = stores('core/config');
    $keys = $store->find_all();
    $cached = $keys === [] ? [] : $store->get_many($keys);
    $settings = ['core' => $DB->get_records_menu('config', [], '', 'name,value')];
    foreach ($DB->get_recordset('config_plugins') as $row) {
        $settings[$row->plugin][$row->name] = $row->value;
    }
    foreach ($settings as $plugin => $values) {
        $key = helper::hash_key($plugin, definition('core/config'));
        if (array_key_exists($key, $cached) && !same($values, $cached[$key])) {
            return false;
        }
        unset($cached[$key]);
    }
    // Somebody asked for a plugin that has no settings.
    return array_filter($cached, fn(mixed $values): bool => $values !== []) === [];
}

function same(array $values, mixed $cached): bool {
    if (!is_array($cached)) {
        return false;
    }
    // Moodle writes it past the cache, and reads it past the cache (`core\task\manager`).
    unset($values['scheduledtaskreset'], $cached['scheduledtaskreset']);
    ksort($values);
    ksort($cached);
    return $values === $cached;
}

function events(): array {
    return array_unique(array_merge(...array_values(array_map(
        fn(array $definition): array => $definition['invalidationevents'] ?? [],
        config::instance()->get_definitions(),
    ))));
}
