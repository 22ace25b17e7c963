// Accounts without a running device: registered, with one KeyPackage, so that a group can be as large as it should be.

import { randomBytes } from "node:crypto"
import { bytes, encodeCbor } from "@nodoor/bytes"
import type { Network } from "@nodoor/client"
import { genesisState, signAccountState, signHandleBinding, verifyAccountState } from "@nodoor/keylog"
import { generateKeyPackage, generateSigner } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { register, session, sessionChallenge, sessionSignatureInput, uploadKeyPackages } from "@nodoor/wire"

const suite = 0x004f
/** What every leaf of the product lists in its capabilities: the policy of the group, and seats. */
const extensionTypes = [0xf0d0, 0xf0d2, 0xf0d3]
const proposalTypes = [0xf0d1, 0xf0d4]

/** `serverUrl`: as the network wants it; `origin`: what accounts are bound to. */
export async function registerBareAccount(
  network: Network,
  { serverUrl, origin }: { readonly serverUrl: string; readonly origin: string },
  handle: string,
): Promise<void> {
  const accountId = bytes<"AccountId">(new Uint8Array(randomBytes(16)))
  const deviceId = bytes<"DeviceId">(new Uint8Array(randomBytes(16)))
  const env = { crypto: nodeProvider, timeMs: Date.now() }
  const signer = generateSigner(env, { suite, identity: encodeCbor([origin, accountId, deviceId]) })
  const device = { deviceId, deviceClass: "bot", signatureKey: signer.publicKey } as const
  const state = genesisState({ origin, accountId, device, recoveryKey: undefined })
  const genesis = signAccountState(nodeProvider, { state, signers: [{ deviceId, privateKey: signer.privateKey }] })
  const { genesisHash } = verifyAccountState(nodeProvider, { previous: undefined, next: genesis, origin, accountId })
  const handleBinding = signHandleBinding(nodeProvider, { origin, handle, accountId, genesisHash, deviceId }, signer.privateKey)
  await network.call(serverUrl, register, { handle, name: handle, genesis, handleBinding })
  const { challenge } = await network.call(serverUrl, sessionChallenge, { deviceId })
  const message = sessionSignatureInput({ origin, challenge, deviceId })
  const signature = nodeProvider.signEd25519({ privateKey: signer.privateKey, message })
  const { token } = await network.call(serverUrl, session, { deviceId, challenge, signature })
  const { message: keyPackage } = generateKeyPackage(env, {
    suite,
    signer,
    lifetimeS: 86_400,
    lastResort: false,
    extensionTypes,
    proposalTypes,
  })
  await network.call(serverUrl, uploadKeyPackages, { oneTime: [keyPackage] }, { token })
}
