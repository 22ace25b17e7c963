// A member's device that the adversary took over. Its keys and group states are used without the client's rules, so it can do everything
// that MLS itself lets a member do.

import { encodeTls } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import {
  type Environment,
  type GroupState,
  MlsError,
  type OwnCommit,
  type ProposalInput,
  type Signer,
  applyCommit,
  commit,
  exportSecret,
  loadGroup,
  members,
  process,
} from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import {
  type AddedMailbox,
  type Claim,
  claimKeyPackages,
  commit as commitRoute,
  commitSignatureInput,
  post as postRoute,
  postSignatureInput,
  session,
  sessionChallenge,
  sessionSignatureInput,
} from "@nodoor/wire"
import type { VirtualDevice } from "../../sim/virtual-device.ts"
import { type AdversaryServer, origin } from "./adversary-server.ts"

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

  async group(groupId: Uint8Array): Promise<GroupState> {
    const rows = await this.#device.disk.read("SELECT key, value FROM mls_record WHERE group_id = ?", [groupId])
    return loadGroup(
      this.env,
      rows.map((row) => ({ key: String(row["key"]), value: row["value"] as Uint8Array })),
    )
  }

  /**
   * Makes a commit and has the server deliver it. The change of the delivery list may differ from the change of the tree. Without
   * `list`, the commit leaves the delivery list to the adversary.
   */
  async commit(
    state: GroupState,
    proposals: readonly ProposalInput[],
    list: { readonly adds?: readonly Omit<AddedMailbox, "secret">[]; readonly removes?: readonly Uint8Array[] } = {},
  ): Promise<{ readonly own: OwnCommit; readonly next: GroupState }> {
    const { adds = [], removes = [] } = list
    const own = commit(this.env, state, { proposals, signer: this.signer, forcePath: true })
    const next = applyCommit(this.env, state, own.staged).state
    const unsigned = {
      groupId: state.groupId,
      epoch: Number(state.epoch),
      commit: own.message,
      ...(adds.length > 0 && own.welcome && { groupInfo: own.welcome.encryptedGroupInfo }),
      adds: adds.map((add, at) => ({ ...add, secret: own.welcome?.secrets[at]?.encrypted ?? new Uint8Array() })),
      removes,
      nextDeliveryKey: this.#deliveryKey(next).publicKey,
    }
    const message = commitSignatureInput(nodeProvider.sha256, unsigned)
    const signature = nodeProvider.signEd25519({ privateKey: this.#deliveryKey(state).privateKey, message })
    await this.#adversary.ask(commitRoute, { ...unsigned, signature })
    return { own, next }
  }

  /** Has the server deliver a body: a message, a proposal, or whatever it is. `ephemeral`: to those who are connected only. */
  async post(state: GroupState, body: Uint8Array, { ephemeral = false }: { readonly ephemeral?: boolean } = {}): Promise<void> {
    const unsigned = { groupId: state.groupId, epoch: Number(state.epoch), body, ...(ephemeral && { ephemeral }) }
    const message = postSignatureInput(nodeProvider.sha256, unsigned)
    const signature = nodeProvider.signEd25519({ privateKey: this.#deliveryKey(state).privateKey, message })
    await this.#adversary.ask(postRoute, { ...unsigned, signature })
  }

  /** KeyPackages of an account, claimed with the device's own session, as anybody who lets somebody in does. */
  async claims(accountId: Uint8Array): Promise<readonly Claim[]> {
    const { challenge } = (await this.#adversary.ask(sessionChallenge, { deviceId: this.deviceId })) ?? {}
    if (!challenge) throw new TypeError("no challenge")
    const message = sessionSignatureInput({ origin, challenge, deviceId: this.deviceId })
    const signature = nodeProvider.signEd25519({ privateKey: this.signer.privateKey, message })
    const opened = await this.#adversary.ask(session, { deviceId: this.deviceId, challenge, signature })
    return (await this.#adversary.ask(claimKeyPackages, { accountId }, opened?.token))?.claims ?? []
  }

  /** Reads what members posted, from the state it has. */
  read(state: GroupState, bodies: readonly Uint8Array[]): readonly Uint8Array[] {
    const plaintexts: Uint8Array[] = []
    let current = state
    for (const body of bodies) {
      try {
        const processed = process(this.env, current, body)
        current = processed.change.state
        if (processed.kind === "application") plaintexts.push(processed.plaintext)
      } catch (error) {
        if (!(error instanceof MlsError)) throw error
      }
    }
    return plaintexts
  }

  /** Device ids of the group's leaves. */
  mailboxes(state: GroupState): Uint8Array[] {
    return members(state).map(({ identity }) => identity.slice(-16))
  }

  #deliveryKey(state: GroupState): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array } {
    const context = encodeTls((w) => w.u64(state.epoch))
    const seed = exportSecret(this.env, state, { label: "nodoor delivery", context, lengthBytes: 32 })
    return nodeProvider.suite(state.suite).signatureKeyPair(() => seed)
  }
}
