// What must hold in a world at every moment and at its end, however the network and the machines behaved.

import { readFileSync } from "node:fs"
import { equal, fromHex, toHex } from "@nodoor/bytes"
import type { Row } from "@nodoor/client"
import { type GroupState, MlsError, epochAuthenticator, loadGroup, process, treeHash } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { BrokenPromise } from "../broken-promise.ts"
import type { VirtualDevice } from "../virtual-device.ts"
import type { Posted } from "../virtual-server.ts"
import type { WorldDevice } from "./world-device.ts"

export interface Acknowledged {
  readonly by: WorldDevice
  readonly chatId: string
  readonly messageId: string
}

const env = { crypto: nodeProvider, timeMs: 0 }

/**
 * Groups into which a device is still to be let again. Not those that held nobody else in the epoch that it knows: nobody else has the keys of
 * that epoch. Nor those whose seat has ended: it was taken out since, and nobody reads there.
 */
export const letInAgain = `SELECT h.reason FROM healing h JOIN mls_group g ON g.group_id = h.group_id 
  WHERE g.status = 'active' AND h.over_ms IS NULL AND (SELECT COUNT(*) FROM member m WHERE m.group_id = h.group_id) > 1`

export class Checkers {
  /** Tree hash and epoch authenticator of every group and epoch that anybody was ever in. */
  readonly #epochs = new Map<string, string>()
  /** Each device's last state of each group it is or was in. */
  readonly #states = new Map<string, GroupState>()
  /** Every body that the server had on disk, in its order. */
  readonly posted: Posted[] = []
  readonly #lastOrders = new Map<string, number>()
  /** What each device had written when its epochs were looked at. */
  readonly #looked = new Map<WorldDevice, number>()
  /** How far each device was in its groups when its store was kept. */
  readonly #kept = new Map<VirtualDevice, ReadonlyMap<string, number>>()

  /** The server has a body on disk: the group's next one, and no other. */
  placed(posted: Posted): void {
    const last = this.#lastOrders.get(posted.groupId) ?? 0
    if (posted.order !== last + 1) throw new BrokenPromise(`order ${posted.order} of ${posted.groupId} follows ${last}`)
    this.#lastOrders.set(posted.groupId, posted.order)
    this.posted.push(posted)
  }

  /** How many of these bodies the server has. */
  countPosted(bodies: readonly Uint8Array[]): number {
    return bodies.filter((body) => this.posted.some((posted) => equal(posted.body, body))).length
  }

  /** The device's store is kept as it is now. */
  async kept(device: VirtualDevice): Promise<void> {
    const rows = await device.disk.read("SELECT group_id, last_order FROM mls_group WHERE status = 'active'")
    this.#kept.set(device, new Map(rows.map((row) => [toHex(row["group_id"] as Uint8Array), Number(row["last_order"])])))
    device.keepStore()
  }

  /** The same epoch is the same tree and the same secrets for everybody who was ever in it. */
  async epochs(devices: readonly (WorldDevice & { readonly changes?: number })[]): Promise<void> {
    for (const device of devices) {
      const { changes } = device
      if (changes !== undefined && this.#looked.get(device) === changes) continue
      if (changes !== undefined) this.#looked.set(device, changes)
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
  async shownOnce(devices: readonly WorldDevice[]): Promise<void> {
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

  /** Everybody who was in a group that was broken goes on in the same one. */
  async successorsAgree(devices: readonly WorldDevice[]): Promise<void> {
    const known = new Map<string, string>()
    for (const device of devices) {
      const rows = await device.disk.read(
        "SELECT hex(b.group_id) AS id, hex(b.successor) AS successor FROM broken_group b JOIN mls_group g ON g.group_id = b.group_id WHERE g.status = 'succeeded' AND b.founded_ms IS NOT NULL",
      )
      for (const row of rows) {
        const [id, successor] = [String(row["id"]), String(row["successor"])]
        if ((known.get(id) ?? successor) !== successor) throw new BrokenPromise(`${device.handle} goes on from ${id} elsewhere than others`)
        known.set(id, successor)
      }
    }
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
  async converged(devices: readonly WorldDevice[]): Promise<void> {
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
  async nothingLost(devices: readonly WorldDevice[], acknowledged: readonly Acknowledged[]): Promise<{ readonly delivered: number }> {
    let delivered = 0
    const places = new Set(this.posted.map(({ groupId, order }) => `${groupId}/${order}`))
    for (const { by, chatId, messageId } of acknowledged) {
      const [own] = await by.disk.read("SELECT group_id, ord, outgoing, failure, epoch FROM message WHERE message_id = ?", [
        fromHex(messageId),
      ])
      // A copy of its store may be from before it was written.
      if (!own && by.isPutBack) continue
      if (!own) throw new BrokenPromise(`${by.handle} lost its own message ${messageId} of ${chatId}`)
      const groupId = own["group_id"] as Uint8Array
      const [group] = await by.disk.read("SELECT status FROM mls_group WHERE group_id = ?", [groupId])
      if (own["outgoing"] !== "sent" || own["ord"] === null) {
        if (group?.["status"] === "active" && !by.isPutBack && !by.isOut && !wasOutside(own))
          throw new BrokenPromise(`${by.handle}'s message ${messageId} is ${String(own["outgoing"])} at the end: ${String(own["failure"])}`)
        continue
      }
      if (this.posted.length > 0 && !places.has(`${toHex(groupId)}/${Number(own["ord"])}`))
        throw new BrokenPromise(`message ${messageId} stands where the server has nothing`)
      for (const device of devices) {
        if (device === by) continue
        const [there] = await device.disk.read("SELECT status, joined_epoch FROM mls_group WHERE group_id = ?", [groupId])
        if (there?.["status"] !== "active" && there?.["status"] !== "succeeded") continue
        if (Number(there["joined_epoch"]) > Number(own["epoch"])) continue
        const rows = await device.disk.read("SELECT kind, ord FROM message WHERE message_id = ?", [fromHex(messageId)])
        if (rows.length !== 1) throw new BrokenPromise(`${device.handle} shows message ${messageId} of ${by.handle} ${rows.length} times`)
        // An older copy of its author's store sends again what it had not sent.
        if (rows[0]?.["ord"] !== own["ord"] && !by.isPutBack)
          throw new BrokenPromise(`message ${messageId} stands elsewhere for ${device.handle}`)
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

  /** Where a device whose store was put back is let in again and lacks a message that was written meanwhile, the chat says so. */
  async gapsAreTold(device: VirtualDevice, acknowledged: readonly Acknowledged[]): Promise<void> {
    const told = await device.disk.read(
      "SELECT hex(m.chat_id) AS chat FROM message m JOIN part p ON p.message_row = m.row WHERE m.kind = 'event' AND p.text LIKE '%\"missed\"%'",
    )
    const chats = new Set(told.map((row) => String(row["chat"]).toLowerCase()))
    for (const { by, chatId, messageId } of acknowledged) {
      const [own] = await by.disk.read("SELECT group_id, ord, epoch FROM message WHERE message_id = ? AND ord IS NOT NULL", [
        fromHex(messageId),
      ])
      if (!own) continue
      const groupId = own["group_id"] as Uint8Array
      const keptOrder = this.#kept.get(device)?.get(toHex(groupId))
      if (keptOrder === undefined || Number(own["ord"]) <= keptOrder) continue
      // Who is not let in again has been told so by an alarm.
      const [here] = await device.disk.read(
        "SELECT 1 AS one FROM mls_group g WHERE g.group_id = ? AND g.status = 'active' AND NOT EXISTS (SELECT 1 FROM healing h WHERE h.group_id = g.group_id)",
        [groupId],
      )
      if (!here || !(await wasMember(device, by, own))) continue
      const rows = await device.disk.read("SELECT kind FROM message WHERE message_id = ?", [fromHex(messageId)])
      if (rows.length === 0 && !chats.has(chatId))
        throw new BrokenPromise(`${device.handle} lacks ${messageId} of ${chatId} and does not say so`)
    }
  }

  /** Nothing is waiting to be decrypted, and nobody was alarmed without a reason: no one attacked in this world. */
  async quiet(devices: readonly WorldDevice[]): Promise<void> {
    for (const device of devices) {
      const [waiting] = await device.disk.read("SELECT text FROM part WHERE kind = 'waiting'")
      if (waiting) throw new BrokenPromise(`${device.handle} cannot read a message: ${String(waiting["text"])}`)
      const alarms = await device.disk.read("SELECT level, code, text FROM alarm WHERE level != 'notice'")
      const alarm = alarms.find((row) => !device.hadReason(String(row["code"])))
      if (alarm) throw new BrokenPromise(`${device.handle} was alarmed: ${String(alarm["code"])}`)
      const [standing] = await device.disk.read("SELECT text FROM alarm WHERE code = 'removal_outstanding' AND acknowledged_ms IS NULL")
      if (standing) throw new BrokenPromise(`${device.handle} still waits for a removal: ${String(standing["text"])}`)
      const halted = await device.disk.read("SELECT group_id FROM mls_group WHERE status = 'halted'")
      for (const row of halted) throw new BrokenPromise(`${toHex(row["group_id"] as Uint8Array)} of ${device.handle} stands still`)
    }
  }
}

async function groupOn(device: WorldDevice, groupId: Uint8Array): Promise<GroupState> {
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

/** Whether the account of the device was among those whom a message's author wrote to. */
async function wasMember(device: WorldDevice, by: WorldDevice, message: Row): Promise<boolean> {
  const [own] = await device.disk.read("SELECT account_id FROM device")
  const rows = await by.disk.read(
    "SELECT 1 AS one FROM membership WHERE group_id = ? AND account_id = ? AND from_epoch <= ? AND (until_order IS NULL OR until_order > ?)",
    [message["group_id"] ?? null, own?.["account_id"] ?? null, message["epoch"] ?? null, message["ord"] ?? null],
  )
  return rows.length > 0
}

/** Its author was told why it was not sent: out of the chat meanwhile, or the other person, who just lost all devices, could not be added. */
function wasOutside(message: Row): boolean {
  return message["outgoing"] === "failed" && /"(not_writable|last_member)"/.test(String(message["failure"]))
}
