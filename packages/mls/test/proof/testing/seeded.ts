import { concat, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "../../../src/provider/provider.ts"
import { deterministicProvider } from "../../../src/provider/deterministic.ts"
import { nodeProvider } from "../../../src/provider/node.ts"

/** Bytes that depend on the seed alone, so that a failing run can be repeated. */
export function seededRandom(seed: string): Random {
  let counter = 0
  return (sizeBytes) => {
    const out = new Uint8Array(sizeBytes)
    for (let at = 0; at < sizeBytes; at += 32) {
      const block = nodeProvider.sha256(concat(toUtf8(`${seed}/${counter++}`)))
      out.set(block.subarray(0, Math.min(32, sizeBytes - at)), at)
    }
    return out
  }
}

/** A provider whose every random byte comes from the seed. */
export function seededProvider(seed: string): CryptoProvider {
  return deterministicProvider(seededRandom(seed))
}

/** A source of choices for schedules: whole numbers below `below`. */
export type Choose = (below: number) => number

export function seededChoices(seed: string): Choose {
  const random = seededRandom(`choices/${seed}`)
  return (below) => {
    const bytes = random(4)
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % below
  }
}

/** A seed to start from: NODOOR_SEED to repeat a run, else one from the clock. Print it with every failure. */
export function firstSeed(): string {
  return process.env["NODOOR_SEED"] ?? String(Date.now() % 1_000_000_000)
}
