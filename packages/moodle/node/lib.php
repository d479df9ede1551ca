<?php
// What the programs on a node have in common that look at it from outside Moodle. Nothing here waits for long: whatever
// does not answer in its time counts as not known, which is null and never zero. The workers of the readiness check run
// it, too.

namespace warden;

/** What it returns, or null where it fails. Drivers name hosts and users in their exceptions, so these go nowhere. */
function known(callable $find): mixed {
    try {
        return $find();
    } catch (\Throwable) {
        return null;
    }
}

/** JSON that the node's own web server answers with. */
function asked(string $url): ?array {
    $context = stream_context_create(['http' => ['timeout' => 1]]);
    $answer = json_decode(@file_get_contents($url, false, $context) ?: 'null', true);
    return is_array($answer) ? $answer : null;
}

/** What a program prints; null when it fails or takes too long. It is then killed, and not waited for. */
function said(array $command, float $seconds): ?string {
    $child = @proc_open($command, [['null'], ['pipe', 'w'], STDERR], $pipes);
    if ($child === false) {
        return null;
    }
    stream_set_blocking($pipes[1], false);
    $text = '';
    for ($until = microtime(true) + $seconds; microtime(true) < $until;) {
        $ready = [$pipes[1]];
        $none = null;
        stream_select($ready, $none, $none, 0, 50_000);
        $text .= stream_get_contents($pipes[1]);
        if (feof($pipes[1])) {
            return proc_close($child) === 0 ? $text : null;
        }
    }
    // A child that hangs in a file system cannot even be killed: proc_close would hang with it. 9 is SIGKILL, whose name
    // comes with pcntl only.
    proc_terminate($child, 9);
    return null;
}

/** A server that answers, and does not take the password. */
class Refused extends \Exception {
}

/**
 * Asks the database: one statement, its rows as lists; none for one that has no rows. Each answer may take so many seconds,
 * and the connection one.
 */
function database(array $settings, int $seconds = 2): \Closure {
    return $settings['kind'] === 'postgresql'
        ? postgresql($settings['postgresql'], $seconds)
        : mysql($settings['mysql'], $seconds);
}

function postgresql(array $words, int $seconds): \Closure {
    $milliseconds = (string) (1000 * $seconds);
    $words += ['options' => "-c statement_timeout=$milliseconds", 'tcp_user_timeout' => $milliseconds];
    $quoted = array_map(fn($key) => "$key='" . addcslashes($words[$key], "'\\") . "'", array_keys($words));
    $link = @pg_connect(implode(' ', $quoted), PGSQL_CONNECT_FORCE_NEW);
    if ($link === false) {
        // There is no code to go by before there is a connection.
        throw str_contains(error_get_last()['message'] ?? '', 'authentication failed') ? new Refused() : new \Exception('no database');
    }
    return fn(string $sql): array => pg_fetch_all(pg_query($link, $sql) ?: throw new \Exception('no answer'), PGSQL_NUM);
}

function mysql(array $words, int $seconds): \Closure {
    $link = mysqli_init();
    $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 1);
    $link->options(MYSQLI_OPT_READ_TIMEOUT, $seconds);
    [$host, $user, $password, $name, $port, $tls] = $words;
    try {
        $link->real_connect($host, $user, $password, $name, $port, null, $tls ? MYSQLI_CLIENT_SSL : 0);
    } catch (\mysqli_sql_exception $error) {
        // ER_ACCESS_DENIED_ERROR, and ER_ACCESS_DENIED_NO_PASSWORD_ERROR.
        throw in_array($error->getCode(), [1045, 1698], true) ? new Refused() : $error;
    }
    return function (string $sql) use ($link): array {
        $answer = $link->query($sql);
        return $answer === true ? [] : $answer->fetch_all();
    };
}

/** A lock of the site's in its database. It belongs to the connection, so it is free when this process ends, however it ends. */
function locked(\Closure $ask, array $settings, string $what): bool {
    // Two sites may share a server.
    $name = md5("$what {$settings['lock']}");
    [[$got]] = $settings['database']['kind'] === 'postgresql'
        ? $ask("SELECT CASE WHEN pg_try_advisory_lock(('x' || substr('$name', 1, 15))::bit(60)::bigint) THEN 1 ELSE 0 END")
        : $ask("SELECT GET_LOCK('$name', 0)");
    return (int) $got === 1;
}

function redis(array $settings): \Redis {
    $redis = new \Redis();
    $stream = $settings['tls'] ? ['stream' => ['cafile' => $settings['tls'], 'capath' => dirname($settings['tls'])]] : [];
    $redis->connect(($settings['tls'] ? 'tls://' : '') . $settings['host'], $settings['port'], 0.5, null, 0, 0.5, $stream);
    if ($settings['auth'] !== null) {
        authenticate($redis, $settings['auth']);
    }
    return $redis;
}

/** Redis says so itself, since version 6 with a word of its own. That it has too many clients, or loads, is no refusal. */
function authenticate(\Redis $redis, string|array $auth): void {
    try {
        $taken = $redis->auth($auth);
    } catch (\RedisException $error) {
        throw preg_match('/^(WRONGPASS|ERR invalid password|ERR Client sent AUTH)/', $error->getMessage()) ? new Refused() : $error;
    }
    $taken || throw new Refused();
}

/** Seconds by which the clock is off, as chrony knows it; null where it does not, or has no source to know it from. */
function clockoffset(): ?float {
    // Its columns: the fifth is the offset, the last says whether there is a source (chronyc(1), "tracking").
    $columns = str_getcsv(trim(said(['chronyc', '-c', 'tracking'], 1) ?? ''));
    $synchronised = count($columns) >= 14 && in_array(end($columns), ['Normal', 'Insert second', 'Delete second'], true);
    return $synchronised ? (float) $columns[4] : null;
}

/** A value of exactly this form, empty where there is none; `?` stands for any other: it may be anything, also a secret. */
function formed(mixed $value, string $form): string {
    if ($value === null || $value === '' || $value === false) {
        return '';
    }
    return is_scalar($value) && preg_match("~^(?:$form)$~D", (string) $value) ? (string) $value : '?';
}

function yesno(?bool $value): string {
    return $value === null ? '' : ($value ? 'true' : 'false');
}
