// The part of libsignal's interface that the benchmark uses, so that the types are checked where the package is not installed.
// oxlint-disable typescript/no-misused-new -- libsignal calls them so

declare module "@signalapp/libsignal-client" {
  type Bytes = Uint8Array<ArrayBuffer>

  export class ProtocolAddress {
    private constructor()
    static new(name: string, deviceId: number): ProtocolAddress
    toString(): string
  }
  export class PublicKey {
    private constructor()
    serialize(): Bytes
  }
  export class PrivateKey {
    private constructor()
    static generate(): PrivateKey
    getPublicKey(): PublicKey
    sign(message: Bytes): Bytes
  }
  export class KEMPublicKey {
    private constructor()
    serialize(): Bytes
  }
  export class KEMKeyPair {
    private constructor()
    static generate(): KEMKeyPair
    getPublicKey(): KEMPublicKey
  }

  export class SessionRecord {
    private constructor()
    static deserialize(bytes: Bytes): SessionRecord
    serialize(): Bytes
  }
  export class PreKeyRecord {
    private constructor()
    static new(id: number, publicKey: PublicKey, privateKey: PrivateKey): PreKeyRecord
  }
  export class SignedPreKeyRecord {
    private constructor()
    static new(id: number, timestamp: number, publicKey: PublicKey, privateKey: PrivateKey, signature: Bytes): SignedPreKeyRecord
  }
  export class KyberPreKeyRecord {
    private constructor()
    static new(id: number, timestamp: number, keyPair: KEMKeyPair, signature: Bytes): KyberPreKeyRecord
  }
  export class PreKeyBundle {
    private constructor()
    // prettier-ignore
    static new(registrationId: number, deviceId: number, preKeyId: number | null, preKey: PublicKey | null, signedPreKeyId: number, signedPreKey: PublicKey, signedPreKeySignature: Bytes, identityKey: PublicKey, kyberPreKeyId: number, kyberPreKey: KEMPublicKey, kyberPreKeySignature: Bytes): PreKeyBundle
  }

  export enum IdentityChange {
    NewOrUnchanged = 0,
    ReplacedExisting = 1,
  }
  export abstract class SessionStore {
    abstract saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void>
    abstract getSession(name: ProtocolAddress): Promise<SessionRecord | null>
    abstract getExistingSessions(addresses: ProtocolAddress[]): Promise<SessionRecord[]>
  }
  export abstract class IdentityKeyStore {
    abstract getIdentityKey(): Promise<PrivateKey>
    abstract getLocalRegistrationId(): Promise<number>
    abstract saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<IdentityChange>
    abstract isTrustedIdentity(name: ProtocolAddress, key: PublicKey): Promise<boolean>
    abstract getIdentity(name: ProtocolAddress): Promise<PublicKey | null>
  }
  export abstract class PreKeyStore {
    abstract savePreKey(id: number, record: PreKeyRecord): Promise<void>
    abstract getPreKey(id: number): Promise<PreKeyRecord>
    abstract removePreKey(id: number): Promise<void>
  }
  export abstract class SignedPreKeyStore {
    abstract saveSignedPreKey(id: number, record: SignedPreKeyRecord): Promise<void>
    abstract getSignedPreKey(id: number): Promise<SignedPreKeyRecord>
  }
  export abstract class KyberPreKeyStore {
    abstract saveKyberPreKey(id: number, record: KyberPreKeyRecord): Promise<void>
    abstract getKyberPreKey(id: number): Promise<KyberPreKeyRecord>
    abstract markKyberPreKeyUsed(id: number): Promise<void>
  }

  export class CiphertextMessage {
    private constructor()
    serialize(): Bytes
  }
  export class SignalMessage {
    private constructor()
    static deserialize(bytes: Bytes): SignalMessage
  }
  export class PreKeySignalMessage {
    private constructor()
    static deserialize(bytes: Bytes): PreKeySignalMessage
  }
  // prettier-ignore
  export function processPreKeyBundle(bundle: PreKeyBundle, address: ProtocolAddress, localAddress: ProtocolAddress, sessions: SessionStore, identities: IdentityKeyStore): Promise<void>
  // prettier-ignore
  export function signalEncrypt(message: Bytes, address: ProtocolAddress, localAddress: ProtocolAddress, sessions: SessionStore, identities: IdentityKeyStore): Promise<CiphertextMessage>
  // prettier-ignore
  export function signalDecrypt(message: SignalMessage, address: ProtocolAddress, localAddress: ProtocolAddress, sessions: SessionStore, identities: IdentityKeyStore): Promise<Bytes>
  // prettier-ignore
  export function signalDecryptPreKey(message: PreKeySignalMessage, address: ProtocolAddress, localAddress: ProtocolAddress, sessions: SessionStore, identities: IdentityKeyStore, preKeys: PreKeyStore, signedPreKeys: SignedPreKeyStore, kyberPreKeys: KyberPreKeyStore): Promise<Bytes>
}
