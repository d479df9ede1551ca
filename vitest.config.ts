import { defineConfig } from "vitest/config";

/** Vitest would leave one core to itself, and so half of a machine with two. */
const maxWorkers = "100%";
const forReal = "test/loop/*-for-real.test.ts";

/** `npm test` runs `unit`, `loop` and `for-real`; `.ci/run` runs every project. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{packages/*,events,functions}/test/**/*.test.ts"],
          setupFiles: ["test/support/fixed-seed.ts"],
          maxWorkers,
          // A machine that is busy with something else fails no test.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "loop",
          include: ["test/loop/**/*.test.ts"],
          exclude: [forReal],
          maxWorkers,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      // Time is real in these, and their functions are processes of their own: each has the machine to itself.
      { test: { name: "for-real", include: [forReal], fileParallelism: false } },
      {
        test: {
          name: "web-server",
          include: ["test/web-server/**/*.test.ts"],
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "moodle",
          include: ["test/moodle/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "machine",
          include: ["test/machine/**/*.test.ts"],
          globalSetup: "test/machine/names.ts",
          // They wait more than they compute: each worker has a machine of its own.
          maxWorkers: 3,
          // Up to a dozen commands each, on a computer that may be busy.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      // Needs SST's platform: `npm run platform`. Each file has a process of its own, as a platform holds one app.
      {
        test: {
          name: "infrastructure",
          include: ["test/infrastructure/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "command-line",
          include: ["test/command-line/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
