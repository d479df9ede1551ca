/** A parameter and its versions. */
import { type Step, step } from "./step.ts";

export const parameterSteps: readonly Step[] = [
  step("ssm PutParameter", (c) => c.ssm.putParameter({ Name: "/kitchen/dish", Value: "soup", Type: "String" })),
  step("ssm PutParameter of a name that is taken", (c) =>
    c.ssm.putParameter({ Name: "/kitchen/dish", Value: "soup", Type: "String" }),
  ),
  step("ssm PutParameter, overwriting", (c) =>
    c.ssm.putParameter({ Name: "/kitchen/dish", Value: "bread", Type: "String", Overwrite: true }),
  ),
  step("ssm GetParameter", (c) => c.ssm.getParameter({ Name: "/kitchen/dish" })),
  step("ssm GetParameter that does not exist", (c) => c.ssm.getParameter({ Name: "/kitchen/nobody" })),
  step("ssm GetParameters", (c) => c.ssm.getParameters({ Names: ["/kitchen/dish", "/kitchen/nobody"] })),
  step("ssm GetParametersByPath", (c) => c.ssm.getParametersByPath({ Path: "/kitchen" })),
  step("ssm GetParameterHistory", (c) => c.ssm.getParameterHistory({ Name: "/kitchen/dish" })),
  step("ssm DescribeParameters", (c) =>
    c.ssm.describeParameters({ ParameterFilters: [{ Key: "Name", Values: ["/kitchen/dish"] }] }),
  ),
  step("ssm DeleteParameter", (c) => c.ssm.deleteParameter({ Name: "/kitchen/dish" })),
  step("ssm DeleteParameter that does not exist", (c) => c.ssm.deleteParameter({ Name: "/kitchen/dish" })),
];
