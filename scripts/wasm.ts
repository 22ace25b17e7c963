// As much of the WebAssembly binary format (WebAssembly core specification §5) as it takes to find which functions call which, and
// to write a module again with fewer exports and with traps in place of functions.

const sectionId = { import: 2, export: 7, element: 9, code: 10 } as const

interface Section {
  readonly id: number
  /** Where the section begins with its id, where its contents begin, and where they end. */
  readonly start: number
  readonly body: number
  readonly end: number
}

export interface Functions {
  /** Imported functions have the indices below this one. */
  readonly importCount: number
  /** Indices that stand in a table, and can be called through it. */
  readonly inTables: readonly number[]
  /** By index less `importCount`: the functions that a function calls directly. */
  readonly calls: readonly (readonly number[])[]
}

class Reader {
  at: number
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.at = at
  }
  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new Error("the module ends too early")
    return byte
  }
  /** LEB128, for unsigned values and for skipping signed ones. */
  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  text(): string {
    const length = this.number()
    const from = this.at
    this.at += length
    return new TextDecoder().decode(this.bytes.subarray(from, this.at))
  }
}

function sectionsOf(module: Uint8Array): Section[] {
  const sections: Section[] = []
  for (let at = 8; at < module.length;) {
    const reader = new Reader(module, at + 1)
    const size = reader.number()
    sections.push({ id: module[at] as number, start: at, body: reader.at, end: reader.at + size })
    at = reader.at + size
  }
  return sections
}

function sectionReader(module: Uint8Array, id: number): Reader {
  const section = sectionsOf(module).find((one) => one.id === id)
  if (section === undefined) throw new Error(`the module has no section ${id}`)
  return new Reader(module, section.body)
}

function exportsOf(module: Uint8Array): { readonly name: string; readonly kind: number; readonly index: number }[] {
  const reader = sectionReader(module, sectionId.export)
  return Array.from({ length: reader.number() }, () => ({ name: reader.text(), kind: reader.byte(), index: reader.number() }))
}

export function functionIndexOf(module: Uint8Array, exported: string): number {
  const found = exportsOf(module).find(({ name, kind }) => name === exported && kind === 0)
  if (found === undefined) throw new Error(`no exported function ${exported}`)
  return found.index
}

export function readFunctions(module: Uint8Array): Functions {
  return {
    importCount: countImports(module),
    inTables: tableEntries(module),
    calls: codeRanges(module).map((range) => callsOf(module, range)),
  }
}

/** Everything that can be called from the roots. */
export function reachable(functions: Functions, roots: readonly number[]): ReadonlySet<number> {
  const live = new Set<number>()
  const waiting = [...roots]
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (live.has(index)) continue
    live.add(index)
    waiting.push(...(functions.calls[index - functions.importCount] ?? []))
  }
  return live
}

/** The module with these exports only, and with `unreachable` as the body of every function that is not live. */
export function withExportsAndTraps(
  module: Uint8Array,
  kept: {
    readonly functions: readonly { readonly name: string; readonly index: number }[]
    readonly memory: { readonly name: string; readonly exported: string }
  },
  live: ReadonlySet<number>,
): Uint8Array {
  const memory = exportsOf(module).find(({ name, kind }) => name === kept.memory.exported && kind === 2)
  if (memory === undefined) throw new Error("no exported memory")
  const name = (text: string): Uint8Array => Buffer.concat([encoded(text.length), Buffer.from(text)])
  const newExports = Buffer.concat([
    encoded(kept.functions.length + 1),
    ...kept.functions.flatMap((one) => [name(one.name), Uint8Array.of(0), encoded(one.index)]),
    name(kept.memory.name),
    Uint8Array.of(2),
    encoded(memory.index),
  ])
  const importCount = countImports(module)
  const trap = Uint8Array.of(3, 0, 0x00, 0x0b)
  const ranges = codeRanges(module)
  const newCode = Buffer.concat([
    encoded(ranges.length),
    ...ranges.map(({ start, end }, i) => (live.has(i + importCount) ? module.subarray(start, end) : trap)),
  ])
  const parts = sectionsOf(module).map((section) => {
    const replacement = section.id === sectionId.export ? newExports : section.id === sectionId.code ? newCode : undefined
    return replacement === undefined
      ? module.subarray(section.start, section.end)
      : Buffer.concat([Uint8Array.of(section.id), encoded(replacement.length), replacement])
  })
  return new Uint8Array(Buffer.concat([module.subarray(0, 8), ...parts]))
}

function encoded(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

function countImports(module: Uint8Array): number {
  const reader = sectionReader(module, sectionId.import)
  const count = reader.number()
  for (let i = 0; i < count; i++) {
    reader.text()
    reader.text()
    if (reader.byte() !== 0) throw new Error("only functions are imported")
    reader.number()
  }
  return count
}

function tableEntries(module: Uint8Array): number[] {
  const reader = sectionReader(module, sectionId.element)
  const entries: number[] = []
  for (let segments = reader.number(); segments > 0; segments--) {
    // Active, table 0, at a constant offset: i32.const N, end.
    if (reader.number() !== 0 || reader.byte() !== 0x41) throw new Error("an element segment of another form")
    reader.number()
    if (reader.byte() !== 0x0b) throw new Error("an element segment of another form")
    for (let count = reader.number(); count > 0; count--) entries.push(reader.number())
  }
  return entries
}

interface CodeRange {
  /** With the size in front, the contents alone, and the end of both. */
  readonly start: number
  readonly body: number
  readonly end: number
}

function codeRanges(module: Uint8Array): CodeRange[] {
  const reader = sectionReader(module, sectionId.code)
  return Array.from({ length: reader.number() }, () => {
    const start = reader.at
    const size = reader.number()
    const body = reader.at
    reader.at += size
    return { start, body, end: reader.at }
  })
}

/** Decodes a body only to find its `call` instructions. @throws Error for an instruction it does not know the length of */
function callsOf(module: Uint8Array, { body, end }: CodeRange): number[] {
  const reader = new Reader(module, body)
  for (let locals = reader.number(); locals > 0; locals--) {
    reader.number()
    reader.byte()
  }
  const calls: number[] = []
  while (reader.at < end) {
    const opcode = reader.byte()
    if (opcode === 0x10) calls.push(reader.number())
    else skipImmediates(opcode, reader)
  }
  if (reader.at !== end) throw new Error("a function's code was not understood")
  return calls
}

function skipImmediates(opcode: number, reader: Reader): void {
  if (opcode <= 0x01 || opcode === 0x05 || opcode === 0x0b || opcode === 0x0f) return
  if (opcode >= 0x02 && opcode <= 0x04) return void reader.number() // a block's type, one byte in practice
  if (opcode === 0x0c || opcode === 0x0d) return void reader.number()
  if (opcode === 0x0e) {
    for (let labels = reader.number() + 1; labels > 0; labels--) reader.number()
    return
  }
  if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.number()
    reader.number()
    return
  }
  if (opcode === 0x1a || opcode === 0x1b) return
  if ((opcode >= 0x20 && opcode <= 0x24) || (opcode >= 0x3f && opcode <= 0x42)) return void reader.number()
  if (opcode === 0x43) reader.at += 4
  else if (opcode === 0x44) reader.at += 8
  else if (opcode === 0xfc) skipBulkMemory(reader)
  else if (opcode < 0x45 || opcode > 0xc4) throw new Error(`instruction ${opcode}`)
}

/** Saturating truncations, memory.copy and memory.fill. */
function skipBulkMemory(reader: Reader): void {
  const operation = reader.number()
  if (operation <= 7) return
  if (operation === 10) reader.at += 2
  else if (operation === 11) reader.at += 1
  else throw new Error(`instruction 252 ${operation}`)
}
