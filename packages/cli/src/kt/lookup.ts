// nodoor kt lookup: what the log proves about a handle or an account, or that it holds no such thing.

import {
  type AccountId,
  type Lookup,
  type VerifiedSearch,
  accountLabel,
  encodeSearchRequest,
  handleLabel,
  isHandle,
  verifySearch,
  watchSet,
} from "@nodoor/keylog"
import { type Route, WireError, decodeMessage, encodeMessage, logSearch, wireFault } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { writeFile } from "node:fs/promises"
import { CliError } from "../cli-error.ts"
import { json, text } from "../command/flags.ts"
import type { CliContext, OpenNetwork } from "../context.ts"
import { columns, harmlessLine, jsonLine } from "../terminal.ts"
import { headFacts } from "./checkpoint.ts"
import { crypto, sameBytes } from "./crypto.ts"
import { addressArgument, pinFlag } from "./flags.ts"
import { logAddress, logFiles, reach, readBounded } from "./log-files.ts"
import { claimedSize, pinText, readPin } from "./log-pin.ts"
import { StaticLog } from "./static-log.ts"
import { formatWatchToken } from "./watch-tokens.ts"

interface Flags {
  readonly pin?: string
  readonly watchToken?: string
  readonly json: boolean
}

export const lookup: Command<CliContext> = buildCommand<Flags, [string, string], CliContext>({
  docs: {
    brief: "Look up a handle or an account id, with proof",
    fullDescription:
      "The server learns whom you look up. --watch-token writes a token for `kt watch` or for an auditor: places in the map that stay empty until somebody adds a new version.",
  },
  parameters: {
    flags: {
      pin: pinFlag,
      watchToken: { kind: "parsed", parse: text, brief: "New file for a watch token", optional: true, placeholder: "file" },
      json,
    },
    positional: {
      kind: "tuple",
      parameters: [addressArgument, { brief: "@handle, or an account id of 32 hexadecimal digits", parse: text, placeholder: "who" }],
    },
  },
  async func(flags, address, who) {
    const label = labelOf(who)
    const { search, pin } = await searchLabel(address, label, { expectedPin: flags.pin, network: this.network })
    const found = search.lookups.find((one) => one.status === "account")
    if (flags.watchToken !== undefined) await writeWatchToken(flags.watchToken, pin, search)
    const ended = search.lookups.find((one) => one.status === "ended")
    if (found === undefined && ended !== undefined) {
      const facts = { ended: true, version: ended.version, checked: "that it ended; the log has erased who ended it" }
      await this.terminal.print(
        flags.json
          ? jsonLine({ pin, ...facts, head: headFacts(search.head, search.statement) })
          : columns(Object.entries(facts).map(([name, value]) => [name, String(value)])),
      )
      return
    }
    if (found?.status !== "account") {
      throw new CliError("label_absent", `The log proves that there is no ${harmlessLine(who)} (size ${search.head.size}).`, {
        next: "check the handle with the person",
      })
    }
    const { state, stateHash, genesisHash } = found.account
    const facts = {
      account: hex(state.accountId),
      version: state.version,
      resets: state.resetCount,
      recovery_key: state.recoveryKey === undefined ? "none" : hex(state.recoveryKey),
      state_hash: hex(stateHash),
      genesis_hash: hex(genesisHash),
      erased: state.kind === "tombstone",
    }
    const devices = state.devices.map((device) => ({
      device: hex(device.deviceId),
      class: device.deviceClass,
      added_version: device.addedVersion,
      key: hex(device.signatureKey),
    }))
    if (flags.json) {
      await this.terminal.print(jsonLine({ pin, ...facts, devices, head: headFacts(search.head, search.statement) }))
      return
    }
    await this.terminal.print(
      columns([
        ...Object.entries(facts).map(([name, value]) => [name.replaceAll("_", " "), String(value)]),
        ...devices.map((device) => [
          "device",
          `${device.device}  ${device.class}  since version ${device.added_version}  key ${device.key}`,
        ]),
        [
          "log",
          `${search.head.origin}, size ${search.head.size}, ${search.statement.tier === "solo" ? "not independently witnessed" : "witnessed"}`,
        ],
      ]),
    )
  },
})

/** Asks the server and checks everything about its answer. @throws CliError; KeylogError with the rule that does not hold */
export async function searchLabel(
  address: string,
  label: Uint8Array,
  { expectedPin, network }: { readonly expectedPin: string | undefined; readonly network: OpenNetwork },
): Promise<{ readonly search: VerifiedSearch; readonly pin: string }> {
  const log = new StaticLog(logFiles(address, network))
  const { pin } = await readPin(log, claimedSize(await log.checkpoint()), expectedPin)
  const request = { lastSize: undefined, logKey: pin.logKey, knownPolicy: undefined, labels: [{ label, knownVersion: undefined }] }
  const { response } = await askServer(logAddress(address), network, logSearch, { request: encodeSearchRequest(request) })
  const search = verifySearch(crypto, {
    pin,
    accountOrigin: pin.origin.replace(/\/kt\/\d+$/, ""),
    stored: undefined,
    request,
    response,
    known: new Map(),
    indices: { get: () => undefined },
    nowMs: Date.now(),
  })
  return { search, pin: pinText(pin) }
}

/** One request that anybody may make. @throws CliError */
export async function askServer<Request extends object, Answer>(
  log: URL,
  network: OpenNetwork,
  route: Route<Request, Answer>,
  request: Request,
): Promise<Answer> {
  const body = encodeMessage(request) as Uint8Array<ArrayBuffer>
  const response = await reach(new URL(route.path, log), network, body)
  const bytes = await readBounded(response, route.maxAnswerBytes)
  try {
    if (response.status === 200) return decodeMessage(route.answer, bytes, route.maxAnswerBytes)
    const { code, message } = decodeMessage(wireFault, bytes, 4096)
    const why = code === "rate_limited" ? "It has answered too many requests from this address." : "It gave no reason."
    throw new CliError("log_refused", `The server refused to answer. ${why}`, {
      next: "try again in a minute",
      cause: new WireError(code, message),
    })
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError("log_unreachable", `${log.origin} answered with something else.`, { next: "check the address", cause: error })
  }
}

function labelOf(who: string): Uint8Array {
  if (/^[0-9a-f]{32}$/.test(who)) return accountLabel(new Uint8Array(Buffer.from(who, "hex")) as AccountId)
  const handle = who.replace(/^@/, "")
  if (!isHandle(handle)) throw new CliError("usage", `${JSON.stringify(who)} is not a handle or an account id.`)
  return handleLabel(handle)
}

async function writeWatchToken(path: string, pin: string, { lookups, learned }: VerifiedSearch): Promise<void> {
  const indices = lookups.flatMap((found) => {
    const versions = watchSet(versionOf(found))
    return learned.filter(({ label, version }) => sameBytes(label, found.label) && versions.includes(version)).map(({ index }) => index)
  })
  try {
    await writeFile(path, formatWatchToken({ pin, indices }), { flag: "wx", mode: 0o600 })
  } catch (error) {
    throw new CliError("usage", `The file ${path} could not be created. It must not exist yet.`, { cause: error })
  }
}

function versionOf(found: Lookup): number | undefined {
  if (found.status === "absent") return undefined
  if (found.status === "tokenKey") return 0
  return found.status === "account" ? found.account.state.version : found.version
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
