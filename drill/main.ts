// `npm run drill`: the adversary tries every attack against unmodified production clients, and the table says what came of it.
// `--json` prints the rows as data, `--evidence FOLDER` keeps what devices export, `--only NAME,NAME` runs some of them, `--prove` shows that
// the drill and the tests can fail (docs/drill.md).

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Row } from "./attack.ts"
import { attacks } from "./attacks/index.ts"
import { prove } from "./prove.ts"
import { runAttack } from "./run.ts"
import { formatTable, outcomeText, rowData } from "./table.ts"

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    evidence: { type: "string" },
    prove: { type: "boolean" },
    all: { type: "boolean" },
    seed: { type: "string" },
    only: { type: "string" },
    help: { type: "boolean" },
  },
})

const names = values.only?.split(",")
process.exitCode =
  values.help === true
    ? help()
    : values.prove === true
      ? await prove({ json: values.json === true, all: values.all === true, seed: values.seed, only: names })
      : await drill()

async function drill(): Promise<number> {
  const chosen = attacks.filter(({ name }) => names === undefined || names.includes(name))
  const unknown = names?.filter((name) => !attacks.some((attack) => attack.name === name)) ?? []
  if (unknown.length > 0) {
    process.stderr.write(`no attack is called ${unknown.join(" or ")}\n`)
    return 2
  }
  const rows = []
  for (const attack of chosen) {
    const row = await runAttack(attack)
    rows.push(row)
    if (values.evidence !== undefined) keepEvidence(values.evidence, row)
    if (values.json !== true) process.stderr.write(`${row.passed ? "as expected" : "FAILED     "}  ${attack.name}: ${outcomeText(row)}\n`)
  }
  const failed = rows.filter((row) => !row.passed)
  if (values.json === true) process.stdout.write(`${JSON.stringify({ rows: rows.map(rowData), failed: failed.length })}\n`)
  else
    process.stdout.write(
      `\n${formatTable(rows)}\n\n${rows.length} attacks, ${failed.length === 0 ? "every outcome as expected" : `${failed.length} FAILED: ${failed.map((row) => row.attack.name).join(", ")}`}\n`,
    )
  return failed.length === 0 ? 0 : 1
}

/** One folder per attack, with the files as the devices exported them. */
function keepEvidence(folder: string, { attack, exported }: Row): void {
  if (exported.length === 0) return
  mkdirSync(join(folder, attack.name), { recursive: true })
  for (const { who, name, text } of exported) writeFileSync(join(folder, attack.name, `${who}-${name}`), text)
}

function help(): number {
  process.stdout.write(
    "npm run drill -- [--json] [--only NAME,NAME] [--evidence FOLDER]\nnpm run drill -- --prove [--all] [--seed TEXT] [--json] [--only NAME,NAME]\n\n",
  )
  for (const { name, attack } of attacks) process.stdout.write(`  ${name.padEnd(28)} ${attack}\n`)
  return 0
}
