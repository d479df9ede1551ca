/** What a release says of itself, and what lies beside its archive in the bucket, so that nobody has to fetch 100 MB to know. */
import * as z from "zod";

/** What a node reads of a release before it believes it. In the archive as `release.json`. */
const manifestSchema = z.object({
  v: z.literal(1),
  /** As Moodle names it, `5.1.6 (Build: 20260810)`. */
  moodle: z.string(),
  branch: z.string(),
  /** As Moodle compares it with the database's to know whether an upgrade is pending. */
  versionsHash: z.string(),
  files: z.number(),
  plugins: z.record(z.string(), z.object({ version: z.string(), path: z.string() })),
});
export type ReleaseManifest = z.output<typeof manifestSchema>;

/** Of the bill of materials: what the release was built from, Moodle itself first. */
const billSchema = z.object({
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })),
    }),
  ),
});

const aboutSchema = z.object({ v: z.literal(1), manifest: manifestSchema, bill: billSchema });
/** The archive's `release.json` and `bill-of-materials.json`. */
export type AboutRelease = z.output<typeof aboutSchema>;

/** @throws when this is nothing that this version of Warden can read */
export const readAbout = (text: string): AboutRelease => aboutSchema.parse(JSON.parse(text));

/** @param texts as they are in the archive */
export const aboutText = (texts: { readonly manifest: string; readonly bill: string }): string =>
  `${JSON.stringify({ v: 1, manifest: JSON.parse(texts.manifest), bill: JSON.parse(texts.bill) })}\n`;

/** `501` is the branch of Moodle 5.1, `405` that of 4.5. */
export function branchOf(release: string): string {
  const [major = "", minor = ""] = release.split(".");
  return `${major}${minor.padStart(2, "0")}`;
}
