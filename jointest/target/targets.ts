// The servers that are played, by name, so that a thread can be told which.

import { type Fault, TwoHalves } from "../control/two-halves.ts"
import { FirstVersion } from "../first-version/first-version.ts"
import { Halves } from "../halves/halves.ts"
import type { Target } from "./target.ts"

export type TargetName = "this server" | "first version" | "no fault" | Fault

export async function openTarget(name: TargetName, seed: number): Promise<Target> {
  if (name === "this server") return Halves.open()
  if (name === "first version") return new FirstVersion(seed)
  return new TwoHalves(seed, name === "no fault" ? undefined : name)
}
