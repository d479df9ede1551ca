<?php
// Asks a pool of PHP-FPM over its own socket, as a web server would. Prints what comes back, without the head; fails when there
// is no answer, or an error.
//
//     php fastcgi.php /run/warden/php/NAME/warden-ready.sock /opt/warden/lib/forget.php WARDEN_FILES=/x

[, $socket, $script] = $argv;
$parameters = [
    'REQUEST_METHOD' => 'GET',
    'SCRIPT_FILENAME' => $script,
    'SCRIPT_NAME' => '/' . basename($script),
    'SERVER_PROTOCOL' => 'HTTP/1.1',
];
foreach (array_slice($argv, 3) as $given) {
    [$name, $value] = explode('=', $given, 2);
    $parameters[$name] = $value;
}
$connection = @stream_socket_client("unix://$socket", $errno, $error, 5) ?: fail($error);
stream_set_timeout($connection, 8);
// Begin a request of a responder, its parameters, and an empty input (FastCGI specification, sections 5 and 6).
fwrite($connection, record(1, "\0\1\0\0\0\0\0\0") . record(4, pairs($parameters)) . record(4, '') . record(5, ''));

$printed = '';
while (($head = fread($connection, 8)) !== false && strlen($head) === 8) {
    ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
    $content = whole($connection, $length + $padding);
    if ($type === 6) {
        $printed .= substr($content, 0, $length);
    }
    if ($type === 3) {
        break;
    }
}
[$head, $body] = explode("\r\n\r\n", $printed, 2) + ['', null];
echo $body, "\n";
// A head without a status is that of a success (CGI 1.1, section 6.3.3).
$status = preg_match('/^Status: (\d+)/mi', $head, $found) ? (int) $found[1] : 200;
$body === null && fail('no answer');
$status < 400 || fail("it answers $status");

function fail(string $message): never {
    fwrite(STDERR, "$message\n");
    exit(1);
}

function record(int $type, string $content): string {
    return pack('CCnnCC', 1, $type, 1, strlen($content), 0, 0) . $content;
}

/** Lengths of four bytes, as the highest bit says. */
function pairs(array $parameters): string {
    $pair = fn(string $name, string $value): string
        => pack('NN', strlen($name) | 0x80000000, strlen($value) | 0x80000000) . $name . $value;
    return implode('', array_map($pair, array_keys($parameters), $parameters));
}

function whole($connection, int $length): string {
    for ($read = ''; strlen($read) < $length && !feof($connection);) {
        $read .= fread($connection, $length - strlen($read));
    }
    return $read;
}
