import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

type JsonSchema = Record<string, unknown> & { id?: unknown };

/** The OpenAPI 3.1 document of the running application, made from the zod schemas of its routes. */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('tiershop')
    .setDescription(
      'Catalogue, carts, checkout and orders. Amounts are in minor units; errors are problem documents (RFC 9457).',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'API key of an administrator' }, 'admin')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'Access token of a customer' }, 'customer')
    .build();
  return SwaggerModule.createDocument(app, about, {
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? toComponent(schema, schemaType) : undefined,
  });
}

/** A schema with `.meta({ id })` becomes a named component; those it refers to as well. */
function toComponent(schema: z.ZodType, io: 'input' | 'output') {
  const {
    $schema: _dialect,
    $defs,
    ...json
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  const components: Record<string, JsonSchema> = Object.fromEntries(
    Object.entries($defs ?? {}).map(([name, definition]) => [name, withoutId(definition)]),
  );
  const rewritten = rewriteReferences(withoutId(json));
  for (const [name, definition] of Object.entries(components)) components[name] = rewriteReferences(definition);
  if (typeof json.id !== 'string') return { schema: rewritten, components };
  return { schema: { $ref: `#/components/schemas/${json.id}` }, components: { ...components, [json.id]: rewritten } };
}

function withoutId(schema: object): JsonSchema {
  const { id: _id, ...rest } = schema as JsonSchema;
  return rest;
}

/** `#/$defs/Money` inside one schema is `#/components/schemas/Money` in the document. */
function rewriteReferences(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
