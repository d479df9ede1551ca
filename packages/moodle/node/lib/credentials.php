<?php
// From what the instance metadata says about a role to lines of a configuration for `curl -K -`.

$role = json_decode(stream_get_contents(STDIN), true);
if (!isset($role['AccessKeyId'], $role['SecretAccessKey'])) {
    fwrite(STDERR, "the instance metadata holds no credentials\n");
    exit(1);
}
$quoted = fn(string $text): string => '"' . addcslashes($text, "\\\"\n\r\t") . '"';
echo 'user = ', $quoted("{$role['AccessKeyId']}:{$role['SecretAccessKey']}"), "\n";
if (isset($role['Token'])) {
    echo 'header = ', $quoted("X-Amz-Security-Token: {$role['Token']}"), "\n";
}
