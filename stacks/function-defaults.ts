/** What holds for every function, and a trap of SST's that is closed here. */
export function functionDefaults(): void {
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs24.x";
    args.architecture ??= "arm64";
    // Names of functions are a fifteenth of a bundle, and nothing reads them.
    args.nodejs ??= { minify: true, esbuild: { keepNames: false } };
    args.transform = {
      ...args.transform,
      // SST lets the whole account assume each function's role: it asks whether an Output is truthy, and each is. Only
      // `sst dev`, where the code runs on the developer's machine, needs that.
      role: (role) => {
        if (!$dev) role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
      },
    };
  });
}
