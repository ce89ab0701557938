/** A row of a table by the names of its columns. */
export interface CsvRow {
  /** The cell of a column; throws where the table has no such column. */
  cell(column: string): string;
  /** Whether the table has a column. */
  has(column: string): boolean;
  /** An error about this row that names file and line. */
  wrong(what: string): Error;
}

/** A table with a head. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Reads a table of comma-separated cells without quotes, which is all that the data uses. Throws an `Error` with file and
 * line where a row has another number of cells than the head.
 */
export function readCsv(file: string, text: string): CsvTable {
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const columns = head.split(',');
  const places = new Map(columns.map((name, index) => [name, index]));
  const rows = lines.flatMap((line, index) => {
    if (line === '') return [];
    const cells = line.split(',');
    const wrong = (what: string): Error => new Error(`${file}, line ${index + 2}: ${what}`);
    if (cells.length !== columns.length)
      throw wrong(`${cells.length} cells, but the head names ${columns.length} columns`);
    const cell = (column: string): string => {
      const place = places.get(column);
      if (place === undefined) throw new Error(`${file}: there is no column ${column}`);
      return cells[place] ?? '';
    };
    return [{ cell, has: (column: string) => places.has(column), wrong }];
  });
  return { columns, rows };
}
