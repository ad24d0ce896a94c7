/** Of one row. */
export type Cells = readonly string[];

export const ms = (value: number): string => `${value.toFixed(2)} ms`;
export const times = (value: number, floor: number): string => `${(value / floor).toFixed(2)}×`;
export const rate = (value: number): string => Math.round(value).toLocaleString('en');

const line = (cells: Cells): string => `| ${cells.join(' | ')} |`;

/** A Markdown table: it is to be pasted. */
export const table = (head: Cells, rows: readonly Cells[]): string => {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const padded = all.map((cells) => line(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  const [top = '', ...rest] = padded;
  return [top, line(widths.map((width) => '-'.repeat(width))), ...rest].join('\n');
};
