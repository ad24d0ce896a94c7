/** What the CLI takes from its environment; nothing else of the CLI reads it. */
export interface CliEnvironment {
  readonly url: string;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  /** For `run --executor`: who redeems and reports. */
  readonly executorToken: string | undefined;
  readonly executorTokenFile: string | undefined;
  readonly dataFolder: string;
  /** Where the log is and how to log in there, as the services' settings have it. */
  readonly eventStore: string | undefined;
  readonly eventStoreUser: string | undefined;
  readonly eventStorePasswordFile: string | undefined;
  /** The variable as it stands now. */
  variable(name: string): string | undefined;
  /** What a started command sees: everything but our own settings, tokens among them. */
  childVariables(): Readonly<Record<string, string>>;
}

export const DEFAULT_URL = 'http://127.0.0.1:7420';
const OWN_PREFIX = 'COUNTERSIGN_';

type Variables = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as one that isn't set. */
const setting = (variables: Variables, name: string): string | undefined =>
  variables[name] === '' ? undefined : variables[name];

export const isOwnVariable = (name: string): boolean => name.toUpperCase().startsWith(OWN_PREFIX);

export const environmentOf = (variables: Variables): CliEnvironment => ({
  url: setting(variables, 'COUNTERSIGN_URL') ?? DEFAULT_URL,
  token: setting(variables, 'COUNTERSIGN_TOKEN'),
  tokenFile: setting(variables, 'COUNTERSIGN_TOKEN_FILE'),
  executorToken: setting(variables, 'COUNTERSIGN_EXECUTOR_TOKEN'),
  executorTokenFile: setting(variables, 'COUNTERSIGN_EXECUTOR_TOKEN_FILE'),
  dataFolder: setting(variables, 'COUNTERSIGN_DATA') ?? '.countersign',
  eventStore: setting(variables, 'COUNTERSIGN_EVENT_STORE'),
  eventStoreUser: setting(variables, 'COUNTERSIGN_EVENT_STORE_USER'),
  eventStorePasswordFile: setting(variables, 'COUNTERSIGN_EVENT_STORE_PASSWORD_FILE'),
  variable: (name) => variables[name],
  childVariables: () =>
    Object.fromEntries(
      Object.entries(variables).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && !isOwnVariable(entry[0]),
      ),
    ),
});

export const processEnvironment = (): CliEnvironment => environmentOf(process.env);
