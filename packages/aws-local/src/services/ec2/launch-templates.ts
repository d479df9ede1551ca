/** Launch templates: numbered versions that never change, one of them the default. Auto Scaling resolves through here. */
import { AwsError } from "../../aws-error.ts";
import type { LaunchTemplates, Surroundings } from "../../region.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import { isSpot, type LaunchData, profileNameIn, requireImage, requireType } from "./launch-data.ts";
import { type TagStore, type Tags, tagsSpecified } from "./tags.ts";

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly order: number;
  readonly versions: LaunchTemplateVersion[];
  defaultVersion: number;
}

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: number;
  readonly data: LaunchData;
}

/** A template goes by its id or its name, never by both. */
interface TemplateReference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export interface LaunchTemplateStore {
  create(name: string, data: LaunchData, description: string | undefined, tags: Tags): LaunchTemplate;
  addVersion(template: LaunchTemplate, data: LaunchData, description: string | undefined): LaunchTemplateVersion;
  remove(template: LaunchTemplate): void;
  all(): readonly LaunchTemplate[];
  find(reference: TemplateReference): LaunchTemplate;
  /** `version` is a number, `$Latest` or `$Default`; the default one without it. */
  version(template: LaunchTemplate, version: string | undefined): LaunchTemplateVersion;
  readonly neighbours: LaunchTemplates;
}

export function createLaunchTemplateStore(
  { clock, random }: Surroundings,
  tags: TagStore,
  roleOfProfile: (profileName: string) => string | undefined,
): LaunchTemplateStore {
  const templates = new Map<string, LaunchTemplate>();
  const idsByName = new Map<string, string>();
  let created = 0;

  function find({ LaunchTemplateId: id, LaunchTemplateName: name }: TemplateReference): LaunchTemplate {
    if (id !== undefined && name !== undefined) {
      throw invalidParameterValue("Only one of launch template ID or launch template name may be specified.");
    }
    if (id !== undefined) return templates.get(id) ?? raise(idNotFound(id));
    if (name === undefined) throw missingParameter("LaunchTemplateId");
    return templates.get(idsByName.get(name) ?? "") ?? raise(nameNotFound());
  }

  function version(template: LaunchTemplate, wanted: string | undefined): LaunchTemplateVersion {
    const number = versionNumber(template, wanted ?? "$Default");
    return template.versions.find((candidate) => candidate.number === number) ?? raise(versionNotFound());
  }

  const neighbours: LaunchTemplates = {
    resolve({ id, name, version: wanted }) {
      const template = find(id === undefined ? { LaunchTemplateName: name } : { LaunchTemplateId: id });
      const { data, number } = version(template, wanted);
      const profileName = profileNameIn(data);
      return {
        id: template.id,
        name: template.name,
        version: String(number),
        imageId: requireImage(data),
        instanceType: requireType(data),
        userData: data.UserData,
        roleName: profileName === undefined ? undefined : roleOfProfile(profileName),
        spot: isSpot(data),
        tags: tagsSpecified(data.TagSpecifications, "instance"),
      };
    },
  };

  return {
    create(name, data, description, templateTags) {
      if (idsByName.has(name)) {
        throw new AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
      }
      const id = `lt-${random.hex(17)}`;
      const first: LaunchTemplateVersion = { number: 1, description, createdAt: clock.now(), data };
      const template: LaunchTemplate = {
        id,
        name,
        createdAt: clock.now(),
        order: created++,
        versions: [first],
        defaultVersion: 1,
      };
      tags.adopt(id, "launch-template", templateTags);
      templates.set(id, template);
      idsByName.set(name, id);
      return template;
    },
    addVersion(template, data, description) {
      const added = { number: latestNumber(template) + 1, description, createdAt: clock.now(), data };
      template.versions.push(added);
      return added;
    },
    remove(template) {
      templates.delete(template.id);
      idsByName.delete(template.name);
      tags.forget(template.id);
    },
    all: () => [...templates.values()],
    find,
    version,
    neighbours,
  };
}

export const latestNumber = (template: LaunchTemplate): number => template.versions.at(-1)?.number ?? 0;

function versionNumber(template: LaunchTemplate, wanted: string): number {
  if (wanted === "$Latest") return latestNumber(template);
  if (wanted === "$Default") return template.defaultVersion;
  const number = Number(wanted);
  if (!Number.isInteger(number) || number < 1) {
    throw invalidParameterValue(`Invalid launch template version: ${wanted}. Expected a number, $Latest or $Default.`);
  }
  return number;
}

const idNotFound = (id: string): AwsError =>
  new AwsError(
    "InvalidLaunchTemplateId.NotFound",
    `The specified launch template, with template ID ${id}, does not exist.`,
  );

const nameNotFound = (): AwsError =>
  new AwsError(
    "InvalidLaunchTemplateName.NotFoundException",
    "At least one of the launch templates specified in the request does not exist.",
  );

const versionNotFound = (): AwsError =>
  new AwsError("InvalidLaunchTemplateId.VersionNotFound", "Could not find launch template version");

function raise(error: AwsError): never {
  throw error;
}
