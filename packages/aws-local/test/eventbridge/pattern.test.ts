import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventPattern, InvalidPattern } from "../../src/services/eventbridge/pattern.ts";

const matches = (pattern: unknown, event: object): boolean => eventPattern(JSON.stringify(pattern)).matches(event);

/** pattern, events that match, events that do not. The examples of the EventBridge guide, "Event patterns", and their opposites. */
const table: readonly [string, object, readonly object[], readonly object[]][] = [
  ["exact text", { source: ["aws.ec2"] }, [{ source: "aws.ec2" }], [{ source: "aws.ec22" }, { source: "AWS.ec2" }, {}]],
  ["any of several texts", { source: ["a", "b"] }, [{ source: "a" }, { source: "b" }], [{ source: "c" }]],
  ["empty text", { a: [""] }, [{ a: "" }], [{ a: null }, {}, { a: "x" }]],
  ["null", { a: [null] }, [{ a: null }], [{ a: "" }, { a: "null" }, {}, { a: 0 }]],
  ["number", { a: [300] }, [{ a: 300 }, { a: 300.0 }, { a: 3e2 }], [{ a: "300" }, { a: 301 }]],
  ["boolean", { a: [true] }, [{ a: true }], [{ a: "true" }, { a: false }]],
  ["all fields", { a: ["x"], b: ["y"] }, [{ a: "x", b: "y", c: 1 }], [{ a: "x" }, { a: "x", b: "z" }]],
  [
    "nested",
    { d: { state: ["stopped"] } },
    [{ d: { state: "stopped" } }],
    [{ d: { state: "running" } }, { d: "stopped" }],
  ],
  ["array intersection", { r: ["x", "y"] }, [{ r: ["y", "z"] }, { r: ["x"] }], [{ r: ["z"] }, { r: [] }]],
  [
    "prefix",
    { t: [{ prefix: "2017-10-02" }] },
    [{ t: "2017-10-02T18" }],
    [{ t: "2017-10-03" }, { t: "x2017-10-02" }, { t: 2017 }],
  ],
  [
    "prefix ignoring case",
    { t: [{ prefix: { "equals-ignore-case": "EventBridge" } }] },
    [{ t: "eventbridge.x" }],
    [{ t: "event" }],
  ],
  ["suffix", { f: [{ suffix: ".png" }] }, [{ f: "a.png" }, { f: ".png" }], [{ f: "a.png.txt" }, { f: "png" }]],
  ["suffix ignoring case", { f: [{ suffix: { "equals-ignore-case": ".png" } }] }, [{ f: "a.PNG" }], [{ f: "a.jpg" }]],
  [
    "equals-ignore-case",
    { t: [{ "equals-ignore-case": "ec2 Instance" }] },
    [{ t: "EC2 INSTANCE" }],
    [{ t: "EC2 INSTANCE x" }],
  ],
  [
    "anything-but a text",
    { s: [{ "anything-but": "initializing" }] },
    [{ s: "on" }, { s: 5 }, { s: null }],
    [{ s: "initializing" }, {}],
  ],
  [
    "anything-but texts",
    { s: [{ "anything-but": ["stopped", "overloaded"] }] },
    [{ s: "x" }],
    [{ s: "stopped" }, { s: "overloaded" }],
  ],
  [
    "anything-but numbers",
    { n: [{ "anything-but": [100, 200] }] },
    [{ n: 300 }, { n: "100" }],
    [{ n: 100 }, { n: 200 }],
  ],
  [
    "anything-but a prefix",
    { s: [{ "anything-but": { prefix: "init" } }] },
    [{ s: "running" }],
    [{ s: "initial" }, {}],
  ],
  [
    "anything-but prefixes",
    { s: [{ "anything-but": { prefix: ["a", "b"] } }] },
    [{ s: "c" }],
    [{ s: "a1" }, { s: "b1" }],
  ],
  ["anything-but a suffix", { s: [{ "anything-but": { suffix: ".txt" } }] }, [{ s: "a.png" }], [{ s: "a.txt" }]],
  [
    "anything-but ignoring case",
    { s: [{ "anything-but": { "equals-ignore-case": ["A", "b"] } }] },
    [{ s: "c" }],
    [{ s: "a" }, { s: "B" }],
  ],
  [
    "anything-but a wildcard",
    { p: [{ "anything-but": { wildcard: "*/lib/*" } }] },
    [{ p: "/bin/x" }],
    [{ p: "/usr/lib/x" }],
  ],
  [
    "numeric range",
    { n: [{ numeric: [">", 0, "<=", 5] }] },
    [{ n: 1 }, { n: 5 }, { n: 0.1 }],
    [{ n: 0 }, { n: 6 }, { n: "1" }],
  ],
  ["numeric below", { n: [{ numeric: ["<", 10] }] }, [{ n: -3 }], [{ n: 10 }]],
  ["numeric equal", { n: [{ numeric: ["=", 3.018e2] }] }, [{ n: 301.8 }], [{ n: 301 }]],
  [
    "cidr",
    { ip: [{ cidr: "10.0.0.0/24" }] },
    [{ ip: "10.0.0.255" }],
    [{ ip: "10.0.1.0" }, { ip: "10.0.0" }, { ip: "::1" }],
  ],
  [
    "cidr of IPv6",
    { ip: [{ cidr: "2001:db8::/32" }] },
    [{ ip: "2001:db8:1::5" }],
    [{ ip: "2001:db9::" }, { ip: "10.0.0.1" }],
  ],
  [
    "exists",
    { d: { s: [{ exists: true }] } },
    [{ d: { s: null } }, { d: { s: "x" } }],
    [{ d: {} }, { d: { s: {} } }, {}],
  ],
  ["exists not", { d: { s: [{ exists: false }] } }, [{ d: {} }, {}, { d: { s: { deeper: 1 } } }], [{ d: { s: 1 } }]],
  ["absent or a value", { s: [{ exists: false }, "x"] }, [{}, { s: "x" }], [{ s: "y" }]],
  [
    "wildcard",
    { f: [{ wildcard: "dir/*.png" }] },
    [{ f: "dir/a.png" }, { f: "dir/.png" }],
    [{ f: "dir/a.jpg" }, { f: "a/dir/a.png" }],
  ],
  ["several wildcards", { f: [{ wildcard: "a*b*c" }] }, [{ f: "abc" }, { f: "aXbbYc" }], [{ f: "acb" }, { f: "ab" }]],
  ["wildcards around one text twice", { f: [{ wildcard: "*a*a*" }] }, [{ f: "aa" }, { f: "xaya" }], [{ f: "a" }]],
  ["escaped wildcard", { f: [{ wildcard: "a\\*b\\\\*" }] }, [{ f: "a*b\\z" }], [{ f: "axb\\z" }]],
  [
    "$or",
    { detail: { $or: [{ "c-count": [{ numeric: [">", 0, "<=", 5] }] }, { "d-count": [{ numeric: ["<", 10] }] }] } },
    [{ detail: { "c-count": 1 } }, { detail: { "d-count": 9 } }],
    [{ detail: { "c-count": 6, "d-count": 10 } }, { detail: {} }],
  ],
  [
    "$or beside other fields",
    { source: ["s"], $or: [{ a: [1] }, { b: [2] }] },
    [
      { source: "s", a: 1 },
      { source: "s", b: 2 },
    ],
    [{ source: "t", a: 1 }, { source: "s" }],
  ],
  [
    "fields of the same array element",
    { team: { name: ["a"], place: [1] } },
    [
      {
        team: [
          { name: "b", place: 2 },
          { name: "a", place: 1 },
        ],
      },
    ],
    [
      {
        team: [
          { name: "a", place: 2 },
          { name: "b", place: 1 },
        ],
      },
    ],
  ],
  [
    "a complex example of several operators",
    {
      time: [{ prefix: "2017-10-02" }],
      detail: {
        state: [{ "anything-but": "initializing" }],
        "c-count": [{ numeric: [">", 0, "<=", 5] }],
        "d-count": [{ numeric: ["<", 10] }],
        "x-limit": [{ "anything-but": [100, 200, 300] }],
      },
    },
    [{ time: "2017-10-02T", detail: { state: "on", "c-count": 5, "d-count": 0, "x-limit": 301.8 } }],
    [{ time: "2017-10-02T", detail: { state: "on", "c-count": 5, "d-count": 0, "x-limit": 300 } }],
  ],
];

describe("the pattern language", () => {
  it.each(table)("%s", (_, pattern, matching, others) => {
    for (const event of matching) expect([event, matches(pattern, event)]).toEqual([event, true]);
    for (const event of others) expect([event, matches(pattern, event)]).toEqual([event, false]);
  });
});

describe("what EventBridge refuses", () => {
  it.each([
    ["[]", "Filter is not an object"],
    ["{}", "Empty objects are not allowed"],
    ['{"a":{}}', "Empty objects are not allowed"],
    ['{"a":[]}', "Empty arrays are not allowed"],
    ['{"a":"x"}', '"a" must be an object or an array'],
    ['{"a":[["x"]]}', "Match value must be String, number, true, false, or null"],
    ['{"a":[{"like":"x"}]}', "Unrecognized match type like"],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', "Only one key allowed in match expression"],
    ['{"a":[{"prefix":1}]}', "prefix match pattern must be a string"],
    ['{"a":[{"numeric":5}]}', "Value of numeric must be an array."],
    ['{"a":[{"numeric":[">","5"]}]}', "Value of > must be numeric"],
    ['{"a":[{"numeric":["~",5]}]}', "Unrecognized numeric range operator: ~"],
    ['{"a":[{"numeric":["<",5,">",1]}]}', "Too many elements in numeric expression"],
    ['{"a":[{"numeric":[">",5,"<",1]}]}', "Bottom must be less than top"],
    ['{"a":[{"exists":"true"}]}', "exists match pattern must be either true or false."],
    [
      '{"a":[{"anything-but":[1,"x"]}]}',
      "Inside anything but list, either all values are number or string, mixed type is not supported",
    ],
    ['{"a":[{"anything-but":[true]}]}', "Inside anything but list, start|null|boolean is not supported."],
    ['{"a":[{"anything-but":{"numeric":["=",1]}}]}', "Unsupported anything-but pattern: numeric"],
    ['{"a":[{"anything-but":{"prefix":""}}]}', "Null prefix/suffix not allowed"],
    ['{"a":[{"wildcard":"a**b"}]}', "Consecutive wildcard characters at pos 1"],
    ['{"a":[{"wildcard":"a\\\\b"}]}', "Invalid escape character at pos 1"],
    ['{"a":[{"cidr":"10.0.0.0"}]}', "Malformed CIDR, one '/' required"],
    ['{"a":[{"cidr":"10.0.0.0/33"}]}', "IPv4 mask bits must be < 32"],
    ['{"$or":[{"a":[1]}]}', "There must have at least 2 Objects in $or relationship."],
    ['{"$or":{"a":[1]}}', "It must be an Array followed with $or."],
    ['{"$or":[{"prefix":["x"]},{"a":[1]}]}', "prefix is Ruler reserved fieldName which cannot be used inside $or."],
  ])("%s", (pattern, reason) => {
    expect(() => eventPattern(pattern)).toThrow(new InvalidPattern(reason));
  });
});

// ---- Properties ---------------------------------------------------------------------------------------------------

const name = fc.constantFrom("a", "b", "c", "state");
const leaf = fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null));
const { event } = fc.letrec<{ event: Record<string, unknown>; value: unknown }>((tie) => ({
  event: fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 3 }),
  value: fc.oneof({ depthSize: "small" }, leaf, fc.array(leaf, { minLength: 1, maxLength: 3 }), tie("event")),
}));

/** The pattern that names every leaf of an event. */
function patternOf(value: Record<string, unknown>, expression: (leaf: unknown) => unknown): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (Array.isArray(member)) return [key, [expression(member[0])]];
      if (typeof member === "object" && member !== null)
        return [key, patternOf(Object.fromEntries(Object.entries(member)), expression)];
      return [key, [expression(member)]];
    }),
  );
}

describe("for any event", () => {
  it("matches the pattern made of its own leaves, whatever else the event has", () => {
    fc.assert(
      fc.property(event, (some) =>
        matches(
          patternOf(some, (it) => it),
          { ...some, more: "x" },
        ),
      ),
    );
  });

  it("has exactly one of a value and anything-but that value, where a field has one value", () => {
    const value = fc.oneof(fc.string(), fc.integer());
    fc.assert(
      fc.property(value, value, (wanted, given) => {
        const plain = matches({ a: [wanted] }, { a: given });
        const opposite = matches({ a: [{ "anything-but": [wanted] }] }, { a: given });
        return plain !== opposite && plain === (wanted === given);
      }),
    );
  });

  it("matches exists for each of its leaves, and not its opposite", () => {
    fc.assert(
      fc.property(
        event,
        (some) =>
          matches(
            patternOf(some, () => ({ exists: true })),
            some,
          ) &&
          !matches(
            patternOf(some, () => ({ exists: false })),
            some,
          ),
      ),
    );
  });

  it("reads a wildcard as the regular expression it stands for", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    const literal = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 2 });
    const end = fc.constantFrom("", "*");
    const pattern = fc
      .tuple(end, fc.array(literal, { minLength: 1, maxLength: 4 }), end)
      .map(([start, literals, finish]) => start + literals.join("*") + finish);
    fc.assert(
      fc.property(pattern, text, (wildcard, given) => {
        const expression = new RegExp(`^${wildcard.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
        return matches({ a: [{ wildcard }] }, { a: given }) === expression.test(given);
      }),
    );
  });
});
