<?php
// Judges what verify.sh found. The answer is that of src/documents/outputs.ts; the order of judgement is that of the model,
// packages/simulator/src/node/verify.ts: what all nodes share is never held against this one.
//
//     php verdict.php FOUND INSTALLED LINK RELEASE DIGEST MAINTENANCE
//     php verdict.php wrong VERDICT             the probes of a verdict that failed, in words
//     php verdict.php only-drift VERDICT        0 when nothing is wrong but files that were changed on this node, and
//                                               secrets that were rotated
//     php verdict.php page SAID                 what is wrong with the login page, of a status and where it sends; or nothing

if ($argv[1] === 'page') {
    exit((string) page($argv[2], false));
}
if ($argv[1] === 'wrong' || $argv[1] === 'only-drift') {
    $verdict = json_decode(file_get_contents($argv[2]), true);
    exit($argv[1] === 'wrong' ? wrong($verdict) : (onlydrift($verdict) ? 0 : 1));
}
[, $found, $file, $link, $release, $digest, $maintenance] = $argv;
$installed = json_decode(@file_get_contents($file) ?: 'null', true) ?? ['release' => 'none', 'digest' => 'none'];
$ready = json_decode(file_get_contents("$found/ready.json"), true);
$read = fn(string $name): string => trim((string) @file_get_contents("$found/$name"));

[$outdated, $secrets] = secrets($read('outdated'));
$files = $read('files');
$mounted = ($ready['node']['files'] ?? '') !== 'the shared files are not mounted';
$own = [
    probe('mount', $ready === null || !$mounted ? 'moodledata is not mounted' : (str_starts_with($files, 'own ') ? substr($files, 4) : null)),
    probe('release', release($installed['release'], $release, $link)),
    probe('digest', digest($installed['digest'], $digest, $read('drift'))),
    $secrets,
    probe('workers', $ready === null ? 'the readiness script does not answer' : $ready['node']['workers']),
    probe('disk', $ready['node']['disk'] ?? null),
    probe('php', $read('php') === '' ? null : strtr($read('php'), "\n", ';')),
    clock($read('clock')),
    host($read('host')),
];
$shared = [
    ...array_map(fn(string $part): array => probe($part, part($ready['shared'][$part] ?? 'ok')), ['database', 'sessions', 'cache']),
    probe('files', files($mounted ? $ready['node']['files'] ?? null : null, $files)),
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
    'verdict' => verdict($judged, array_filter($shared, fn(array $probe): bool => !excused($probe, $outdated)), $site),
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

/**
 * A server that refuses a secret which was rotated is not at fault, nor is anything shared: this node has to take up the new
 * one, and nobody would tell it to if the server were blamed.
 */
function excused(array $probe, array $outdated): bool {
    return in_array($probe['name'], $outdated, true) && ($probe['message'] ?? '') === 'refuses the password';
}

/** @return the names of secrets that are outdated, and the probe */
function secrets(string $found): array {
    $lines = $found === '' ? [] : explode("\n", $found);
    preg_match_all('/^outdated (\w+) (.*)$/m', $found, $outdated);
    preg_match_all('/^fine (.*)$/m', $found, $fine);
    $unknown = in_array('unknown', $lines, true) ? ['nobody here can tell whether one was rotated'] : [];
    if ($outdated[1] !== []) {
        return [$outdated[1], probe('secrets', implode(', ', $outdated[2]))];
    }
    $words = implode(', ', [...$fine[1], ...$unknown]);
    return [[], ['name' => 'secrets', 'ok' => true] + ($words === '' ? [] : ['message' => $words])];
}

/** The directory that all nodes share, as the readiness script and the web user find it. */
function files(?string $ready, string $used): ?string {
    return $ready ?? ($used === '' || str_starts_with($used, 'own ') ? null : $used);
}

/** Tasks are known by it; see host.sh. */
function host(string $names): array {
    if ($names === '') {
        return ['name' => 'host', 'ok' => true, 'message' => 'nobody here can tell which instance this is'];
    }
    [$has, $wanted] = explode("\n", $names);
    return probe('host', $has === $wanted ? null : "is called $has, not $wanted");
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
    $explained = [
        ...(str_starts_with($wrong['digest'] ?? '', 'changed on this node') ? ['digest', 'page'] : []),
        // In a verdict of node-bad nothing shared is wrong but for this.
        ...(isset($wrong['secrets']) ? ['secrets', 'database', 'sessions', 'cache', 'site', 'page'] : []),
    ];
    return $explained !== [] && array_diff(array_keys($wrong), $explained) === [];
}

function wrong(array $verdict): string {
    $wrong = array_filter($verdict['probes'], fn(array $probe): bool => !$probe['ok']);
    return implode(', ', array_map(fn(array $probe): string => "{$probe['name']} ({$probe['message']})", $wrong)) . "\n";
}
