// How English writes numbers, amounts and lists.

const numbers = new Intl.NumberFormat("en-GB")
const lists = new Intl.ListFormat("en-GB", { type: "conjunction" })

/** 12,345 */
export function numeral(n: number): string {
  return numbers.format(n)
}

/** "1 day", "3 days". */
export function counted(n: number, one: string, many: string = `${one}s`): string {
  return `${numeral(n)} ${n === 1 ? one : many}`
}

/** "Anna, Ben and Cem". */
export function listed(names: readonly string[]): string {
  return lists.format(names)
}
