import type { PolicySetBody } from '@countersign/contracts';
import type { Command } from 'commander';
import { answer, jsonLine, type Cli } from '../cli.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection/connection.ts';
import { block, table } from '../render/blocks.ts';

interface Json {
  readonly json?: boolean;
}

/** The engine takes a while to load, and most commands don't need it. */
const localSet = async () => import('../policy/local-policy-set.ts');

const addCheck = (policy: Command, cli: Cli): void => {
  policy
    .command('check')
    .summary('read a folder as the server would; says file and line')
    .argument('<folder>', 'the policy set')
    .option('--json', 'answer with JSON')
    .action(async (folder: string, options: Json) => {
      const { checkFolder, diagnosticLines, requireValid } = await localSet();
      const checked = await checkFolder(folder);
      if (options.json === true && !checked.valid) cli.terminal.out(jsonLine(checked));
      const { digest, files, warnings } = requireValid(folder, checked);
      answer(cli, options, { valid: true, digest, warnings }, () => {
        const said = diagnosticLines(folder, warnings);
        return `${said}${folder} is valid: ${files.length} files, digest ${digest}\n`;
      });
    });
};

const addTest = (policy: Command, cli: Cli): void => {
  policy
    .command('test')
    .summary('run the cases of *.test.yaml against the folder')
    .argument('<folder>', 'the policy set')
    .option('--json', 'answer with JSON')
    .action(async (folder: string, options: Json) => {
      const { testFolder, requireAllPassed, resultLines } = await localSet();
      const report = await testFolder(folder);
      answer(cli, options, report, () => resultLines(folder, report));
      requireAllPassed(report);
    });
};

const addActivate = (policy: Command, cli: Cli): void => {
  withConnection(policy.command('activate'))
    .summary('put a folder in force; requests are judged by it from then on')
    .argument('<folder>', 'the policy set')
    .option('--replaces <digest>', 'refuse unless this set is the active one')
    .action(async (folder: string, options: ConnectionOptions & { readonly replaces?: string }) => {
      const { checkFolder, requireValid } = await localSet();
      const { files } = requireValid(folder, await checkFolder(folder));
      const client = connect(cli, options);
      const replaces = options.replaces ?? (await client.activePolicySet()).digest;
      const set: PolicySetBody = { files: files.map(({ path, content }) => ({ path, content })), replaces };
      const activated = await client.activatePolicySet(set);
      answer(cli, options, activated, () =>
        block([
          ['active', activated.digest],
          ['replaces', activated.replaces],
          ['by', activated.by],
          ['at', activated.activatedAt],
          ...activated.warnings.map((warning) => ['warning', warning] as const),
        ]),
      );
    });
};

const addShow = (policy: Command, cli: Cli): void => {
  withConnection(policy.command('show'))
    .summary('the set in force')
    .action(async (options: ConnectionOptions) => {
      const active = await connect(cli, options).activePolicySet();
      answer(cli, options, active, () => {
        const { digest, by, activatedAt, replaces, manifest } = active;
        const facts = block([
          ['active', digest],
          ['replaces', replaces],
          ['by', by],
          ['at', activatedAt],
        ]);
        return `${facts}\n${table(manifest.map((file) => [file.path, file.digest]))}`;
      });
    });
};

export const addPolicy = (program: Command, cli: Cli): void => {
  const policy = program.command('policy').summary('check, test, activate and show the policy set');
  addCheck(policy, cli);
  addTest(policy, cli);
  addActivate(policy, cli);
  addShow(policy, cli);
};
