/**
 * Property tests try the same values each time: what fails then fails because of the change. Others are tried with
 * `FAST_CHECK_SEED=$RANDOM npm test`.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 1) });
