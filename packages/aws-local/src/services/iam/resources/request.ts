/** What a call is asked for: the common ground of the mappings of each service. */

/** One question to IAM. */
export interface ResourceRequest {
  readonly action: string;
  readonly resources: readonly string[];
  /** Condition keys that the call carries for these resources. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** What has to be looked up because the call does not say it. */
export interface ResourceLookups {
  readonly region: string;
  readonly account: string;
  /** Tags of a resource, for `aws:ResourceTag/…`; none where it is unknown. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
  /** Auto Scaling puts a generated id into a group's ARN. */
  autoScalingGroupArn(name: string): string | undefined;
  autoScalingGroupOfInstance(instanceId: string): string | undefined;
  /** The name of the role that instances of a launch template get by their instance profile. */
  roleOfLaunchTemplate(template: LaunchTemplateName): string | undefined;
  /** The name of the role in an instance profile. */
  roleOfInstanceProfile(nameOrArn: string): string | undefined;
  /** Secrets Manager puts six random characters behind a secret's name. */
  secretArn(nameOrArn: string): string | undefined;
}

/** As far as the call names it. */
export interface LaunchTemplateName {
  readonly id?: string;
  readonly name?: string;
  readonly version?: string;
}

/** An action on some resources, with the values that only this call can give to condition keys. */
export interface Touch {
  /** Without the service's prefix; the operation's own name where it is left out. */
  readonly action?: string;
  /** Empty where the table should decide: `*`, or the widest ARN of the action's resource types. */
  readonly resources: readonly string[];
  readonly context?: ResourceRequest["context"];
}

export type Mapping = (operation: string, input: Input, lookups: ResourceLookups) => readonly Touch[];

/** Reads members of an input without trusting their types. */
export class Input {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  member(name: string): Input {
    const { value } = this;
    return new Input(typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined);
  }

  text(name: string): string | undefined {
    const { value } = this.member(name);
    return typeof value === "string" ? value : undefined;
  }

  items(name: string): Input[] {
    const { value } = this.member(name);
    return Array.isArray(value) ? value.map((item: unknown) => new Input(item)) : [];
  }

  /** A member that is a text, or a list of texts. */
  texts(name: string): string[] {
    const { value } = this.member(name);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((item) => typeof item === "string");
  }

  keys(): string[] {
    const { value } = this;
    return typeof value === "object" && value !== null ? Object.keys(value) : [];
  }

  has(name: string): boolean {
    return this.member(name).value !== undefined;
  }
}

export function roleArn(name: string | undefined, { account }: ResourceLookups): string | undefined {
  return name === undefined ? undefined : `arn:aws:iam::${account}:role/${name}`;
}

/** The question whether a role may be handed to a service. */
export function passRole(roleArn: string | undefined, service: string): Touch[] {
  if (roleArn === undefined) return [];
  return [{ action: "iam:PassRole", resources: [roleArn], context: { "iam:PassedToService": service } }];
}
