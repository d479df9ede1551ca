/// <reference path="./.sst/platform/config.d.ts" />

/**
 * Warden and one Moodle site on AWS. `stacks/` has one page for each concern, and `stacks/stages.ts` says what differs from
 * stage to stage.
 */
export default $config({
  app({ stage }) {
    // Names of AWS carry the stage and the site, and `stacks/sharing.ts` says how long both may be together.
    if (!/^(?!.*--)[a-z][a-z0-9-]{0,16}$/.test(stage))
      throw new Error(`${stage} cannot name a stage: take 1 to 17 of a-z, 0-9 and single dashes, a letter first`);
    return {
      name: "warden",
      // No other release of SST deploys this app.
      version: "4.17.1",
      home: "aws",
      removal: stage === "production" ? "retain" : "remove",
      protect: stage === "production",
      providers: { aws: { region: "eu-west-1" }, random: "4.16.6" },
    };
  },
  console: {
    autodeploy: {
      // What is merged is tried first; what has a version is for everybody.
      target(event) {
        if (event.type === "branch" && event.branch === "main" && event.action === "pushed")
          return { stage: "staging" };
        if (event.type === "tag" && /^v\d+\.\d+\.\d+$/.test(event.tag) && event.action === "pushed")
          return { stage: "production" };
        return undefined;
      },
    },
  },
  async run() {
    const { functionDefaults } = await import("./stacks/function-defaults.ts");
    const { stageNamed } = await import("./stacks/stages.ts");
    const { whole } = await import("./stacks/whole.ts");
    functionDefaults();
    return whole(stageNamed($app.stage));
  },
});
