/** The only place of this tool where the process's environment is read. An empty variable is an absent one. */
export const variable = (name: string): string | undefined => process.env[name] || undefined;

/** What every started program needs; nothing else is inherited. */
export const inheritedPath = (): string => variable('PATH') ?? '/usr/sbin:/usr/bin:/bin';
