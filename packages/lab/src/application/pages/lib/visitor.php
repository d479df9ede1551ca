<?php
// What the pages for visitors have in common: the session, who is logged in, files that are kept, and the frame of a page.

/** One key for each session, as Moodle has them: whichever node is asked next finds it there. */
class redis_sessions implements SessionHandlerInterface {
    private Redis $redis;
    private string $prefix;

    public function open(string $path, string $name): bool {
        global $CFG;
        $this->redis = redis_of_sessions(3);
        $this->prefix = $CFG->session_redis_prefix;
        return true;
    }
    public function read(string $id): string { return (string) $this->redis->get($this->prefix . $id); }
    public function write(string $id, string $data): bool {
        return $this->redis->setEx($this->prefix . $id, 8 * 3600, $data);
    }
    public function destroy(string $id): bool { return $this->redis->del($this->prefix . $id) !== false; }
    public function close(): bool { return $this->redis->close(); }
    public function gc(int $lifetime): int|false { return 0; }
}

function redis_of_sessions(float $seconds): Redis {
    global $CFG;
    $redis = new Redis();
    $redis->connect('tls://' . $CFG->session_redis_host, $CFG->session_redis_port, $seconds, null, 0, $seconds,
        ['stream' => ['cafile' => $CFG->session_redis_encrypt['cafile']]]);
    $redis->auth($CFG->session_redis_auth);
    return $redis;
}

function begin_session(): void {
    // nginx keeps cookies of an answer whose file it sends itself, and would drop a header of ours.
    setcookie('Machine', gethostname(), ['path' => '/', 'secure' => true, 'samesite' => 'Lax']);
    session_set_save_handler(new redis_sessions());
    session_name('MoodleSession');
    session_set_cookie_params(['path' => '/', 'secure' => true, 'httponly' => true, 'samesite' => 'Lax']);
    session_start();
}

/** Whose session it is. Without one the visitor is sent to log in, as Moodle does it. */
function require_login(): object {
    global $CFG;
    begin_session();
    $user = $_SESSION['user'] ?? null;
    session_write_close();
    if ($user === null) {
        header("Location: {$CFG->wwwroot}/login/index.php", true, 303);
        show_page('Not logged in');
        exit;
    }
    return (object) $user;
}

/** A user comes into being with the first login, whose password holds from then on. */
function user_logging_in(string $name, string $password): ?object {
    global $DB;
    $hash = password_hash($password, PASSWORD_BCRYPT, ['cost' => 4]);
    $DB->run('INSERT IGNORE INTO {user} (username, password) VALUES (?, ?)', [$name, $hash]);
    $user = $DB->run('SELECT id, username, password FROM {user} WHERE username = ?', [$name])->fetch_object();
    return password_verify($password, $user->password) ? $user : null;
}

/**
 * Writes the body of the request to the shared directory, where it has its digest for a name: whole, or not at all.
 * It never stands in memory as a whole.
 */
function keep_body(object $user): array {
    global $CFG, $DB;
    $folder = $CFG->dataroot . '/temp';
    is_dir($folder) || @mkdir($folder, $CFG->directorypermissions, true) || is_dir($folder);
    $written = tempnam($folder, 'body');
    $size = stream_copy_to_stream(fopen('php://input', 'r'), fopen($written, 'w'));
    if ($size !== (int) $_SERVER['CONTENT_LENGTH']) {
        unlink($written);
        http_response_code(400);
        show_page('The body is not whole', $user);
        exit;
    }
    $digest = hash_file('sha256', $written);
    $file = $CFG->dataroot . '/' . path_of($digest);
    is_dir(dirname($file)) || @mkdir(dirname($file), $CFG->directorypermissions, true) || is_dir(dirname($file));
    chmod($written, 0660);
    rename($written, $file);
    $DB->run('INSERT INTO {files} (userid, contenthash, filesize) VALUES (?, ?, ?)', [$user->id, $digest, $size]);
    $id = $DB->run('SELECT LAST_INSERT_ID()')->fetch_row()[0];
    return ['file' => $id, 'bytes' => $size, 'digest' => $digest];
}

/** As Moodle lays them out. */
function path_of(string $digest): string {
    return 'filedir/' . substr($digest, 0, 2) . '/' . substr($digest, 2, 2) . "/$digest";
}

/** @param array $facts what a visitor checks, by name */
function show_page(string $title, ?object $user = null, array $facts = []): void {
    $all = ['user' => $user->username ?? '', 'machine' => gethostname(), ...$facts];
    $attributes = '';
    foreach ($all as $name => $value) {
        $attributes .= " data-$name=\"" . htmlspecialchars((string) $value) . '"';
    }
    $who = htmlspecialchars($all['user'] === '' ? 'You are not logged in.' : "You are logged in as {$all['user']}.");
    header('Content-Type: text/html; charset=utf-8');
    echo '<!doctype html><html lang="en"><title>', htmlspecialchars($title), "</title><body$attributes><h1>",
        htmlspecialchars($title), "</h1><p>$who</p>",
        '<p>This is not Moodle: it is a small application that stands for it. Machine ', htmlspecialchars($all['machine']), "</p>\n";
}
