/** SSM refuses what no declared exception describes with a ValidationException. */
import { ValidationException } from "@aws-sdk/client-ssm";

export const validationError = (message: string): ValidationException =>
  new ValidationException({ message, $metadata: {} });
