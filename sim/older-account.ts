// A device as it was before accounts had recovery keys: its account's first state names none, and it never adds one.

import { bytes } from "@nodoor/bytes"
import type { Database, Network } from "@nodoor/client"
import {
  type AccountState,
  decodeSignedAccountState,
  encodeVerifiedAccountState,
  signAccountState,
  signHandleBinding,
  verifyAccountState,
} from "@nodoor/keylog"
import { serverCrypto as crypto } from "@nodoor/server"
import { type LogUpdateRequest, type RegisterRequest, WireError, logUpdate, register } from "@nodoor/wire"

/** The network of such a device. */
export function olderNetwork(network: Network, disk: Database): Network {
  return {
    ...network,
    call: async (serverUrl, route, request, options) => {
      if (route.path === register.path) {
        const older = await withoutRecoveryKey(disk, request as RegisterRequest)
        return await network.call(serverUrl, route, older as typeof request, options)
      }
      if (route.path === logUpdate.path && givesRecoveryKey((request as LogUpdateRequest).state)) throw new WireError("unavailable")
      return await network.call(serverUrl, route, request, options)
    },
  }
}

function givesRecoveryKey(signed: Uint8Array): boolean {
  return decodeSignedAccountState(signed).state.recoveryKey !== undefined
}

/** The same registration with another first state, on the device's disk as well. */
async function withoutRecoveryKey(disk: Database, request: RegisterRequest): Promise<RegisterRequest> {
  const [row] = await disk.read("SELECT signature_seed FROM device", [])
  const privateKey = row?.["signature_seed"] as Uint8Array
  const state: AccountState = { ...decodeSignedAccountState(request.genesis).state, recoveryKey: undefined }
  const deviceId = state.devices[0]?.deviceId ?? bytes<"DeviceId">(new Uint8Array(16))
  const { origin, accountId } = state
  const genesis = signAccountState(crypto, { state, signers: [{ deviceId, privateKey }] })
  const verified = verifyAccountState(crypto, { previous: undefined, next: genesis, origin, accountId })
  const binding = { origin, handle: request.handle, accountId, genesisHash: verified.genesisHash, deviceId }
  await disk.commit([
    { sql: "UPDATE account_state SET state = ? WHERE account_id = ?", values: [encodeVerifiedAccountState(verified), accountId] },
    { sql: "UPDATE device SET recovery_seed = NULL", values: [] },
  ])
  return { ...request, genesis, handleBinding: signHandleBinding(crypto, binding, privateKey) }
}
