import { defineConfig } from "vitest/config";

/** `npm test` runs `unit` and `loop`; `.ci/run` runs every project. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{packages/*,events,functions}/test/**/*.test.ts"],
          setupFiles: ["test/support/fixed-seed.ts"],
          // A machine that is busy with something else fails no test.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "loop", include: ["test/loop/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "web-server",
          include: ["test/web-server/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
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
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
