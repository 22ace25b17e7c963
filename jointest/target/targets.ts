// The servers that are played, by name, so that a thread can be told which.

import { type Fault, TwoHalves } from "../control/two-halves.ts"
import { FirstVersion } from "../first-version/first-version.ts"
import { Halves } from "../halves/halves.ts"
import type { Target } from "./target.ts"

/** `renewing`: its devices bring new keys every day. */
export type TargetName = "this server" | "this server, renewing" | "first version" | "no fault" | Fault

export async function openTarget(name: TargetName, seed: number): Promise<Target> {
  if (name === "this server" || name === "this server, renewing") return Halves.open({ renews: name !== "this server" })
  if (name === "first version") return new FirstVersion(seed)
  return new TwoHalves(seed, name === "no fault" ? undefined : name)
}
