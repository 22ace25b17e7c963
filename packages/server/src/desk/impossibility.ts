// Why content, or a way to it, cannot be handed over: said with the account's own public facts, so that an engineer can check every line.

import { toHex } from "@nodoor/bytes"
import type { VerifiedAccountState } from "@nodoor/keylog"
import type { ImpossibleClass } from "./desk-request.ts"

/** What anybody may know of the account: its chain of signed device lists, and the log they stand in. */
export interface PublicFacts {
  readonly accountId: string
  /** Of the newest state. */
  readonly version: number
  readonly stateHash: string
  readonly resetCount: number
  readonly devices: readonly { readonly deviceId: string; readonly publicKey: string; readonly addedVersion: number }[]
  /** The log's published checkpoint; undefined before the first. */
  readonly checkpoint: string | undefined
}

export function publicFacts({ state, stateHash }: VerifiedAccountState, checkpoint: string | undefined): PublicFacts {
  return {
    accountId: toHex(state.accountId),
    version: state.version,
    stateHash: toHex(stateHash),
    resetCount: state.resetCount,
    devices: state.devices.map(({ deviceId, signatureKey, addedVersion }) => ({
      deviceId: toHex(deviceId),
      publicKey: toHex(signatureKey),
      addedVersion,
    })),
    checkpoint,
  }
}

/** Lines of text. */
export function impossibilityStatement(facts: PublicFacts, sought: readonly ImpossibleClass[]): string[] {
  const { accountId, version, stateHash, devices, checkpoint } = facts
  const lines = [
    `Account ${accountId}: version ${version} of its signed device list, SHA-256 ${stateHash}, ${devices.length === 1 ? "1 device" : `${devices.length} devices`}, ${facts.resetCount} resets.`,
    ...devices.map(
      ({ deviceId, publicKey, addedVersion }) =>
        `Device ${deviceId}, Ed25519 public key ${publicKey}, in the list since version ${addedVersion}.`,
    ),
    checkpoint === undefined
      ? "The server's public log has no checkpoint yet."
      : `The server's public log, in which every change of that list stands: ${logLine(checkpoint)}.`,
  ]
  if (sought.includes("content")) {
    lines.push(
      "Content does not exist here in a readable form. Messages are encrypted by the devices above with MLS (RFC 9420), ciphersuite 0x004F (ML-KEM-768 with X25519, AES-128-GCM, SHA-256, Ed25519). The keys are made on the devices and change with every commit; none has ever been on the server.",
      "What passes through the server is ciphertext. Each is erased as soon as the last device has fetched it, or when it has waited too long; a backup that the operator made meanwhile may hold it longer, as the same ciphertext.",
      "No provider of keys, no recovery service and no copy of a key exists. A recovery key, if the person has one, is with the person.",
    )
  }
  if (sought.includes("capability")) {
    lines.push(
      "No device can be added by the operator: a new device needs a signature by one of the devices above (docs/protocol.md, docs/transparency.md). The server does not hold those keys, and every other device refuses an encryption key that the signed list does not name.",
      "An identity that is reset without such a signature shows as a reset in the public log for ever, is held back by all other devices for 24 hours, and raises an alarm on the devices above.",
      "The programs that people run are published with their source, and the files of the web app can be made anew from it byte for byte. This server's program sends the same files to everybody: they are asked for without signing in. Files changed for one person would differ from the published ones, which anybody can compare.",
    )
  }
  if (sought.includes("contacts")) {
    lines.push(
      "There is no address book on the server and no list of whom an account talks to. Messages are posted without signing in, under a key that all members of a conversation share.",
      "For delivery the server knows which devices receive the messages of a conversation. The operator's desk makes no record of persons from that; docs/disclosure.md says what exists.",
    )
  }
  return lines
}

/** The first three lines of a checkpoint (c2sp.org/tlog-checkpoint) in words. */
function logLine(checkpoint: string): string {
  const [origin = "", size = "", rootHash = ""] = checkpoint.split("\n")
  return `${origin}, ${size} entries, root hash ${rootHash}`
}
