/** Creating, versioning and describing launch templates. */
import type * as ec2 from "@aws-sdk/client-ec2";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import { type Filterable, matcherOf } from "./filters.ts";
import { launchDataOf } from "./launch-data.ts";
import {
  type LaunchTemplate,
  type LaunchTemplateStore,
  type LaunchTemplateVersion,
  latestNumber,
} from "./launch-templates.ts";
import { pageOf } from "./paging.ts";
import { type TagStore, tagList, tagsSpecified } from "./tags.ts";

type LaunchTemplateOperations = Pick<
  Operations<typeof ec2>,
  | "CreateLaunchTemplate"
  | "CreateLaunchTemplateVersion"
  | "DeleteLaunchTemplate"
  | "DescribeLaunchTemplates"
  | "DescribeLaunchTemplateVersions"
  | "ModifyLaunchTemplate"
>;

export function launchTemplateOperations(
  { account }: Surroundings,
  store: LaunchTemplateStore,
  tags: TagStore,
): LaunchTemplateOperations {
  return {
    CreateLaunchTemplate(input) {
      const data = launchDataOf(input.LaunchTemplateData, "The launch template");
      const templateTags = tagsSpecified(input.TagSpecifications, "launch-template");
      return {
        LaunchTemplate: describe(store.create(input.LaunchTemplateName, data, input.VersionDescription, templateTags)),
      };
    },

    /** Members left out are taken from `SourceVersion`, and only from there. */
    CreateLaunchTemplateVersion(input) {
      const template = store.find(input);
      const source = input.SourceVersion === undefined ? {} : store.version(template, input.SourceVersion).data;
      const data = { ...source, ...launchDataOf(input.LaunchTemplateData, "The launch template") };
      return {
        LaunchTemplateVersion: describeVersion(template, store.addVersion(template, data, input.VersionDescription)),
      };
    },

    ModifyLaunchTemplate(input) {
      const template = store.find(input);
      if (input.DefaultVersion === undefined) throw missingParameter("SetDefaultVersion");
      template.defaultVersion = store.version(template, input.DefaultVersion).number;
      return { LaunchTemplate: describe(template) };
    },

    DeleteLaunchTemplate(input) {
      const template = store.find(input);
      const described = describe(template);
      store.remove(template);
      return { LaunchTemplate: described };
    },

    DescribeLaunchTemplates(input) {
      const matches = matcherOf(input.Filters, TEMPLATE_FILTERS, (template) => tags.of(template.id));
      const { items, ...rest } = pageOf(chosen(input).filter(matches), (template) => template.order, input, {
        least: 1,
        most: 200,
      });
      return { LaunchTemplates: items.map(describe), ...rest };
    },

    DescribeLaunchTemplateVersions(input) {
      const matches = matcherOf(input.Filters, VERSION_FILTERS);
      const wanted = wantedVersions(input).filter(({ version }) => matches(version));
      const { items, ...rest } = pageOf(
        wanted,
        ({ template, version }) => template.order * 10_000 + version.number,
        input,
        {
          least: 1,
          most: 200,
        },
      );
      return {
        LaunchTemplateVersions: items.map(({ template, version }) => describeVersion(template, version)),
        ...rest,
      };
    },
  };

  function chosen(input: {
    readonly LaunchTemplateIds?: readonly string[] | undefined;
    readonly LaunchTemplateNames?: readonly string[] | undefined;
  }): readonly LaunchTemplate[] {
    const { LaunchTemplateIds: ids, LaunchTemplateNames: names } = input;
    if (ids === undefined && names === undefined) return store.all();
    const found = [
      ...(ids ?? []).map((LaunchTemplateId) => store.find({ LaunchTemplateId })),
      ...(names ?? []).map((LaunchTemplateName) => store.find({ LaunchTemplateName })),
    ];
    return [...new Set(found)].sort((one, other) => one.order - other.order);
  }

  /** Without a template, only `$Latest` and `$Default` of all templates may be asked for. */
  function wantedVersions(input: ec2.DescribeLaunchTemplateVersionsRequest): VersionOf[] {
    const { Versions: versions, MinVersion: least, MaxVersion: most } = input;
    if (input.LaunchTemplateId === undefined && input.LaunchTemplateName === undefined) {
      if (versions === undefined || versions.some((version) => !version.startsWith("$"))) {
        throw invalidParameterValue("Without a launch template, Versions must be $Latest, $Default, or both.");
      }
      return store.all().flatMap((template) => named(template, versions));
    }
    const template = store.find(input);
    if (versions !== undefined) return named(template, versions);
    return template.versions
      .filter((version) => version.number >= Number(least ?? 1) && version.number <= Number(most ?? Infinity))
      .map((version) => ({ template, version }));
  }

  function named(template: LaunchTemplate, versions: readonly string[]): VersionOf[] {
    const found = new Set(versions.map((version) => store.version(template, version)));
    return [...found].sort((one, other) => one.number - other.number).map((version) => ({ template, version }));
  }

  function describe(template: LaunchTemplate): ec2.LaunchTemplate {
    return {
      LaunchTemplateId: template.id,
      LaunchTemplateName: template.name,
      CreateTime: new Date(template.createdAt),
      CreatedBy: `arn:aws:iam::${account}:root`,
      DefaultVersionNumber: template.defaultVersion,
      LatestVersionNumber: latestNumber(template),
      Tags: tagList(tags.of(template.id)),
    };
  }

  function describeVersion(template: LaunchTemplate, version: LaunchTemplateVersion): ec2.LaunchTemplateVersion {
    return {
      LaunchTemplateId: template.id,
      LaunchTemplateName: template.name,
      VersionNumber: version.number,
      VersionDescription: version.description,
      CreateTime: new Date(version.createdAt),
      CreatedBy: `arn:aws:iam::${account}:root`,
      DefaultVersion: version.number === template.defaultVersion,
      LaunchTemplateData: structuredClone(version.data),
    };
  }
}

interface VersionOf {
  readonly template: LaunchTemplate;
  readonly version: LaunchTemplateVersion;
}

const TEMPLATE_FILTERS: Filterable<LaunchTemplate> = {
  "launch-template-name": (template) => [template.name],
};

const VERSION_FILTERS: Filterable<LaunchTemplateVersion> = {
  "image-id": (version) => [version.data.ImageId],
  "instance-type": (version) => [version.data.InstanceType],
};
