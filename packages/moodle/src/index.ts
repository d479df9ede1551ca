export {
  type DocumentName,
  documentNamed,
  documentNames,
  documents,
  sha256Of,
  textOf,
  type WardenDocument,
} from "./documents/documents.ts";
export {
  type BootstrapOutput,
  bootstrapOutput,
  type DrainOutput,
  type DrainStatusOutput,
  drainOutput,
  drainStatusOutput,
  type EvidenceOutput,
  evidenceOutput,
  type SharedPart,
  sharedParts,
  type VerifyOutput,
  verifyOutput,
  verifyVerdicts,
} from "./documents/outputs.ts";
export { type ReadinessBody, readinessBody } from "./documents/readiness.ts";
