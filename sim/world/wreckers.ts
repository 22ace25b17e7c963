// Members with changed code: a device of the world is no longer its person's, and breaks groups that it is in. It has the device's keys and does
// what MLS and the delivery service let a member do.

import { encodeCbor } from "@nodoor/bytes"
import { type Environment, type ProposalInput, type Signer, extensions, members } from "@nodoor/mls"
import { deterministicProvider } from "@nodoor/mls/deterministic"
import { policyExtension } from "../../drill/adversary/forgery.ts"
import { type Deviation, type HandMade, commitByHand } from "../../drill/adversary/hand-made-group.ts"
import { groupOnDisk } from "../../drill/adversary/insider.ts"
import { policyExtensionType } from "../../drill/adversary/leaf.ts"
import type { Chance } from "../randomness.ts"
import type { VirtualDevice } from "../virtual-device.ts"
import { type VirtualServer, origin } from "../virtual-server.ts"
import type { VirtualTime } from "../virtual-time.ts"

export interface WreckerParts {
  readonly chance: Chance
  readonly time: VirtualTime
  readonly server: VirtualServer
  readonly devices: readonly VirtualDevice[]
}

/** A commit that no honest device makes. `codes`: what may be wrong with it. */
interface Wreck {
  readonly codes: readonly string[]
  readonly proposals: readonly ProposalInput[]
  readonly deviation: Deviation
}

/** A wrecker breaks this many groups at most. */
const groupsMax = 2

export class Wreckers {
  readonly #parts: WreckerParts
  /** Commits that were handed in; the server may not have taken them. */
  readonly commits: Uint8Array[] = []

  constructor(parts: WreckerParts) {
    this.#parts = parts
  }

  /** Whether there was something to break. */
  async act(device: VirtualDevice): Promise<boolean> {
    if (device.isOut || device.isPutBack || !device.started) return false
    const groups = await device.disk.read(
      `SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id
       WHERE g.status = 'active' AND c.kind = 'group' AND (SELECT COUNT(*) FROM member m WHERE m.group_id = g.group_id) > 2`,
    )
    if (groups.length === 0) return false
    device.isWrecker = true
    device.end()
    for (const row of groups.slice(0, groupsMax)) await this.#wreck(device, row["group_id"] as Uint8Array)
    return true
  }

  async #wreck(device: VirtualDevice, groupId: Uint8Array): Promise<void> {
    const { chance, server, time, devices } = this.#parts
    const random = (sizeBytes: number): Uint8Array => chance.bytes(sizeBytes)
    const env: Environment = { crypto: deterministicProvider(random), timeMs: time.nowMs() }
    const held = await groupOnDisk(env, device.disk, groupId)
    const { accountId, signer } = await signerOf(device)
    const wreck = chance.pick(wrecks(held, accountId))
    if (!wreck) return
    const { item } = commitByHand({ env, signer }, held, wreck.proposals, wreck.deviation)
    this.commits.push(item.commit)
    // Who is to be removed waits until the chat goes on.
    const told = [...wreck.codes.map((code) => `commit_refused_${code}`), "removal_outstanding"]
    for (const other of devices) for (const code of told) other.expected.add(code)
    // Whether it was taken is seen on the server's disk.
    void server.hand(item)
  }
}

function wrecks(held: HandMade, accountId: Uint8Array): readonly Wreck[] {
  const { state, seats, own } = held
  const others = members(state).filter(({ leafIndex }) => leafIndex !== state.ownLeafIndex)
  const seatOf = (leafIndex: number): Uint8Array[] => [seats.get(leafIndex)?.seat ?? []].filter((seat) => seat instanceof Uint8Array)
  const ending = (removes: readonly Uint8Array[]): Wreck => ({ codes: ["removes"], proposals: [], deviation: { removes } })
  const found = [
    ending([own.seat]),
    ending(others.slice(-1).flatMap(({ leafIndex }) => seatOf(leafIndex))),
    ending(others.flatMap(({ leafIndex }) => seatOf(leafIndex))),
    {
      codes: ["decryption_failed"],
      proposals: [],
      deviation: { given: (commit: Uint8Array) => commit.with(-1, (commit.at(-1) ?? 0) ^ 1) },
    },
  ]
  const policy = extensions(state).find(({ type }) => type === policyExtensionType)
  // An admin may change who is one.
  if (policy && Buffer.from(policy.data).includes(accountId)) return found
  const rest = extensions(state).filter(({ type }) => type !== policyExtensionType)
  const mine = policyExtension({ kind: "group", name: "taken over", admins: [accountId] })
  return [
    ...found,
    { codes: ["P10", "P11"], proposals: [{ type: "group_context_extensions", extensions: [...rest, mine] }], deviation: {} },
  ]
}

async function signerOf({ disk }: VirtualDevice): Promise<{ readonly accountId: Uint8Array; readonly signer: Signer }> {
  const [row] = await disk.read("SELECT account_id, device_id, signature_key, signature_seed FROM device WHERE id = 1")
  if (!row) throw new TypeError("an empty device")
  const accountId = row["account_id"] as Uint8Array
  const signer = {
    identity: encodeCbor([origin, accountId, row["device_id"] as Uint8Array]),
    publicKey: row["signature_key"] as Uint8Array,
    privateKey: row["signature_seed"] as Uint8Array,
  }
  return { accountId, signer }
}
