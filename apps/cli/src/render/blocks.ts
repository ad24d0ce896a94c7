import { visible } from '@countersign/kernel';

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
