/** A member's name or an array's index. */
export type PathSegment = string | number;

const MAX_SEGMENT = 64;

const printable = (segment: PathSegment): string => {
  const text = String(segment).toWellFormed();
  return text.length <= MAX_SEGMENT ? text : `${text.slice(0, MAX_SEGMENT)}…`.toWellFormed();
};

/** `context.command.0`. For people and tests: names are cut at 64 characters, dots in names stay as they are. */
export const formatPath = (segments: readonly PathSegment[]): string => segments.map(printable).join('.');
