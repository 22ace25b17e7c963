import type { CryptoProvider, SuiteCrypto } from "../../../src/provider/provider.ts"

const tagBytes = 16

/**
 * A provider that protects nothing: every signature and MAC is taken for good, encryption leaves the plaintext as it is. With it a
 * changed byte of a message comes as far as a malicious member's could, past every cryptographic check to the rules behind them.
 */
export function weakened(provider: CryptoProvider): CryptoProvider {
  const suites = new Map([0x0001, 0x0003, 0x004f].map((id) => [id, weakSuite(provider.suite(id as 1))] as const))
  return { ...provider, suite: (id) => suites.get(id) ?? provider.suite(id) }
}

function weakSuite(suite: SuiteCrypto): SuiteCrypto {
  const seal = (plaintext: Uint8Array): Uint8Array => {
    const out = new Uint8Array(plaintext.length + tagBytes)
    out.set(plaintext)
    return out
  }
  const open = (ciphertext: Uint8Array): Uint8Array | undefined =>
    ciphertext.length < tagBytes ? undefined : ciphertext.slice(0, ciphertext.length - tagBytes)
  return {
    ...suite,
    mac: () => new Uint8Array(suite.hashBytes),
    verify: () => true,
    seal: (_key, _nonce, _aad, plaintext) => seal(plaintext),
    open: (_key, _nonce, _aad, ciphertext) => open(ciphertext),
    hpkeSeal: (_to, _info, _aad, plaintext, random) => ({ kemOutput: random(suite.kemCiphertextBytes), ciphertext: seal(plaintext) }),
    hpkeOpen: (_key, kemOutput, _info, _aad, ciphertext) => (kemOutput.length === suite.kemCiphertextBytes ? open(ciphertext) : undefined),
  }
}
