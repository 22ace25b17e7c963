// The trial: the attacker beside the baseline, on servers that neither has seen, over many seeds.

import { type Attacker, type Score, blind, trainAttacker, trainBaseline } from "./attack/attacker.ts"
import type { Scene } from "./attack/scene.ts"
import { type Done, type Job, runJob } from "./play/job.ts"
import type { TargetName } from "./target/targets.ts"

export interface TrialOptions {
  readonly target: TargetName
  readonly accounts: number
  readonly seeds: number
  /** Worlds that the attacker learns on. */
  readonly lessons: number
  /** Where worlds are played; default: here, one after the other. */
  readonly play?: (job: Job) => Promise<Done>
  readonly heard?: (line: string) => void
}

export interface Trial {
  readonly attacker: Attacker
  readonly scores: readonly Score[]
  readonly baseline: readonly Score[]
  readonly blind: readonly Score[]
}

/** Seeds of lessons begin here, far from those of trials. */
const firstLesson = 1_000_000

export async function runTrial({ target, accounts, seeds, lessons, play = inTurn(), heard }: TrialOptions): Promise<Trial> {
  const lesson = async (_: unknown, at: number): Promise<Scene[]> => {
    const { scene } = await play({ target, accounts, seed: firstLesson + at })
    return scene === undefined ? [] : [scene]
  }
  const taught = (await Promise.all(Array.from({ length: lessons }, lesson))).flat()
  const attackers = [trainAttacker(taught, 1), trainBaseline(taught, 1), blind] as const
  const trial = async (_: unknown, at: number): Promise<readonly Score[]> => {
    const { scores } = await play({ target, accounts, seed: at + 1, attackers })
    const [attacker, baseline, guessed] = scores as [Score, Score, Score]
    heard?.(`seed ${at + 1}: attacker ${line(attacker)}, baseline ${line(baseline)}, chance ${line(guessed)}`)
    return scores
  }
  const all = await Promise.all(Array.from({ length: seeds }, trial))
  const of = (which: number): Score[] => all.map((scores) => scores[which] as Score)
  return { attacker: attackers[0], scores: of(0), baseline: of(1), blind: of(2) }
}

function inTurn(): (job: Job) => Promise<Done> {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const done = last.then(() => runJob(job))
    last = done
    return done
  }
}

function line({ owners, contacts, twins, linked }: Score): string {
  return `owners ${percent(owners)} contacts ${percent(contacts)} twins ${percent(twins)} linked ${percent(linked)}`
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

export const questions = ["owners", "contacts", "twins"] as const
/** A part of the first question, told apart because linking a device shows most. */
export const told: readonly [...typeof questions, "linked"] = [...questions, "linked"]
export type Question = (typeof questions)[number]

/** A mean with its interval. */
export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** The attacker's advantage over the baseline, seed by seed: 95 % of Student's t, or 99 % where several questions decide together. */
export function advantage({ scores, baseline }: Trial, question: Question, certainty: 95 | 99 = 95): Interval {
  const differences = scores.map((score, at) => score[question] - (baseline[at] as Score)[question])
  const mean = average(differences)
  const count = differences.length
  const spread = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1))
  const reach = (studentT(count - 1, certainty) * spread) / Math.sqrt(count)
  return { mean, low: mean - reach, high: mean + reach }
}

/** The questions that the attacker answers better than the baseline, beyond chance; `margin`: and by so much. */
export function joined(trial: Trial, margin = 0): Question[] {
  return questions.filter((question) => advantage(trial, question, 99).low > margin)
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** The two-sided point of Student's distribution. */
function studentT(freedom: number, certainty: 95 | 99): number {
  const tables = {
    95: [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093],
    99: [
      63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947, 2.921, 2.898, 2.878, 2.861,
    ],
  }
  return freedom < 1 ? Infinity : (tables[certainty][freedom - 1] ?? (certainty === 95 ? 1.96 + 2.5 / freedom : 2.576 + 5.5 / freedom))
}
