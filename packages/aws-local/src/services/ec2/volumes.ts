/** Root volumes: made with their instance, and gone with it unless they were asked to stay. No volume is made otherwise. */
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error.ts";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalidParameterCombination } from "./errors.ts";
import { type Filterable, matcherOf } from "./filters.ts";
import type { LaunchSettings } from "./launch-data.ts";
import { pageOf } from "./paging.ts";
import { type TagStore, tagList, tagsSpecified } from "./tags.ts";

export const ROOT_DEVICE = "/dev/xvda";

export interface Volumes {
  create(instanceId: string, zone: string, settings: LaunchSettings): string;
  /** The instance has ended. */
  release(volumeId: string): void;
  find(volumeId: string): Volume | undefined;
  readonly operations: Pick<Operations<typeof ec2>, "DescribeVolumes">;
}

interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly order: number;
  readonly createdAt: number;
  readonly size: number;
  readonly type: ec2.VolumeType;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
  readonly deleteOnTermination: boolean;
  instanceId: string | undefined;
}

export function createVolumes({ clock, random }: Surroundings, tags: TagStore): Volumes {
  const volumes = new Map<string, Volume>();
  let created = 0;

  function describe(volume: Volume): ec2.Volume {
    return {
      VolumeId: volume.id,
      AvailabilityZone: volume.zone,
      CreateTime: new Date(volume.createdAt),
      Size: volume.size,
      VolumeType: volume.type,
      Iops: volume.iops,
      Throughput: volume.throughput,
      Encrypted: volume.encrypted,
      KmsKeyId: volume.kmsKeyId,
      MultiAttachEnabled: false,
      State: stateOf(volume),
      Attachments: volume.instanceId === undefined ? [] : [attachmentOf(volume, volume.instanceId)],
      Tags: tagList(tags.of(volume.id)),
    };
  }

  return {
    create(instanceId, zone, { rootVolume, volumeTags }) {
      const id = `vol-${random.hex(17)}`;
      const type = rootVolume.VolumeType ?? "gp3";
      volumes.set(id, {
        id,
        zone,
        order: created++,
        createdAt: clock.now(),
        size: rootVolume.VolumeSize ?? 8,
        type,
        iops: rootVolume.Iops ?? (type === "gp3" ? 3000 : undefined),
        throughput: rootVolume.Throughput ?? (type === "gp3" ? 125 : undefined),
        encrypted: rootVolume.Encrypted ?? false,
        kmsKeyId: rootVolume.KmsKeyId,
        deleteOnTermination: rootVolume.DeleteOnTermination ?? true,
        instanceId,
      });
      tags.adopt(id, "volume", tagsSpecified(volumeTags, "volume"));
      return id;
    },

    release(volumeId) {
      const volume = volumes.get(volumeId);
      if (volume === undefined) return;
      volume.instanceId = undefined;
      if (!volume.deleteOnTermination) return;
      volumes.delete(volumeId);
      tags.forget(volumeId);
    },

    find: (volumeId) => volumes.get(volumeId),

    operations: {
      DescribeVolumes(input) {
        const ids = input.VolumeIds;
        if (ids !== undefined && input.MaxResults !== undefined) {
          throw invalidParameterCombination("The parameter volumeSet cannot be used with the parameter maxResults");
        }
        const missing = ids?.find((id) => !volumes.has(id));
        if (missing !== undefined) {
          throw new AwsError("InvalidVolume.NotFound", `The volume '${missing}' does not exist.`);
        }
        const matches = matcherOf(input.Filters, FILTERABLE, (volume) => tags.of(volume.id));
        const chosen = [...volumes.values()].filter(
          (volume) => (ids === undefined || ids.includes(volume.id)) && matches(volume),
        );
        const { items, ...rest } = pageOf(chosen, (volume) => volume.order, input);
        return { Volumes: items.map(describe), ...rest };
      },
    },
  };
}

const stateOf = (volume: Volume): "in-use" | "available" => (volume.instanceId === undefined ? "available" : "in-use");

const attachmentOf = (volume: Volume, instanceId: string): ec2.VolumeAttachment => ({
  VolumeId: volume.id,
  InstanceId: instanceId,
  Device: ROOT_DEVICE,
  State: "attached",
  AttachTime: new Date(volume.createdAt),
  DeleteOnTermination: volume.deleteOnTermination,
});

const FILTERABLE: Filterable<Volume> = {
  "volume-id": (volume) => [volume.id],
  status: (volume) => [stateOf(volume)],
  "availability-zone": (volume) => [volume.zone],
  encrypted: (volume) => [String(volume.encrypted)],
  "volume-type": (volume) => [volume.type],
  "attachment.instance-id": (volume) => [volume.instanceId],
};
