import { z } from 'zod';
import type { Answer } from './api.ts';

const problemCodes = z.object({
  content: z.object({
    'application/problem+json': z.object({
      schema: z.object({
        allOf: z.tuple([
          z.unknown(),
          z.object({ properties: z.object({ code: z.object({ enum: z.array(z.string()) }) }) }),
        ]),
      }),
    }),
  }),
});

const description = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) })),
  ),
});

type Described = z.infer<typeof description>;

/** By address: apps apart serve routes of their own. */
const described = new Map<string, Described>();

const describe = async (address: string): Promise<Described> => {
  const known = described.get(address);
  if (known !== undefined) return known;
  const fresh = description.parse(await (await fetch(`${address}/openapi.json`)).json());
  described.set(address, fresh);
  return fresh;
};

const operationAt = ({ paths }: Described, method: string, path: string) => {
  const parts = (path.split('?', 1)[0] ?? '').split('/');
  const fits = (template: string): boolean => {
    const wanted = template.split('/');
    return (
      wanted.length === parts.length && wanted.every((part, at) => part.startsWith('{') || part === parts[at])
    );
  };
  const template = Object.keys(paths).find(fits);
  return template === undefined ? undefined : paths[template]?.[method.toLowerCase()];
};

/** Whatever a route refuses with stands in `/openapi.json`: a code that doesn't is an error of every test. */
export const requireDescribed = async (
  address: string,
  method: string,
  path: string,
  answer: Answer,
): Promise<void> => {
  if (answer.headers.get('content-type')?.startsWith('application/problem+json') !== true) return;
  const operation = operationAt(await describe(address), method, path);
  if (operation === undefined) return;
  const { code } = z.object({ code: z.string() }).parse(answer.json);
  const found = problemCodes.safeParse(operation.responses[answer.status]);
  const codes = found.data?.content['application/problem+json'].schema.allOf[1].properties.code.enum ?? [];
  if (!codes.includes(code))
    throw new Error(`/openapi.json doesn't say that ${method} ${path} answers ${answer.status} ${code}.`);
};
