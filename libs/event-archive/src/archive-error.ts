import { CodedError } from '@countersign/kernel';

export type ArchiveErrorCode =
  /** The file ends before its last line says how many events it holds. */
  | 'archive_cut'
  /** A line isn't what an archive of this version holds there, byte for byte. */
  | 'archive_malformed'
  | 'archive_version_unknown'
  /** The bytes aren't those that were written. */
  | 'archive_digest_mismatch'
  /** The store holds what the archive doesn't. */
  | 'store_not_empty'
  /** What the store gives back isn't the archive's log. */
  | 'import_differs';

export class ArchiveError extends CodedError<ArchiveErrorCode> {
  override readonly name = 'ArchiveError';
}

export const malformed = (place: string, why: string, cause?: unknown): ArchiveError =>
  new ArchiveError('archive_malformed', `${place}: ${why} Export the log again.`, { field: place, cause });
