<?php
// Runs a script in a pool of PHP-FPM, over the pool's own socket. Nothing but what the script prints comes out; fails when the
// script does, by its status, or nobody answers.
//
//     php fastcgi.php /run/php/warden-ready.sock /opt/warden/lib/forget.php FILES

[, $socket, $script] = $argv;
$parameters = [
    'REQUEST_METHOD' => 'GET',
    'SCRIPT_FILENAME' => $script,
    'SCRIPT_NAME' => '/' . basename($script),
    'SERVER_PROTOCOL' => 'HTTP/1.1',
    'WARDEN_FILES' => $argv[3] ?? '',
];
$connection = @stream_socket_client("unix://$socket", $errno, $error, 5);
if ($connection === false) {
    echo "$error\n";
    exit(1);
}
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
[$headers, $body] = [...explode("\r\n\r\n", $printed, 2), 'no answer'];
echo $body, "\n";
// FPM names a status only where it is another than 200.
exit($printed === '' || str_contains($headers, 'Status: ') ? 1 : 0);

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
