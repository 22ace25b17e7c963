// One world, from its first day to what the attacker makes of it.

import { type Attacker, type Score, attack } from "../attack/attacker.ts"
import { type Scene, sceneOf } from "../attack/scene.ts"
import { type TargetName, openTarget } from "../target/targets.ts"
import { playWorld } from "../world.ts"

export interface Job {
  readonly target: TargetName
  readonly accounts: number
  readonly seed: number
  /** Absent for a lesson: the scene is wanted then. */
  readonly attackers?: readonly Attacker[]
}

export interface Done {
  readonly scene: Scene | undefined
  /** Of each attacker. */
  readonly scores: readonly Score[]
}

export async function runJob({ target, accounts, seed, attackers }: Job): Promise<Done> {
  const scene = sceneOf(await playWorld(seed, accounts, (of) => openTarget(target, of)))
  return attackers === undefined ? { scene, scores: [] } : { scene: undefined, scores: attackers.map((each) => attack(scene, each, seed)) }
}
