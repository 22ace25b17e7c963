// Runs attacks, each in a world of its own.

import { type Attack, type Row, outcomeOf, passes } from "./attack.ts"
import { DrillWorld } from "./drill-world.ts"

/** Runs one attack. What cannot be carried out is a failed row, not a crash. */
export async function runAttack(attack: Attack): Promise<Row> {
  try {
    return await DrillWorld.with(async (world) => {
      const observation = await attack.run(world)
      const outcome = outcomeOf(observation, world.signs)
      const exported = await world.evidence()
      return { attack, outcome, observation, signs: world.signs, exported, failure: undefined, passed: passes(attack, outcome) }
    })
  } catch (error) {
    const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { attack, outcome: undefined, observation: undefined, signs: [], exported: [], failure, passed: false }
  }
}
