<?php
// Whether this node's PHP can read a release, and the disk holds it: prints what is wrong, one sentence a line.
//
//     php preflight-code.php CODE

/** A share of the disk: with half of it left a node is no longer ready. */
const LEAST_FREE = 0.1;
/** Of broken files; who has more has the wrong PHP. */
const TOLD = 5;

$code = realpath($argv[1]);
$broken = [];
foreach (sources($code) as $file) {
    $trouble = unreadable($file);
    if ($trouble !== null) {
        $broken[] = 'PHP ' . PHP_VERSION . ' cannot read ' . substr($file, strlen("$code/")) . ": $trouble";
    }
}
foreach (array_slice($broken, 0, TOLD) as $each) {
    echo "$each\n";
}
if (count($broken) > TOLD) {
    echo 'PHP ' . PHP_VERSION . ' cannot read ' . count($broken) . " files in all\n";
}
$free = disk_free_space($code) / disk_total_space($code);
if ($free < LEAST_FREE) {
    printf("only %.0f %% of the disk are free with the release on it\n", 100 * $free);
}

/** All that may be run: tests never are on a node, and some are broken on purpose. */
function sources(string $code): iterable {
    $all = new RecursiveDirectoryIterator($code, FilesystemIterator::SKIP_DOTS);
    $wanted = fn(SplFileInfo $each): bool => $each->isDir()
        ? !in_array($each->getFilename(), ['tests', 'fixtures'], true)
        : $each->getExtension() === 'php';
    foreach (new RecursiveIteratorIterator(new RecursiveCallbackFilterIterator($all, $wanted)) as $each) {
        yield $each->getPathname();
    }
}

function unreadable(string $file): ?string {
    $text = @file_get_contents($file);
    if ($text === false) {
        return 'it is not readable';
    }
    try {
        token_get_all($text, TOKEN_PARSE);
        return null;
    } catch (ParseError $error) {
        return strtr($error->getMessage(), "\n", ' ') . " in line {$error->getLine()}";
    }
}
