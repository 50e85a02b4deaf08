import type { Shape, ValueOf } from "../base/schema.ts";

/* The parts of Nx's files that vt reads. */

const texts = { kind: "list", items: { kind: "text" } } as const;

const inputs = {
  kind: "list",
  items: {
    kind: "either",
    shapes: [
      { kind: "text" },
      {
        kind: "object",
        isOpen: true,
        fields: {
          env: { kind: "text" },
          runtime: { kind: "text" },
          fileset: { kind: "text" },
          input: { kind: "text" },
        },
      },
    ],
  },
} as const;

const namedInputs = { kind: "map", values: inputs } as const;

const target = {
  kind: "object",
  isOpen: true,
  fields: {
    executor: { kind: "text" },
    command: { kind: "text" },
    options: {
      kind: "object",
      isOpen: true,
      fields: {
        command: { kind: "text" },
        commands: {
          kind: "list",
          items: {
            kind: "either",
            shapes: [
              { kind: "text" },
              {
                kind: "object",
                isOpen: true,
                fields: { command: { kind: "text" } },
                required: ["command"],
              },
            ],
          },
        },
        script: { kind: "text" },
        cwd: { kind: "text" },
        env: { kind: "map", values: { kind: "text" } },
        parallel: { kind: "boolean" },
      },
    },
    dependsOn: {
      kind: "list",
      items: {
        kind: "either",
        shapes: [
          { kind: "text" },
          {
            kind: "object",
            isOpen: true,
            fields: {
              target: { kind: "text" },
              dependencies: { kind: "boolean" },
              projects: { kind: "either", shapes: [{ kind: "text" }, texts] },
            },
            required: ["target"],
          },
        ],
      },
    },
    inputs,
    outputs: texts,
    cache: { kind: "boolean" },
    continuous: { kind: "boolean" },
  },
} as const;

export const nxProjectShape = {
  kind: "object",
  isOpen: true,
  fields: { targets: { kind: "map", values: target }, namedInputs },
} as const satisfies Shape;

export const nxFileShape = {
  kind: "object",
  isOpen: true,
  fields: {
    targetDefaults: { kind: "map", values: target },
    namedInputs,
    tasksRunnerOptions: {
      kind: "map",
      values: {
        kind: "object",
        isOpen: true,
        fields: {
          options: { kind: "object", isOpen: true, fields: { cacheableOperations: texts } },
        },
      },
    },
  },
} as const satisfies Shape;

export type NxTarget = ValueOf<typeof target>;
export type NxProject = ValueOf<typeof nxProjectShape>;
export type NxInputs = ValueOf<typeof inputs>;
