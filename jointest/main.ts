// `npm run jointest -- --seeds N`: what somebody with thirty nightly copies of everything can join, beside what they know anyway.
// `--accounts 10,200` chooses the servers; `--controls` also runs the faults that must be found, `--first-version` the layout that must fall.

import { parseArgs } from "node:util"
import { TwoHalves, faults } from "./control/two-halves.ts"
import { Halves } from "./halves/halves.ts"
import { FirstVersion } from "./first-version/first-version.ts"
import { type Question, type Trial, type TrialOptions, advantage, average, joined, percent, questions, runTrial } from "./trial.ts"

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    accounts: { type: "string", default: "10,200" },
    controls: { type: "boolean" },
    "first-version": { type: "boolean" },
    verbose: { type: "boolean" },
  },
})

const seeds = Number(values.seeds)
const sizes = values.accounts.split(",").map(Number)
if (!Number.isSafeInteger(seeds) || seeds < 1 || !sizes.every((size) => Number.isSafeInteger(size) && size >= 4)) {
  process.stderr.write("--seeds takes a number from 1, --accounts numbers from 4, with commas\n")
  process.exitCode = 2
} else process.exitCode = (await run()) ? 0 : 1

async function run(): Promise<boolean> {
  let passed = true
  for (const accounts of sizes) {
    passed = withinLimits(await play("this server", { accounts, open: () => Halves.open() })) && passed
    if (values["first-version"] === true) {
      const trial = await play("first version", { accounts, open: (seed) => new FirstVersion(seed) })
      passed = average(trial.scores.map(({ owners }) => owners)) >= 0.95 && passed
    }
    if (values.controls === true)
      for (const fault of [undefined, ...faults]) {
        const trial = await play(fault ?? "no fault", { accounts, open: (seed) => new TwoHalves(seed, fault) })
        passed = joined(trial).length > 0 === (fault !== undefined) && passed
      }
  }
  return passed
}

async function play(what: string, options: Pick<TrialOptions, "accounts" | "open">): Promise<Trial> {
  const began = performance.now()
  const heard = values.verbose === true ? (line: string): void => void process.stderr.write(`${line}\n`) : undefined
  const trial = await runTrial({ ...options, seeds, lessons: options.accounts < 50 ? 12 : 3, ...(heard && { heard }) })
  process.stdout.write(`${what}, ${options.accounts} accounts, ${seeds} seeds, ${Math.round((performance.now() - began) / 1000)} s\n`)
  for (const question of questions) {
    const { low, high } = advantage(trial, question)
    const mean = (which: "scores" | "baseline"): string => percent(average(trial[which].map((score) => score[question])))
    process.stdout.write(
      `  ${question.padEnd(9)} attacker ${mean("scores")}, baseline ${mean("baseline")}, difference ${percent(low)} to ${percent(high)}\n`,
    )
  }
  if (values.verbose === true) process.stdout.write(`  ${[...trial.attacker.owners.uses, ...trial.attacker.twins.uses].join("\n  ")}\n`)
  return trial
}

/**
 * What copies of this server are known to add, at most, in shares. Contacts: an introduction that waits over midnight for a device that is away
 * stands with that device, and a seat that is new on that night may be its. Twins: chats that begin in one hour may be one device's.
 */
const known: Readonly<Record<Question, number>> = { owners: 0.02, contacts: 0.08, twins: 0.04 }

/** Says what is beyond the baseline at all, and refuses what is beyond what is known. */
function withinLimits(trial: Trial): boolean {
  const beyond = joined(trial)
  if (beyond.length > 0) process.stdout.write(`  beyond the baseline: ${beyond.join(", ")}; docs/threat-model.md says why\n`)
  return questions.every((question) => advantage(trial, question, 99).low <= known[question])
}
