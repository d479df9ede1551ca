<?php
// Judges what verify.sh found. The answer is that of src/documents/outputs.ts; the order of judgement is that of the model,
// packages/simulator/src/node/verify.ts: what all nodes share is never held against this one.
//
//     php verdict.php FOUND INSTALLED LINK RELEASE DIGEST MAINTENANCE
//     php verdict.php wrong VERDICT             the probes of a verdict that failed, in words
//     php verdict.php only-drift VERDICT        0 when nothing is wrong but files that were changed on this node

if ($argv[1] === 'wrong' || $argv[1] === 'only-drift') {
    $verdict = json_decode(file_get_contents($argv[2]), true);
    exit($argv[1] === 'wrong' ? wrong($verdict) : (onlydrift($verdict) ? 0 : 1));
}
[, $found, $file, $link, $release, $digest, $maintenance] = $argv;
$installed = json_decode(@file_get_contents($file) ?: 'null', true) ?? ['release' => 'none', 'digest' => 'none'];
$ready = json_decode(file_get_contents("$found/ready.json"), true);
$read = fn(string $name): string => trim((string) @file_get_contents("$found/$name"));

$mounted = ($ready['node']['files'] ?? '') !== 'the shared files are not mounted';
$own = [
    probe('mount', $ready !== null && $mounted ? null : 'moodledata is not mounted'),
    probe('release', release($installed['release'], $release, $link)),
    probe('digest', digest($installed['digest'], $digest, $read('drift'))),
    probe('workers', $ready === null ? 'the readiness script does not answer' : $ready['node']['workers']),
    probe('disk', $ready['node']['disk'] ?? null),
    clock($read('clock')),
];
$shared = [
    ...array_map(fn(string $part): array => probe($part, part($ready['shared'][$part] ?? 'ok')), ['database', 'sessions', 'cache']),
    probe('files', $mounted ? $ready['node']['files'] ?? null : null),
    probe('maintenance', maintenance($ready, $maintenance)),
];
$site = $read('site');
$runs = probe('site', site($site));
$page = page($read('page'), ($ready['maintenance'] ?? false) === true);
$probes = [...$own, ...$shared, $runs];
$explained = first($probes);
// A site that is empty, or waits for its upgrade, is no fault of this node; one that cannot be asked is.
$judged = in_array($site, ['installed', 'empty', 'upgrade-pending'], true) ? $own : [...$own, $runs];
if ($page !== null && $explained === null) {
    $judged[] = probe('page', $page);
}
$probes[] = probe('page', $explained === null ? $page : "no page without {$explained['name']}");

echo json_encode([
    'v' => 1,
    'verdict' => verdict($judged, $shared, $site),
    'release' => $installed['release'],
    'digest' => $installed['digest'],
    'probes' => $probes,
], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";

function verdict(array $own, array $shared, string $site): string {
    return match (true) {
        first($shared) !== null => 'dependency-bad',
        first($own) !== null => 'node-bad',
        $site === 'empty' => 'site-not-installed',
        $site === 'upgrade-pending' => 'upgrade-pending',
        default => 'ok',
    };
}

function probe(string $name, ?string $trouble): array {
    return $trouble === null ? ['name' => $name, 'ok' => true] : ['name' => $name, 'ok' => false, 'message' => $trouble];
}

function first(array $probes): ?array {
    return array_values(array_filter($probes, fn(array $probe): bool => !$probe['ok']))[0] ?? null;
}

function release(string $has, string $wanted, string $link): ?string {
    if ($has !== $wanted) {
        return "has $has, not $wanted";
    }
    return basename($link) === $wanted ? null : "serves " . (basename($link) ?: 'none') . ", not $wanted";
}

function digest(string $has, string $wanted, string $drift): ?string {
    if ($has !== $wanted) {
        return "has $has, not $wanted";
    }
    return $drift === '' ? null : 'changed on this node: ' . strtr($drift, "\n", ' ');
}

function clock(string $offset): array {
    if ($offset === '') {
        return ['name' => 'clock', 'ok' => true, 'message' => 'nobody here can tell how far it is off'];
    }
    return probe('clock', abs((float) $offset) < 1 ? null : 'the clock is off by ' . round((float) $offset, 1) . ' s');
}

function part(string $said): ?string {
    return in_array($said, ['ok', 'none'], true) ? null : $said;
}

function maintenance(?array $ready, string $expected): ?string {
    // Where the shared files do not answer, nobody can see.
    if ($ready === null || $ready['node']['files'] !== null || $ready['maintenance'] === ($expected === 'maintenance')) {
        return null;
    }
    return $ready['maintenance'] ? 'the site is in maintenance' : 'the site is not in maintenance';
}

function site(string $state): ?string {
    return match ($state) {
        'installed' => null,
        'empty', 'upgrade-pending' => "the site is $state",
        '' => 'not asked',
        default => "Moodle's command line $state",
    };
}

/** A login page, or a way to one elsewhere; never a way back to itself, which is a proxy that is not believed. */
function page(string $said, bool $maintenance): ?string {
    [$status, $to] = explode(' ', "$said ");
    $fine = $status === '200' || ($status === '503' && $maintenance);
    $leads = in_array($status, ['302', '303'], true) && !str_ends_with($to, '/login/index.php');
    return $fine || $leads ? null : 'the login page answers ' . ($status === '' || $status === '000' ? 'nothing' : $status);
}

/** Whether pages come up all the same the verdict does not say: with files that are not right they are not judged. */
function onlydrift(array $verdict): bool {
    $wrong = array_column(array_filter($verdict['probes'], fn(array $probe): bool => !$probe['ok']), 'message', 'name');
    return str_starts_with($wrong['digest'] ?? '', 'changed on this node') && array_diff(array_keys($wrong), ['digest', 'page']) === [];
}

function wrong(array $verdict): string {
    $wrong = array_filter($verdict['probes'], fn(array $probe): bool => !$probe['ok']);
    return implode(', ', array_map(fn(array $probe): string => "{$probe['name']} ({$probe['message']})", $wrong)) . "\n";
}
