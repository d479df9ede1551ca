/** S3: its operations and its actions have different names. */
import type { Input, Mapping, Touch } from "./request.ts";

export const s3: Mapping = (operation, input) => {
  const [bucket = "*"] = input.texts("Bucket");
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const keys = [
    ...input.texts("Key"),
    ...input
      .member("Delete")
      .items("Objects")
      .flatMap((object) => object.texts("Key")),
  ];
  if (operation === "ListBuckets") return [{ action: "ListAllMyBuckets", resources: [] }];
  if (keys.length === 0)
    return [{ action: actionOf(operation, input), resources: [bucketArn], context: prefix(input) }];
  return [
    { action: actionOf(operation, input), resources: keys.map((key) => `${bucketArn}/${key}`) },
    ...copied(operation, input),
  ];
};

function actionOf(operation: string, input: Input): string {
  const action = actions.get(operation) ?? operation;
  if (!input.has("VersionId")) return action;
  return action.replace(/^(Get|Put|Delete)Object(?=$|Tagging$|Acl$)/, "$1ObjectVersion");
}

function copied(operation: string, input: Input): Touch[] {
  if (operation !== "CopyObject" && operation !== "UploadPartCopy") return [];
  return input.texts("CopySource").map((source) => ({
    action: "GetObject",
    resources: [
      `arn:aws:s3:::${decodeURIComponent(source)
        .replace(/^\//, "")
        .replace(/\?versionId=.*$/, "")}`,
    ],
  }));
}

function prefix(input: Input): Record<string, string> {
  const value = input.text("Prefix");
  return value === undefined ? {} : { "s3:prefix": value };
}

/** Where the action is not called like the operation (Service Authorization Reference of S3). */
const actions: ReadonlyMap<string, string> = new Map([
  ["HeadObject", "GetObject"],
  ["HeadBucket", "ListBucket"],
  ["ListObjects", "ListBucket"],
  ["ListObjectsV2", "ListBucket"],
  ["ListObjectVersions", "ListBucketVersions"],
  ["DeleteObjects", "DeleteObject"],
  ["CopyObject", "PutObject"],
  ["CreateMultipartUpload", "PutObject"],
  ["UploadPart", "PutObject"],
  ["UploadPartCopy", "PutObject"],
  ["CompleteMultipartUpload", "PutObject"],
  ["ListParts", "ListMultipartUploadParts"],
  ["ListMultipartUploads", "ListBucketMultipartUploads"],
  ["GetBucketEncryption", "GetEncryptionConfiguration"],
  ["PutBucketEncryption", "PutEncryptionConfiguration"],
  ["DeleteBucketEncryption", "PutEncryptionConfiguration"],
  ["GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"],
  ["PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"],
  ["DeleteBucketLifecycle", "PutLifecycleConfiguration"],
  ["GetBucketReplication", "GetReplicationConfiguration"],
  ["PutBucketReplication", "PutReplicationConfiguration"],
  ["GetPublicAccessBlock", "GetBucketPublicAccessBlock"],
  ["PutPublicAccessBlock", "PutBucketPublicAccessBlock"],
  ["DeletePublicAccessBlock", "PutBucketPublicAccessBlock"],
  ["GetBucketNotificationConfiguration", "GetBucketNotification"],
  ["PutBucketNotificationConfiguration", "PutBucketNotification"],
  ["DeleteBucketTagging", "PutBucketTagging"],
]);
