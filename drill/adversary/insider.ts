// A member's device that the adversary took over. Its keys and group states are used without the client's rules, so it can do everything
// that MLS itself and the delivery service let a member do.

import type { Database } from "@nodoor/client"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import { type Environment, MlsError, type ProposalInput, type Signer, loadGroup } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import type { DeviceClaim } from "@nodoor/wire"
import type { PostingAnswer } from "@nodoor/wire/delivery"
import type { VirtualDevice } from "../../sim/virtual-device.ts"
import type { AdversaryServer } from "./adversary-server.ts"
import { type Deviation, type HandMade, type MadeCommit, commitByHand, follow, postByHand } from "./hand-made-group.ts"
import { sealIntroduction } from "./introductions.ts"

export class Insider {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly signer: Signer
  readonly #adversary: AdversaryServer
  readonly #device: VirtualDevice
  readonly #nowMs: () => number

  private constructor(
    parts: { readonly adversary: AdversaryServer; readonly device: VirtualDevice; readonly nowMs: () => number },
    own: { readonly accountId: Uint8Array; readonly deviceId: Uint8Array; readonly signer: Signer },
  ) {
    this.#adversary = parts.adversary
    this.#device = parts.device
    this.#nowMs = parts.nowMs
    this.accountId = own.accountId as AccountId
    this.deviceId = own.deviceId as DeviceId
    this.signer = own.signer
  }

  /** Takes everything the device holds; its own process is stopped. */
  static async seize(parts: {
    readonly adversary: AdversaryServer
    readonly device: VirtualDevice
    readonly identity: Uint8Array
    readonly nowMs: () => number
  }): Promise<Insider> {
    await parts.device.device?.close()
    const [row] = await parts.device.disk.read("SELECT * FROM device WHERE id = 1")
    if (!row) throw new TypeError("an empty device")
    const signer = {
      identity: parts.identity,
      publicKey: row["signature_key"] as Uint8Array,
      privateKey: row["signature_seed"] as Uint8Array,
    }
    return new Insider(parts, { accountId: row["account_id"] as Uint8Array, deviceId: row["device_id"] as Uint8Array, signer })
  }

  get env(): Environment {
    return { crypto: nodeProvider, timeMs: this.#nowMs() }
  }

  async group(groupId: Uint8Array): Promise<HandMade> {
    return await groupOnDisk(this.env, this.#device.disk, groupId)
  }

  /** Makes a commit and has the server take it. */
  async commit(
    group: HandMade,
    proposals: readonly ProposalInput[],
    deviation: Deviation = {},
  ): Promise<MadeCommit & { readonly answer: PostingAnswer }> {
    const made = commitByHand(this, group, proposals, deviation)
    return { ...made, answer: await this.#adversary.hand(made.item) }
  }

  /** Leaves everybody whom a commit added an introduction at the address that came with their KeyPackage. */
  async introduce({ item, added }: MadeCommit, claims: readonly DeviceClaim[]): Promise<void> {
    for (const [at, one] of added.entries()) {
      const claim = claims[at]
      if (claim) await this.#adversary.leave(claim.address, sealIntroduction(this, item.groupId, one))
    }
  }

  /** Has the server deliver a body: a message, a proposal, or whatever it is. `ephemeral`: to those who are connected only. */
  async post(group: HandMade, body: Uint8Array, options: { readonly ephemeral?: boolean } = {}): Promise<PostingAnswer> {
    return await this.#adversary.hand(postByHand(this.env, group.state, body, options))
  }

  /** KeyPackages of an account, claimed as anybody who lets somebody in does. */
  async claims(accountId: Uint8Array): Promise<readonly DeviceClaim[]> {
    return await this.#adversary.claim(accountId)
  }

  /** Reads what members posted, from the state it has. */
  read(group: HandMade, bodies: readonly Uint8Array[]): readonly Uint8Array[] {
    const plaintexts: Uint8Array[] = []
    let current = group
    for (const body of bodies) {
      try {
        const { held, plaintext } = follow(this.env, current, body)
        current = held
        if (plaintext) plaintexts.push(plaintext)
      } catch (error) {
        if (!(error instanceof MlsError)) throw error
      }
    }
    return plaintexts
  }
}

/** A group as it is in a device's store. */
export async function groupOnDisk(env: Environment, disk: Database, groupId: Uint8Array): Promise<HandMade> {
  const rows = await disk.read("SELECT key, value FROM mls_record WHERE group_id = ?", [groupId])
  const records = rows.map((row) => ({ key: String(row["key"]), value: row["value"] as Uint8Array }))
  const seats = await disk.read("SELECT leaf_index, seat, public_key, own FROM seat WHERE group_id = ?", [groupId])
  const [own] = await disk.read("SELECT seat, secret FROM own_seat WHERE group_id = ?", [groupId])
  if (!own) throw new TypeError("no seat of its own")
  return {
    state: loadGroup(env, records),
    own: { seat: own["seat"] as Uint8Array, secret: own["secret"] as Uint8Array },
    seats: new Map(
      seats.map((row) => [
        Number(row["leaf_index"]),
        { seat: row["seat"] as Uint8Array, publicKey: row["public_key"] as Uint8Array, own: row["own"] === 1 },
      ]),
    ),
  }
}
