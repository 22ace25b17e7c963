// The best assignment of rows to columns, one column at most once: Kuhn and Munkres with potentials, in rows² · columns steps.

/** `cost` has at most as many rows as columns. Answers the column of each row; the sum of their costs is the least there is. */
export function assign(cost: readonly Float64Array[]): number[] {
  const [rows, columns] = [cost.length, cost[0]?.length ?? 0]
  const rowPotential = new Float64Array(rows + 1)
  const columnPotential = new Float64Array(columns + 1)
  /** By column, from 1: its row, from 1; 0 for none. */
  const rowOf = new Int32Array(columns + 1)
  for (let row = 1; row <= rows; row++) {
    const [least, cameFrom, done] = [new Float64Array(columns + 1).fill(Infinity), new Int32Array(columns + 1), new Uint8Array(columns + 1)]
    rowOf[0] = row
    let column = 0
    do {
      done[column] = 1
      const from = rowOf[column] as number
      let [delta, next] = [Infinity, 0]
      for (let other = 1; other <= columns; other++) {
        if (done[other] === 1) continue
        const reduced = (cost[from - 1]?.[other - 1] as number) - (rowPotential[from] as number) - (columnPotential[other] as number)
        if (reduced < (least[other] as number)) {
          least[other] = reduced
          cameFrom[other] = column
        }
        if ((least[other] as number) < delta) [delta, next] = [least[other] as number, other]
      }
      for (let other = 0; other <= columns; other++)
        if (done[other] === 1) {
          const owner = rowOf[other] as number
          rowPotential[owner] = (rowPotential[owner] as number) + delta
          columnPotential[other] = (columnPotential[other] as number) - delta
        } else least[other] = (least[other] as number) - delta
      column = next
    } while (rowOf[column] !== 0)
    while (column !== 0) {
      const before = cameFrom[column] as number
      rowOf[column] = rowOf[before] as number
      column = before
    }
  }
  const columnOf: number[] = Array.from({ length: rows }, () => -1)
  for (let column = 1; column <= columns; column++) if (rowOf[column] !== 0) columnOf[(rowOf[column] as number) - 1] = column - 1
  return columnOf
}
