// Why content, or a way to it, can't be handed over. It uses the account's own public facts, so that an engineer can check every line.

import { toHex } from "@nodoor/bytes"
import type { VerifiedAccountState } from "@nodoor/keylog"
import type { ImpossibleClass } from "../cases/desk-request.ts"

/** What anybody may know of the account: its chain of signed device lists, and the log they stand in. */
export interface PublicFacts {
  readonly accountId: string
  /** Of the newest state. */
  readonly version: number
  readonly stateHash: string
  readonly resetCount: number
  /** Public half; undefined if the account has none. */
  readonly recoveryKey: string | undefined
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
    recoveryKey: state.recoveryKey && toHex(state.recoveryKey),
    devices: state.devices.map(({ deviceId, signatureKey, addedVersion }) => ({
      deviceId: toHex(deviceId),
      publicKey: toHex(signatureKey),
      addedVersion,
    })),
    checkpoint,
  }
}

/**
 * Lines of text. Each says what this program does, what is public, or what the published programs do. No program can know what somebody may
 * have done beside them. docs/a-request.md says how to check each line.
 */
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
      : `The server's public log, which records every change to that list: ${logLine(checkpoint)}.`,
  ]
  if (sought.includes("content")) {
    lines.push(
      "Content does not exist here in a readable form. The published programs encrypt messages on the devices with MLS (RFC 9420), ciphersuite 0x004F (ML-KEM-768 with X25519, AES-128-GCM, SHA-256, Ed25519). Keys are made on the devices and change with every commit. This server's program accepts no private key and no message key, and has no place to keep one. The inventory in this archive lists every column and file.",
      "The server only accepts ciphertext for delivery. It erases each message when the last device has fetched it, or when it has waited too long. A backup that the operator made in between may keep it longer, as the same ciphertext.",
      `This server's program offers no recovery of keys and keeps no copy of one. ${
        facts.recoveryKey === undefined
          ? "The account's list names no recovery key."
          : `The account's list names a recovery key, public half ${facts.recoveryKey}; the private half never comes to the server.`
      }`,
    )
  }
  if (sought.includes("capability")) {
    lines.push(
      "The operator can't add a device. A new device needs a signature by one of the devices above (docs/protocol.md, docs/transparency.md). The server does not have those keys, and the published programs on every other device refuse an encryption key that the signed list does not name.",
      facts.recoveryKey === undefined
        ? "A reset of the identity without such a signature is counted in the list for as long as the account has one. The account has no recovery key, so a reset needs no signature of its owner: the other devices hold it back for the time that the log's first entry fixes (reset-delay, 24 hours unless it says otherwise), those of people who had compared safety numbers until these say yes, and the devices above raise an alarm."
        : `A reset of the identity needs a signature by the account's recovery key, public half ${facts.recoveryKey}; the published programs on every other device refuse one without it. Every reset is counted in the list for as long as the account has one, and the devices above raise an alarm.`,
      "The programs that people run are published with their source, and the files of the web app can be rebuilt from it byte for byte. This server's program can't send one person different files than everybody else, because browsers request them without signing in. Different files would be a different program, and the person who receives them can compare them with the published ones.",
    )
  }
  if (sought.includes("contacts")) {
    lines.push(
      "Contacts, members of groups and who talks to whom are not held here, so they can't be handed over. This server's program consists of two services that share no identifier and no file. The account service has the account above and knows of no conversation. The delivery service keeps conversations under random numbers, with a place for each device that takes part; none of its rows says whose place it is, and a device has another random place, key and secret in each conversation.",
      "Devices reach the delivery service without signing in. They show the secret of their place, and a pass that was bought with a token. The account service signs tokens blindly (RFC 9474): it does not see the tokens that it signs, so neither service can tell who bought a pass.",
      "Anybody can check this. The inventory in this archive lists every column and file of both services, and a test compares it with a running server. The published test npm run jointest plays thirty days on this program, copies everything that it keeps each night, and tries to find from the copies which place is whose; docs/disclosure.md explains it.",
    )
  }
  return lines
}

/** The first three lines of a checkpoint (c2sp.org/tlog-checkpoint) in words. */
function logLine(checkpoint: string): string {
  const [origin = "", size = "", rootHash = ""] = checkpoint.split("\n")
  return `${origin}, ${size} entries, root hash ${rootHash}`
}
