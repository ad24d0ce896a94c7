export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place of a service where the process's environment is read. */
export const processEnvironment = (): Environment => ({ ...process.env });
