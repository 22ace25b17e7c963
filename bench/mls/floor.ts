// The primitives alone that one message cannot do without: a signature, two AEADs and five key derivations, on the same provider.

import type { CipherSuiteId, CryptoProvider } from "@nodoor/mls"
import { type Contender, plaintext64 } from "./contender.ts"

export function floor(name: string, suiteId: CipherSuiteId, crypto: CryptoProvider): Contender {
  const suite = crypto.suite(suiteId)
  return {
    name,
    async prepare() {
      const signer = suite.signatureKeyPair(crypto.random)
      const [secret, key, nonce] = [crypto.random(32), crypto.random(suite.keyBytes), crypto.random(suite.nonceBytes)]
      const info = new Uint8Array(40)
      // Lengths as in a real message: what is signed holds the group context, what is sealed holds plaintext and signature.
      const signed = new Uint8Array(250)
      const content = new Uint8Array(plaintext64.length + 70)
      const senderData = new Uint8Array(12)
      const aad = new Uint8Array(30)
      const signature = suite.sign(signer.privateKey, signed)
      const [sealed, sealedSender] = [suite.seal(key, nonce, aad, content), suite.seal(key, nonce, aad, senderData)]
      const derive = (): void => {
        for (let i = 0; i < 5; i++) suite.expand(secret, info, 32)
      }
      return {
        encrypt: {
          run() {
            derive()
            suite.sign(signer.privateKey, signed)
            suite.seal(key, nonce, aad, content)
            suite.seal(key, nonce, aad, senderData)
          },
        },
        decrypt: {
          run() {
            derive()
            suite.open(key, nonce, aad, sealedSender)
            suite.open(key, nonce, aad, sealed)
            suite.verify(signer.publicKey, signed, signature)
          },
        },
        bytes: {},
      }
    },
  }
}
