// What must hold in a world at every moment and at its end, however the network and the machines behaved.

import { readFileSync } from "node:fs"
import { toHex } from "@nodoor/bytes"
import { type GroupState, MlsError, epochAuthenticator, loadGroup, process, treeHash } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { BrokenPromise } from "./broken-promise.ts"
import type { VirtualDevice } from "./virtual-device.ts"
import type { Posted } from "./virtual-server.ts"

export interface Acknowledged {
  readonly by: VirtualDevice
  readonly chatId: string
  readonly messageId: string
}

const env = { crypto: nodeProvider, timeMs: 0 }

/**
 * Groups into which a device is still to be let again. Not those that held nobody else in the epoch that it knows: nobody else has the keys of
 * that epoch. Nor those whose seat it had not re-keyed when the copy was made: what it would ask with is its adder's, too, or no longer good. Nor
 * those whose seat has ended: it was taken out since, and nobody reads there.
 */
export const letInAgain = `SELECT h.reason FROM healing h JOIN mls_group g ON g.group_id = h.group_id JOIN own_seat s ON s.group_id = h.group_id
  WHERE g.status = 'active' AND s.n > 0 AND h.seat_over = 0 AND (SELECT COUNT(*) FROM member m WHERE m.group_id = h.group_id) > 1`

export class Checkers {
  /** Tree hash and epoch authenticator of every group and epoch that anybody was ever in. */
  readonly #epochs = new Map<string, string>()
  /** Each device's last state of each group it is or was in. */
  readonly #states = new Map<string, GroupState>()
  /** Every body that the server had on disk, in its order. */
  readonly posted: Posted[] = []
  readonly #lastOrders = new Map<string, number>()

  /** The server has a body on disk: the group's next one, and no other. */
  placed(posted: Posted): void {
    const last = this.#lastOrders.get(posted.groupId) ?? 0
    if (posted.order !== last + 1) throw new BrokenPromise(`order ${posted.order} of ${posted.groupId} follows ${last}`)
    this.#lastOrders.set(posted.groupId, posted.order)
    this.posted.push(posted)
  }

  /** The same epoch is the same tree and the same secrets for everybody who was ever in it. */
  async epochs(devices: readonly VirtualDevice[]): Promise<void> {
    for (const device of devices) {
      const rows = await device.disk.read("SELECT group_id, epoch FROM mls_group WHERE status IN ('active', 'leaving')")
      for (const row of rows) {
        const groupId = row["group_id"] as Uint8Array
        const name = `${device.handle}/${toHex(groupId)}`
        if (this.#states.get(name)?.epoch === BigInt(Number(row["epoch"]))) continue
        const state = await groupOn(device, groupId)
        this.#states.set(name, state)
        const key = `${toHex(groupId)}/${state.epoch}`
        const secret = `${toHex(treeHash(env, state))} ${toHex(epochAuthenticator(state))}`
        const known = this.#epochs.get(key) ?? secret
        this.#epochs.set(key, known)
        if (known !== secret)
          throw new BrokenPromise(`${device.handle} is in another epoch ${state.epoch} of ${toHex(groupId)} than others`)
      }
    }
  }

  /** No word that was ever said is in any row, page or journal of the server. */
  blindness(databases: readonly string[], words: readonly string[], control: string): void {
    const bytes = databases.flatMap((path) => [path, `${path}-wal`]).map((path) => readFileSync(path))
    const holds = (word: string): boolean => bytes.some((file) => file.includes(word, 0, "utf8") || file.includes(word, 0, "utf16le"))
    for (const word of words) if (holds(word)) throw new BrokenPromise(`the server holds "${word}"`)
    if (!holds(control)) throw new BrokenPromise("the search for words in the server's files finds nothing at all")
  }

  /** A message stands once in a store, and a place of a group holds one. */
  async shownOnce(devices: readonly VirtualDevice[]): Promise<void> {
    const twice =
      "SELECT hex(message_id) AS id, ord FROM message WHERE ord IS NOT NULL AND kind != 'event' GROUP BY group_id, ord HAVING COUNT(*) > 1"
    for (const device of devices) {
      const [row] = await device.disk.read(twice)
      if (row) throw new BrokenPromise(`${device.handle} shows order ${String(row["ord"])} twice: ${String(row["id"])}`)
    }
  }

  /** With everything it had when it was removed, a device opens nothing that was posted in a later epoch. */
  async removedReadNothing(devices: readonly VirtualDevice[]): Promise<number> {
    let tried = 0
    for (const device of devices) {
      const rows = await device.disk.read("SELECT group_id FROM mls_group WHERE status = 'left'")
      for (const row of rows) {
        const groupId = toHex(row["group_id"] as Uint8Array)
        const state = this.#states.get(`${device.handle}/${groupId}`)
        if (!state) continue
        for (const posted of this.posted) {
          if (posted.groupId !== groupId || BigInt(posted.epoch) <= state.epoch) continue
          tried++
          if (opens(state, posted.body))
            throw new BrokenPromise(`${device.handle} reads epoch ${posted.epoch} of ${groupId} after it was removed in ${state.epoch}`)
        }
      }
    }
    return tried
  }

  /** What a device has taken in it cannot open again: the keys are gone from its disk with the words that they opened. Returns how many bodies were tried. */
  async nothingOpensTwice(devices: readonly VirtualDevice[]): Promise<number> {
    let tried = 0
    for (const device of devices) {
      const groups = await device.disk.read("SELECT group_id, last_order FROM mls_group WHERE status = 'active'")
      for (const { group_id: id, last_order: lastOrder } of groups) {
        const groupId = toHex(id as Uint8Array)
        const state = await groupOn(device, id as Uint8Array)
        for (const { order, body } of this.posted.filter((posted) => posted.groupId === groupId && posted.order <= Number(lastOrder))) {
          tried++
          if (opens(state, body)) throw new BrokenPromise(`${device.handle} could open body ${order} of ${groupId} a second time`)
        }
      }
    }
    return tried
  }

  /** Everybody who is in a group is in the same epoch of it, with the same people, rules and history. */
  async converged(devices: readonly VirtualDevice[]): Promise<void> {
    const seen = new Map<string, { readonly handle: string; readonly view: string }>()
    for (const device of devices) {
      const groups = await device.disk.read("SELECT group_id, epoch, last_order, policy FROM mls_group WHERE status = 'active'")
      for (const row of groups) {
        const groupId = row["group_id"] as Uint8Array
        const members = await device.disk.read(
          "SELECT leaf_index, account_id, device_id FROM member WHERE group_id = ? ORDER BY leaf_index",
          [groupId],
        )
        const people = members.map((member) => `${String(member["leaf_index"])}:${toHex(member["device_id"] as Uint8Array)}`).join(" ")
        const [chain] = await device.disk.read("SELECT chain FROM history WHERE group_id = ? AND ord = ?", [
          groupId,
          Number(row["last_order"]),
        ])
        const view = `epoch ${String(row["epoch"])}, order ${String(row["last_order"])}, policy ${toHex(row["policy"] as Uint8Array)}, ${people}`
        const known = seen.get(toHex(groupId)) ?? { handle: device.handle, view }
        seen.set(toHex(groupId), known)
        if (known.view !== view)
          throw new BrokenPromise(`${device.handle} and ${known.handle} do not agree on ${toHex(groupId)}:\n  ${view}\n  ${known.view}`)
        if (!chain) throw new BrokenPromise(`${device.handle} has no history of ${toHex(groupId)}`)
      }
    }
  }

  /**
   * What was acknowledged to its author is on the author's disk, was taken by the server, and is with everybody who is still there and
   * was in the epoch it was encrypted for: who joins while a message is under way is not among those its author wrote to. An author who
   * was out of the chat meanwhile, and is in it again, keeps the message as failed, with that reason.
   */
  async nothingLost(devices: readonly VirtualDevice[], acknowledged: readonly Acknowledged[]): Promise<{ readonly delivered: number }> {
    let delivered = 0
    const epochs = new Map(this.posted.map((posted) => [`${posted.groupId}/${posted.order}`, posted.epoch]))
    for (const { by, chatId, messageId } of acknowledged) {
      const [own] = await by.disk.read("SELECT group_id, ord, outgoing, failure FROM message WHERE message_id = ?", [
        fromHexText(messageId),
      ])
      if (!own) throw new BrokenPromise(`${by.handle} lost its own message ${messageId} of ${chatId}`)
      const groupId = own["group_id"] as Uint8Array
      const [group] = await by.disk.read("SELECT status FROM mls_group WHERE group_id = ?", [groupId])
      if (own["outgoing"] !== "sent" || own["ord"] === null) {
        if (group?.["status"] === "active" && !wasOutside(own))
          throw new BrokenPromise(`${by.handle}'s message ${messageId} is ${String(own["outgoing"])} at the end: ${String(own["failure"])}`)
        continue
      }
      for (const device of devices) {
        if (device === by) continue
        const [there] = await device.disk.read("SELECT status, joined_epoch FROM mls_group WHERE group_id = ?", [groupId])
        const epoch = epochs.get(`${toHex(groupId)}/${Number(own["ord"])}`)
        if (epoch === undefined) throw new BrokenPromise(`message ${messageId} stands where the server has nothing`)
        if (there?.["status"] !== "active" || Number(there["joined_epoch"]) > epoch) continue
        const rows = await device.disk.read("SELECT kind, ord FROM message WHERE message_id = ?", [fromHexText(messageId)])
        if (rows.length !== 1) throw new BrokenPromise(`${device.handle} shows message ${messageId} of ${by.handle} ${rows.length} times`)
        if (rows[0]?.["ord"] !== own["ord"]) throw new BrokenPromise(`message ${messageId} stands elsewhere for ${device.handle}`)
        delivered++
      }
    }
    return { delivered }
  }

  /** A device whose store was put back was let in again wherever something had come meanwhile, and goes on. Whether there was anything. */
  async putBackGoesOn(device: VirtualDevice): Promise<boolean> {
    const connection = await device.device?.connection()
    const waits = await device.disk.read(letInAgain)
    if (connection?.status !== "online" || waits.length > 0)
      throw new BrokenPromise(`${device.handle} does not go on after its store was put back: ${JSON.stringify({ connection, waits })}`)
    return (await device.disk.read("SELECT 1 AS one FROM healed")).length > 0
  }

  /** Nothing is waiting to be decrypted, and nobody was alarmed without a reason: no one attacked in this world. */
  async quiet(devices: readonly VirtualDevice[]): Promise<void> {
    for (const device of devices) {
      const [waiting] = await device.disk.read("SELECT text FROM part WHERE kind = 'waiting'")
      if (waiting) throw new BrokenPromise(`${device.handle} cannot read a message: ${String(waiting["text"])}`)
      const alarms = await device.disk.read("SELECT level, code, text FROM alarm WHERE level != 'notice'")
      const alarm = alarms.find((row) => !device.hadReason(String(row["code"])))
      if (alarm) throw new BrokenPromise(`${device.handle} was alarmed: ${String(alarm["code"])}`)
      const [halted] = await device.disk.read("SELECT group_id FROM mls_group WHERE status = 'halted'")
      if (halted) throw new BrokenPromise(`a group of ${device.handle} stands still`)
    }
  }
}

async function groupOn(device: VirtualDevice, groupId: Uint8Array): Promise<GroupState> {
  const records = await device.disk.read("SELECT key, value FROM mls_record WHERE group_id = ?", [groupId])
  return loadGroup(
    env,
    records.map((record) => ({ key: String(record["key"]), value: record["value"] as Uint8Array })),
  )
}

function opens(state: GroupState, body: Uint8Array): boolean {
  try {
    process(env, state, body)
    return true
  } catch (error) {
    if (error instanceof MlsError) return false
    throw error
  }
}

function fromHexText(id: string): Uint8Array {
  return Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function wasOutside(message: Readonly<Record<string, unknown>>): boolean {
  return message["outgoing"] === "failed" && String(message["failure"]).includes('"not_writable"')
}
