<?php
// The authorities that the system trusts, each in a file of its own under the hash of its name, as OpenSSL looks for the one
// that it needs (openssl-rehash(1)). Of one file with all of them PHP reads a hundred and more for each connection: measured,
// 23 ms in place of 2, twice for every page of a Moodle whose sessions and cache are on a Redis with TLS.
//
//     php authorities.php FILE DIRECTORY       DIRECTORY is a link, which goes over in one step to what FILE holds now
//
// Beside them lies any.pem: the first of them, for who has to be given a file (Moodle's cache store, or it verifies nobody).

[, $file, $directory] = $argv;
$text = (string) file_get_contents($file);
preg_match_all('/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?/s', $text, $found);
$authorities = [];
foreach ($found[0] as $certificate) {
    $hash = openssl_x509_parse($certificate)['hash'] ?? null;
    if ($hash !== null) {
        $authorities[$hash][] = $certificate;
    }
}
if ($authorities === []) {
    fwrite(STDERR, "$file holds no certificate\n");
    exit(1);
}
umask(0022);
$made = "$directory-" . substr(hash('sha256', $text), 0, 12);
if (@readlink($directory) !== basename($made)) {
    write($made, $authorities);
    symlink(basename($made), "$directory.new");
    rename("$directory.new", $directory);
}
foreach (glob("$directory-*") as $other) {
    if ($other !== $made) {
        empty_out($other);
    }
}

/** A run that was killed may have left a part of it. */
function write(string $made, array $authorities): void {
    empty_out($made);
    @unlink($GLOBALS['directory'] . '.new');
    mkdir($made, 0755, true);
    file_put_contents("$made/any.pem", reset($authorities)[0]);
    foreach ($authorities as $hash => $certificates) {
        foreach ($certificates as $number => $certificate) {
            file_put_contents("$made/$hash.$number", $certificate);
        }
    }
}

function empty_out(string $directory): void {
    array_map(unlink(...), glob("$directory/*"));
    @rmdir($directory);
}
