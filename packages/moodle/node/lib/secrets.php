<?php
// From answers of Secrets Manager to the PHP file that returns secrets by name.
//
//     php secrets.php names MANIFEST                    each secret's name and reference on a line of its own
//     php secrets.php write MANIFEST ANSWERS FILE       ANSWERS holds one answer of GetSecretValue for each name
//
// What it prints when it fails says which secret, and never anything of its value.

[, $verb, $manifest] = $argv;
$manifest = json_decode(file_get_contents($manifest), true, 64, JSON_THROW_ON_ERROR);
$verb === 'names' ? names($manifest) : write($manifest, $argv[3], $argv[4]);

function names(array $manifest): void {
    foreach ($manifest['secrets'] as $name => ['secret' => $reference]) {
        echo "$name $reference\n";
    }
}

function write(array $manifest, string $answers, string $file): void {
    $values = [];
    foreach ($manifest['secrets'] as $name => $reference) {
        $values[$name] = value(json_decode(file_get_contents("$answers/$name"), true), $reference);
    }
    $beside = "$file.new";
    @unlink($beside);
    // Nobody's until it is whole: it is made with mode 0600 (umask) and given to PHP's group afterwards.
    umask(0077);
    $written = file_put_contents($beside, "<?php\n// Written by Warden.\nreturn " . var_export($values, true) . ";\n");
    if (!$written || !chgrp($beside, $manifest['platform']['group']) || !chmod($beside, 0640) || !rename($beside, $file)) {
        fail("$file cannot be written");
    }
}

function value(?array $answer, array $reference): string {
    $text = $answer['SecretString'] ?? fail("the secret {$reference['secret']} has no text");
    if (!isset($reference['key'])) {
        return $text;
    }
    $value = json_decode($text, true)[$reference['key']] ?? null;
    return is_string($value) ? $value : fail("the secret {$reference['secret']} has no text under the key {$reference['key']}");
}

function fail(string $message): never {
    echo $message;
    exit(1);
}
