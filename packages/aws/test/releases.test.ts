/** Releases in the bucket, against the embedded S3 over its wire. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRelease } from "@warden/moodle/release";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { noon } from "../../fleet/test/builder.ts";
import { archiveIn } from "../../moodle/test/release/archives.ts";
import { releaseStore } from "../src/index.ts";
import { bucket, bucketInMemory } from "./bucket.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warden-releases-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function made() {
  const region = await bucketInMemory(noon);
  const release = await openRelease((await archiveIn(folder)).file);
  const bytesOf = async (Key: string) =>
    (await region.client.getObject({ Bucket: bucket, Key })).Body?.transformToByteArray();
  return { ...region, release, bytesOf };
}

it("puts the archive's own bytes where nodes look for them, and beside it what it is", async () => {
  const { store, release, bytesOf } = await made();
  await store.put(release);
  expect(Buffer.from((await bytesOf(`releases/${release.name}.tar.gz`)) ?? [])).toEqual(readFileSync(release.file));
  const { name, size, about } = release;
  expect(await store.find(name)).toEqual({ name, size, at: noon, about });
  expect(await store.list()).toEqual([{ name, size, at: noon }]);
});

it("sends nothing twice, and puts what lacks: an upload that ended in the middle", async () => {
  const { store, clock, client, release } = await made();
  await store.put(release);
  await clock.advance(60_000);
  await store.put(release);
  expect(await store.find(release.name)).toMatchObject({ at: noon });

  await client.deleteObject({ Bucket: bucket, Key: `releases/${release.name}.json` });
  expect(await store.find(release.name)).toMatchObject({ at: noon, about: undefined });
  await store.put(release);
  expect(await store.find(release.name)).toMatchObject({ at: noon, about: release.about });
});

it("has S3 refuse bytes that are not those of the digest, and then there is no such release", async () => {
  const { store, release } = await made();
  const warn = vi.spyOn(console, "warn");
  const put = store.put({ ...release, digest: "0".repeat(64) });
  await expect(put).rejects.toMatchObject({ kind: "wrong", code: "BadDigest", action: "s3:PutObject" });
  expect([await store.find(release.name), await store.list()]).toEqual([undefined, []]);
  expect(warn).not.toHaveBeenCalled();
});

it("lists more than S3 gives at a time, and nothing that is no archive", async () => {
  const { store, client } = await made();
  const names = Array.from({ length: 501 }, (_, index) => `5.1.6-${String(index).padStart(32, "0")}`);
  for (const name of names) {
    for (const Key of [`releases/${name}.tar.gz`, `releases/${name}.json`])
      await client.putObject({ Bucket: bucket, Key, Body: "x" });
  }
  await client.putObject({ Bucket: bucket, Key: "bundles/b.tar", Body: "x" });
  expect((await store.list()).map(({ name }) => name)).toEqual(names);
});

it("does not take a bucket that is not there for an empty one", async () => {
  const { config } = await made();
  await expect(releaseStore(config, "another").list()).rejects.toMatchObject({ code: "NoSuchBucket" });
});
