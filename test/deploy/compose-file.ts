import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.looseObject({
  image: z.string(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  privileged: z.boolean().optional(),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  build: z.object({ context: z.string(), target: z.string() }).optional(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  deploy: z.looseObject({ resources: z.unknown() }).optional(),
});
export type ComposeService = z.infer<typeof service>;

export const composeFile = z
  .looseObject({
    services: z.record(z.string(), service),
    networks: z.record(z.string(), z.unknown()),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(
    parse(readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8'), {
      merge: true,
      uniqueKeys: true,
      maxAliasCount: 500,
    }),
  );

export const composeService = (name: string): ComposeService => {
  const found = composeFile.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
};
