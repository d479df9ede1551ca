<?php
// The places of some of a bundle's files, one a line.
//
//     php manifest-places.php MANIFEST pool-moodle.conf php.ini

$names = array_slice($argv, 2);
foreach (json_decode(file_get_contents($argv[1]), true, 64, JSON_THROW_ON_ERROR)['files'] as $file) {
    if (in_array($file['name'], $names, true)) {
        echo implode("\n", $file['to']), "\n";
    }
}
