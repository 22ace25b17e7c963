// Between two devices that are being linked.

import type { LinkView } from "@nodoor/client"
import { LinkMiddle } from "../adversary/link-middle.ts"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never } from "../drill-world.ts"

/** Alice links a browser. She picks the number that it shows, whether it is offered or not. */
async function linkThrough(world: DrillWorld, { patient }: { readonly patient: boolean }): Promise<Observation> {
  const alice = await world.person("alice")
  const old: LinkView[] = []
  const fresh: LinkView[] = []
  alice.device.subscribe((event) => event.type === "link" && old.push(event.link))
  const { code = "" } = await world.do(alice.device.startLink({ show: true }))
  const middle = new LinkMiddle(world.adversary, code, { old: alice.address, patient })
  world.joining({ how: { code }, hears: (view) => void fresh.push(view), ended: () => undefined }, "b-rowser")
  const number = (): number | undefined => fresh.find((view) => view.number !== undefined)?.number
  const step = (): string | undefined => old.at(-1)?.step
  await world.until("the new device shows a number", () => number() !== undefined)
  await world.until("the old device has heard the adversary", () => step() === "confirming" || step() === "failed")
  const wasAsked = step() === "confirming"
  if (wasAsked) await world.do(alice.device.answerLink({ number: number() ?? 0 }))
  await world.rest(30_000)
  if (step() === "failed") world.tell("alice", "refusal", old.at(-1)?.failure?.code ?? "none")
  else if (!middle.grant) throw new Never("an end")
  return {
    gained: middle.grant ? ["the account's chain and its recovery key were handed over to the adversary"] : [],
    tried: wasAsked
      ? "Alice was asked about the adversary's device, and picked a number"
      : "Alice's device took none of the adversary's keys",
  }
}

export const linkAttacks: readonly Attack[] = [
  {
    name: "link-intercepted",
    attack: "A linking code intercepted",
    did: "Saw the code that Alice's device showed, stood between it and her new browser, and chose its own keys last, so that both showed the same number.",
    expected: { kind: "refused", code: "link_failed" },
    run: (world) => linkThrough(world, { patient: true }),
  },
  {
    name: "link-key-swapped",
    attack: "A server that swaps the linking key",
    did: "Knew the code, and put its own keys in the place of those of both devices from the beginning. Alice picked the number that her new browser showed.",
    expected: { kind: "refused", code: "link_wrong_number" },
    run: (world) => linkThrough(world, { patient: false }),
  },
]
