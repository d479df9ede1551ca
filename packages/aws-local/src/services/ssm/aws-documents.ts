/** The one document of AWS's own that the embedded Systems Manager offers, in the form that AWS registers it. */

export const runShellScript = {
  name: "AWS-RunShellScript",
  content: JSON.stringify({
    schemaVersion: "1.2",
    description: "Run a shell script or specify the commands to run.",
    parameters: {
      commands: { type: "StringList", description: "The commands to run.", minItems: 1 },
      workingDirectory: {
        type: "String",
        default: "",
        description: "The path to the working directory.",
        maxChars: 4096,
      },
      executionTimeout: {
        type: "String",
        default: "3600",
        description: "Seconds until the command is considered to have failed. At most 172800 (48 hours).",
        allowedPattern: "^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[0-1][0-9]{3}|172[0-7][0-9]{2}|172800)$",
      },
    },
    runtimeConfig: {
      "aws:runShellScript": {
        properties: [
          {
            id: "0.aws:runShellScript",
            runCommand: "{{ commands }}",
            workingDirectory: "{{ workingDirectory }}",
            timeoutSeconds: "{{ executionTimeout }}",
          },
        ],
      },
    },
  }),
};
