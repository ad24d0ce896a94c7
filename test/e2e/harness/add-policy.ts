import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A new action on datasets, for tests: one data owner decides it, and `annotations` say within what times,
 * like `@expires_in("1s")`. People are told on `log` unless `notify` says otherwise.
 */
export const addPolicy = (
  folder: string,
  action: string,
  annotations: string,
  notify = '@notify("log")',
): void => {
  const name = action.replaceAll('.', '-');
  appendFileSync(
    join(folder, 'schema.cedarschema'),
    `\naction "${action}" appliesTo { principal: [Agent, Pipeline, Service], resource: [Dataset] };\n`,
  );
  writeFileSync(
    join(folder, `${name}.cedar`),
    `@id("${name}")
@description("For a test")
@require_approval("data-owners")
@quorum("1")
${annotations}
${notify}
permit (principal, action == Action::"${action}", resource is Dataset);
`,
  );
};
