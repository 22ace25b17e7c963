// The two-person case of Signal's own library: one session of the Double Ratchet with its post-quantum ratchet, stores in memory.
// Load it only when `installPeers` has said that the library is there.

import * as signal from "@signalapp/libsignal-client"
import { type Contender, type Prepared, plaintext64 } from "../mls/contender.ts"

type Bytes = Uint8Array<ArrayBuffer>

class Sessions extends signal.SessionStore {
  readonly #records = new Map<string, Bytes>()
  async saveSession(name: signal.ProtocolAddress, record: signal.SessionRecord): Promise<void> {
    this.#records.set(name.toString(), record.serialize())
  }
  async getSession(name: signal.ProtocolAddress): Promise<signal.SessionRecord | null> {
    const stored = this.#records.get(name.toString())
    return stored === undefined ? null : signal.SessionRecord.deserialize(stored)
  }
  async getExistingSessions(addresses: signal.ProtocolAddress[]): Promise<signal.SessionRecord[]> {
    return (await Promise.all(addresses.map((address) => this.getSession(address)))).filter((record) => record !== null)
  }
  get storedBytes(): number {
    return [...this.#records.values()].reduce((sum, record) => sum + record.length, 0)
  }
}

class Identities extends signal.IdentityKeyStore {
  readonly key: signal.PrivateKey = signal.PrivateKey.generate()
  async getIdentityKey(): Promise<signal.PrivateKey> {
    return this.key
  }
  async getLocalRegistrationId(): Promise<number> {
    return 1
  }
  async saveIdentity(): Promise<signal.IdentityChange> {
    return signal.IdentityChange.NewOrUnchanged
  }
  async isTrustedIdentity(): Promise<boolean> {
    return true
  }
  async getIdentity(): Promise<signal.PublicKey | null> {
    return null
  }
}

class PreKeys extends signal.PreKeyStore {
  readonly record: signal.PreKeyRecord
  constructor(record: signal.PreKeyRecord) {
    super()
    this.record = record
  }
  async savePreKey(): Promise<void> {}
  async getPreKey(): Promise<signal.PreKeyRecord> {
    return this.record
  }
  async removePreKey(): Promise<void> {}
}

class SignedPreKeys extends signal.SignedPreKeyStore {
  readonly record: signal.SignedPreKeyRecord
  constructor(record: signal.SignedPreKeyRecord) {
    super()
    this.record = record
  }
  async saveSignedPreKey(): Promise<void> {}
  async getSignedPreKey(): Promise<signal.SignedPreKeyRecord> {
    return this.record
  }
}

class KyberPreKeys extends signal.KyberPreKeyStore {
  readonly record: signal.KyberPreKeyRecord
  constructor(record: signal.KyberPreKeyRecord) {
    super()
    this.record = record
  }
  async saveKyberPreKey(): Promise<void> {}
  async getKyberPreKey(): Promise<signal.KyberPreKeyRecord> {
    return this.record
  }
  async markKyberPreKeyUsed(): Promise<void> {}
}

export const libsignal: Contender = { name: "libsignal 0.103.0", prepare }

async function prepare(size: number): Promise<Prepared | undefined> {
  if (size !== 2) return undefined
  const [alice, bob] = [signal.ProtocolAddress.new("alice", 1), signal.ProtocolAddress.new("bob", 1)]
  const [sessionsA, sessionsB] = [new Sessions(), new Sessions()]
  const [identitiesA, identitiesB] = [new Identities(), new Identities()]
  const sign = (key: { serialize(): Bytes }): Bytes => identitiesB.key.sign(key.serialize())
  const [oneTime, signed, kyber] = [signal.PrivateKey.generate(), signal.PrivateKey.generate(), signal.KEMKeyPair.generate()]
  const preKeys = new PreKeys(signal.PreKeyRecord.new(1, oneTime.getPublicKey(), oneTime))
  const signedKeys = new SignedPreKeys(signal.SignedPreKeyRecord.new(1, 0, signed.getPublicKey(), signed, sign(signed.getPublicKey())))
  const kyberKeys = new KyberPreKeys(signal.KyberPreKeyRecord.new(1, 0, kyber, sign(kyber.getPublicKey())))
  // prettier-ignore
  const bundle = signal.PreKeyBundle.new(1, 1, 1, oneTime.getPublicKey(), 1, signed.getPublicKey(), sign(signed.getPublicKey()), identitiesB.key.getPublicKey(), 1, kyber.getPublicKey(), sign(kyber.getPublicKey()))
  await signal.processPreKeyBundle(bundle, bob, alice, sessionsA, identitiesA)

  const plaintext = new Uint8Array(plaintext64)
  const encryptA = async (): Promise<Bytes> => (await signal.signalEncrypt(plaintext, bob, alice, sessionsA, identitiesA)).serialize()
  // The first message establishes the session, the answer ends the handshake; from then on it is ordinary messages.
  const first = signal.PreKeySignalMessage.deserialize(await encryptA())
  await signal.signalDecryptPreKey(first, alice, bob, sessionsB, identitiesB, preKeys, signedKeys, kyberKeys)
  const answer = await signal.signalEncrypt(plaintext, alice, bob, sessionsB, identitiesB)
  await signal.signalDecrypt(signal.SignalMessage.deserialize(answer.serialize()), bob, alice, sessionsA, identitiesA)

  let incoming = await encryptA()
  const sampleBytes = incoming.length
  const decrypt = (): Promise<Bytes> => signal.signalDecrypt(signal.SignalMessage.deserialize(incoming), alice, bob, sessionsB, identitiesB)
  await decrypt()
  // Encrypting and decrypting take turns on one session, so its own messages are those that are decrypted.
  const waiting: Bytes[] = []
  return {
    encrypt: {
      async run() {
        waiting.push(await encryptA())
      },
    },
    encryptAndSave: {
      async run() {
        waiting.push(await encryptA())
      },
    },
    decrypt: {
      async before() {
        incoming = waiting.shift() ?? (await encryptA())
      },
      run: decrypt,
    },
    bytes: { application: sampleBytes, storedPerMessage: sessionsA.storedBytes },
  }
}
