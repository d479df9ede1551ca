/** What must outlive a stage does, and what need not does not live for ever. */
import { describe, expect, it } from "vitest";
import { all, type Graphs, stages } from "../stages.ts";

/** Types that hold data nobody can make again. */
const holding = [
  "aws:rds/instance:Instance",
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:efs/fileSystem:FileSystem",
  "aws:dynamodb/table:Table",
  "aws:s3/bucket:Bucket",
  "aws:backup/vault:Vault",
] as const;

export function keeping(graph: Graphs): void {
  it.each(holding)("production keeps each %s when it is removed, and the other stages do not", (type) => {
    for (const each of all(graph("production"), type)) expect(each, each.name).toMatchObject({ retained: true });
    for (const stage of ["dev", "staging"])
      for (const each of all(graph(stage), type)) expect(each, each.name).toMatchObject({ retained: false });
  });

  it("production is removed only by who lifts its protection first", () => {
    expect(graph("production").app).toMatchObject({ removal: "retain", protect: true });
    for (const stage of ["dev", "staging"])
      expect(graph(stage).app).toMatchObject({ removal: "remove", protect: false });
    expect(all(graph("production"), "aws:rds/instance:Instance")[0]?.inputs).toMatchObject({
      ...{ deletionProtection: true, skipFinalSnapshot: false },
    });
  });

  describe.each(stages)("%s", (stage) => {
    it("can take its table and its database back", () => {
      for (const { inputs } of all(graph(stage), "aws:dynamodb/table:Table"))
        expect(inputs["pointInTimeRecovery"]).toEqual({ enabled: true });
      for (const { inputs } of all(graph(stage), "aws:rds/instance:Instance"))
        expect(inputs["backupRetentionPeriod"]).toBeGreaterThanOrEqual(7);
    });

    it("keeps no log for ever", () => {
      for (const { inputs, name } of all(graph(stage), "aws:cloudwatch/logGroup:LogGroup"))
        expect(inputs["retentionInDays"], name).toBeGreaterThan(0);
    });
  });
}
