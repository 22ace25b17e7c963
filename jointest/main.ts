// `npm run jointest -- --seeds N`: what somebody with thirty nightly copies of everything can join, beside what they know anyway.
// `--accounts 10,100` chooses the servers; `--controls` also runs the faults that must be found, `--first-version` the layout that must fall.
// `--renewals` lets devices bring new keys into each group every day, as real ones do: of that docs/disclosure.md says what it tells.

import { parseArgs } from "node:util"
import { makeTestFolder } from "../scripts/test-folder.ts"
import { nameOf } from "./attack/comparison.ts"
import { faults } from "./control/two-halves.ts"
import { type Players, startPlayers } from "./play/players.ts"
import type { TargetName } from "./target/targets.ts"
import { type Question, type Trial, advantage, average, joined, percent, runTrial, told } from "./trial.ts"

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    accounts: { type: "string", default: "10,100" },
    controls: { type: "boolean" },
    "first-version": { type: "boolean" },
    renewals: { type: "boolean" },
    verbose: { type: "boolean" },
  },
})

const seeds = Number(values.seeds)
const sizes = values.accounts.split(",").map(Number)
if (!Number.isSafeInteger(seeds) || seeds < 1 || !sizes.every((size) => Number.isSafeInteger(size) && size >= 4)) {
  process.stderr.write("--seeds takes a number from 1, --accounts numbers from 4, with commas\n")
  process.exitCode = 2
} else {
  const folder = makeTestFolder()
  process.env["TMPDIR"] = folder.path
  process.on("exit", () => folder.remove())
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1))
  process.exitCode = (await run()) ? 0 : 1
}

async function run(): Promise<boolean> {
  let passed = true
  const players = startPlayers()
  const play = (target: TargetName, accounts: number): Promise<Trial> => playTrial(target, accounts, players.play)
  for (const accounts of sizes) {
    // Nothing may be found, in any of the questions.
    passed = joined(await play(values.renewals === true ? "this server, renewing" : "this server", accounts)).length === 0 && passed
    if (values["first-version"] === true) {
      const trial = await play("first version", accounts)
      passed = average(trial.scores.map(({ owners }) => owners)) >= 0.95 && passed
    }
    if (values.controls === true)
      for (const control of ["no fault", ...faults] as const)
        passed = joined(await play(control, accounts)).length > 0 === (control !== "no fault") && passed
  }
  await players.close()
  return passed
}

async function playTrial(target: TargetName, accounts: number, play: Players["play"]): Promise<Trial> {
  const began = performance.now()
  const heard = values.verbose === true ? (line: string): void => void process.stderr.write(`${line}\n`) : undefined
  const trial = await runTrial({ target, accounts, play, seeds, lessons: accounts < 50 ? 10 : 4, ...(heard && { heard }) })
  process.stdout.write(`${target}, ${accounts} accounts, ${seeds} seeds, ${Math.round((performance.now() - began) / 1000)} s\n`)
  for (const question of told) {
    const mean = (which: "scores" | "baseline" | "blind"): string =>
      percent(average(trial[which].map((score) => score[question]).filter((share) => !Number.isNaN(share))))
    const known = `attacker ${mean("scores")}, baseline ${mean("baseline")}, chance ${mean("blind")}`
    process.stdout.write(
      `  ${question.padEnd(9)} ${known}${question === "linked" ? "" : `, difference ${differenceOf(trial, question)}`}\n`,
    )
  }
  if (values.verbose === true)
    process.stdout.write(
      `  ${[...trial.attacker.owners.uses, ...trial.attacker.twins.uses].map(({ comparison }) => nameOf(comparison)).join("\n  ")}\n`,
    )
  return trial
}

function differenceOf(trial: Trial, question: Question): string {
  const { low, high } = advantage(trial, question)
  return `${percent(low)} to ${percent(high)}`
}
