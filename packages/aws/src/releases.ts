/**
 * Where releases lie that `warden moodle build` made: an archive under its name, from which nodes fetch it, and beside it
 * what it is, for whoever only wants to know.
 */
import { createReadStream } from "node:fs";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { isFault } from "@warden/control";
import { calling } from "./classify.ts";
import { releaseFolder, releaseKey } from "./names.ts";
import { lazyS3 } from "./s3.ts";

export interface ReleaseStore {
  /** Nothing is sent of what is there already: a name stands for its bytes. */
  put(release: ReleaseArchive): Promise<void>;
  /** By name. */
  list(): Promise<readonly KeptRelease[]>;
  find(name: string): Promise<FoundRelease | undefined>;
}

export interface ReleaseArchive {
  /** Ends with the first 32 digits of the digest. */
  readonly name: string;
  /** SHA-256 of the archive, in hexadecimal. */
  readonly digest: string;
  readonly size: number;
  readonly file: string;
  /** What it is, as JSON. */
  readonly about: string;
}

export interface KeptRelease {
  readonly name: string;
  readonly size: number;
  /** When it was put there; milliseconds since the epoch. */
  readonly at: number;
}

export interface FoundRelease extends KeptRelease {
  /** Undefined for an archive that somebody put there by other means. */
  readonly about: string | undefined;
}

const aboutKey = (name: string): string => `${releaseFolder}${name}.json`;

export function releaseStore(options: S3ClientConfig, bucket: string): ReleaseStore {
  const s3 = lazyS3(options);

  async function find(name: string): Promise<FoundRelease | undefined> {
    const { client, sdk } = await s3();
    const archive = await unlessAbsent("s3:GetObject", () =>
      client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: releaseKey(name) })),
    );
    if (archive === undefined) return undefined;
    const about = await unlessAbsent("s3:GetObject", async () => {
      const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: aboutKey(name) }));
      return Body?.transformToString();
    });
    return { name, size: archive.ContentLength ?? 0, at: archive.LastModified?.getTime() ?? 0, about };
  }

  return {
    find,

    async put({ name, digest, size, file, about }) {
      const { client, sdk } = await s3();
      const found = await find(name);
      const object = (Key: string, ContentType: string) => ({ Bucket: bucket, Key, ContentType });
      if (found === undefined) {
        const command = new sdk.PutObjectCommand({
          ...object(releaseKey(name), "application/gzip"),
          ...{ Body: createReadStream(file), ContentLength: size },
          ChecksumSHA256: Buffer.from(digest, "hex").toString("base64"),
        });
        // 100 MB may take long: the time that a small request may take says nothing of it.
        await calling("s3:PutObject", () => client.send(command, { requestTimeout: 0 }));
      }
      if (found?.about !== undefined) return;
      const command = new sdk.PutObjectCommand({ ...object(aboutKey(name), "application/json"), Body: about });
      await calling("s3:PutObject", () => client.send(command));
    },

    async list() {
      const { client, sdk } = await s3();
      return calling("s3:ListBucket", async () => {
        const found: KeptRelease[] = [];
        for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: releaseFolder })) {
          for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
            const name = /^releases\/([^/]+)\.tar\.gz$/.exec(Key)?.[1];
            if (name !== undefined) found.push({ name, size: Size, at: LastModified?.getTime() ?? 0 });
          }
        }
        return found;
      });
    },
  };
}

/** @returns undefined when there is no such object */
async function unlessAbsent<T>(action: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await calling(action, call);
  } catch (error) {
    if (isFault(error) && (error.code === "NotFound" || error.code === "NoSuchKey")) return undefined;
    throw error;
  }
}
