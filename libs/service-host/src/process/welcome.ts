import type { ServiceConfig } from '../config/service-config.ts';

const DEVELOPMENT = `
  DEVELOPMENT mode: it mints tokens for anybody who can read the data folder, and listens on this
  machine alone. An agent that runs as the same user can approve itself. Not for production.
`;

const tour = `
  Try next, in another terminal:
    npx countersign request --as 'Agent::"etl-bot"' --action data.export \\
      --resource Dataset/customers --reason "Quarterly report" --context rows=500
    npx countersign reviews --as alice
    npx countersign --help
`;

/** What a person at the terminal needs first: where it listens, where its data lies, what to try. */
export const welcome = ({
  address,
  config,
}: {
  readonly address: string;
  readonly config: Pick<ServiceConfig, 'dataFolder' | 'mode'>;
}): string => `
  Countersign listens at   ${address}
  Its data lies in         ${config.dataFolder}
${config.mode === 'development' ? DEVELOPMENT + tour : ''}
`;
