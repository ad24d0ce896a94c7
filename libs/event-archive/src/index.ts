export { ArchiveError, type ArchiveErrorCode } from './archive-error.ts';
export { ArchiveReader, checkArchive } from './archive-reader.ts';
export { LogExport, type ArchiveSummary, type ExportOptions } from './log-export.ts';
export type { CheckedAppend } from './checked-append.ts';
export { digestOf, importLog, type Imported, type ImportOptions } from './import-log.ts';
export { readLog, type WholeLog } from './read-log.ts';
