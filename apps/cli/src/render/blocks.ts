import { isJsonObject, visible, type Json } from '@countersign/kernel';

export type Row = readonly [label: string, value: string | undefined];

/** Labels in one column, values in the next; rows without a value are left out. Both are made visible. */
export const block = (rows: readonly Row[]): string => {
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${visible(label).padEnd(width)}  ${visible(value)}\n`).join('');
};

/** Cells in columns; the last column isn't padded. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const cells = rows.map((row) => row.map(visible));
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};

const scalar = (value: Json): string => visible(typeof value === 'string' ? value : JSON.stringify(value));

const isScalar = (value: Json): boolean => typeof value !== 'object' || value === null;

const lines = (value: Json, indent: string): readonly string[] => {
  if (isScalar(value)) return [`${indent}${scalar(value)}`];
  const entries: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? value.map((item: Json) => ['-', item] as const)
    : isJsonObject(value)
      ? Object.entries(value).map(([name, member]) => [`${visible(name)}:`, member] as const)
      : [];
  if (entries.length === 0) return [`${indent}none`];
  return entries.flatMap(([label, member]) =>
    isScalar(member)
      ? [`${indent}${label} ${scalar(member)}`]
      : [`${indent}${label}`, ...lines(member, `${indent}  `)],
  );
};

/** Any JSON as indented lines, nothing left out. */
export const outline = (value: Json): string => `${lines(value, '').join('\n')}\n`;
