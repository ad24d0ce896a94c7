/**
 * A client that is gone without a word keeps its place in its queue groups until the server notices, and takes its
 * share of the calls and doorbells with it: by the server's own settings for up to six minutes. Servers before 2.10
 * take what they send to it for a sign of life, and find out only when the kernel does.
 */
export const PING_LINES: readonly string[] = ['ping_interval: "5s"', 'ping_max: 2'];
