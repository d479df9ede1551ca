/** Certificates of the lab's servers: each signs itself, for two days. */
import { run } from "./processes.ts";

export interface CertificateFiles {
  readonly certificate: string;
  /** May be the same file: it then holds both, as HAProxy reads them. */
  readonly key: string;
}

/** @param names as `DNS:moodle.lab` or `IP:127.0.0.1` */
export function makeCertificate({ certificate, key }: CertificateFiles, names: readonly string[]): void {
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
  const subject = ["-subj", "/CN=localhost", "-addext", `subjectAltName=${names.join(",")}`, "-days", "2"];
  run("openssl", ["req", "-x509", ...newKey, ...subject, "-out", certificate]);
}
