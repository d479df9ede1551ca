<?php
// JSON for shell programs.
//
//     php json.php say v:=1 ok:=false message="what went wrong"     NAME=TEXT, NAME:=JSON, NAME@=FILE of lines
//     php json.php get manifest.json platform.user moodledata.efs    each value on a line of its own

[, $verb] = $argv;
$arguments = array_slice($argv, 2);
$verb === 'say' ? say($arguments) : get(array_shift($arguments), $arguments);

function say(array $members): void {
    $object = [];
    foreach ($members as $member) {
        [$name, $value] = explode('=', $member, 2);
        $object[rtrim($name, ':@')] = match (substr($name, -1)) {
            ':' => json_decode($value, true, 64, JSON_THROW_ON_ERROR),
            '@' => file($value, FILE_IGNORE_NEW_LINES),
            default => $value,
        };
    }
    // What programs print is not always UTF-8, and an answer must come out all the same.
    echo json_encode($object, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}

function get(string $file, array $paths): void {
    $document = json_decode((string) @file_get_contents($file), true);
    if (!is_array($document)) {
        fwrite(STDERR, "$file is no JSON\n");
        exit(1);
    }
    foreach ($paths as $path) {
        $value = array_reduce(explode('.', $path), fn(mixed $in, string $key): mixed => $in[$key] ?? null, $document);
        echo is_array($value) ? implode(' ', $value) : (is_bool($value) ? json_encode($value) : $value), "\n";
    }
}
