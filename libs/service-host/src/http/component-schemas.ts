import type { JsonObject } from '@countersign/kernel';
import { z } from 'zod';

type Io = 'input' | 'output';

/** JSON Schema (2020-12, as OpenAPI 3.1 has it) of zod schemas, gathered under `components.schemas`. */
export class ComponentSchemas {
  readonly #schemas: Record<string, JsonObject> = {};

  all(): JsonObject {
    return this.#schemas;
  }

  /** Adds a schema under a name, and returns a reference to it. */
  add(name: string, schema: z.ZodType, io: Io): JsonObject {
    const {
      $schema: _,
      $defs,
      ...rest
    } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as JsonObject;
    const rename = (value: JsonObject): JsonObject => renameRefs(value, name);
    this.#schemas[name] = rename(rest);
    for (const [def, definition] of Object.entries(($defs ?? {}) as Record<string, JsonObject>)) {
      this.#schemas[`${name}.${def}`] = rename(definition);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** The members of an object schema as OpenAPI parameters, without their place. */
  members(schema: z.ZodObject): JsonObject[] {
    return Object.entries(schema.shape).map(([name, member]) => {
      const {
        $schema: _,
        description,
        ...rest
      } = z.toJSONSchema(member, {
        io: 'input',
        target: 'draft-2020-12',
      }) as JsonObject;
      const required = !z.safeParse(member, undefined).success;
      return { name, required, schema: rest, ...(description === undefined ? {} : { description }) };
    });
  }
}

/** A schema's own `$defs` become components; a reference to its root, one to the component itself. */
const renameRefs = (value: JsonObject, name: string): JsonObject =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll('"$ref":"#/$defs/', `"$ref":"#/components/schemas/${name}.`)
      .replaceAll('"$ref":"#"', `"$ref":"#/components/schemas/${name}"`),
  ) as JsonObject;
