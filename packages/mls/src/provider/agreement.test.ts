import { strict as assert } from "node:assert"
import { describe, test } from "node:test"
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js"
import { fromHex, toHex } from "@nodoor/bytes"
import * as fc from "fast-check"
import type { CipherSuiteId, SuiteCrypto } from "./provider.ts"
import { browserPrimitives, browserProvider } from "./browser.ts"
import { deterministicProvider } from "./deterministic.ts"
import { nodePrimitives, nodeProvider } from "./node.ts"
import { isSmallOrderX25519 } from "./x25519-points.ts"
import { xWing } from "./xwing.ts"

const numRuns = process.env["NODOOR_LONG"] === "1" ? 2000 : 40
const { random } = nodeProvider
const browser = await browserProvider()
const deterministic = deterministicProvider(random)
const suiteIds: readonly CipherSuiteId[] = [0x0001, 0x0003, 0x004f]

const anyBytes = fc.uint8Array({ maxLength: 300 })
const exactly = (lengthBytes: number) => fc.uint8Array({ minLength: lengthBytes, maxLength: lengthBytes })

for (const id of suiteIds) {
  describe(`in suite 0x${id.toString(16).padStart(4, "0")}, any two providers agree`, () => {
    const all: readonly SuiteCrypto[] = [nodeProvider.suite(id), browser.suite(id), deterministic.suite(id)]
    const [first, ...others] = all as [SuiteCrypto, ...SuiteCrypto[]]

    test("on hashes, MACs and HKDF", () => {
      fc.assert(
        fc.property(anyBytes, anyBytes, fc.integer({ min: 0, max: 255 }), (a, b, lengthBytes) => {
          for (const other of others) {
            assert.deepEqual(other.hash(a), first.hash(a))
            assert.deepEqual(other.mac(a, b), first.mac(a, b))
            assert.deepEqual(other.extract(a, b), first.extract(a, b))
            assert.deepEqual(other.expand(a, b, lengthBytes), first.expand(a, b, lengthBytes))
          }
        }),
        { numRuns },
      )
    })

    test("on AEAD ciphertexts, and refuse one with any bit flipped", () => {
      fc.assert(
        fc.property(exactly(first.keyBytes), exactly(12), anyBytes, anyBytes, fc.nat(), (key, nonce, aad, plaintext, bit) => {
          const sealed = first.seal(key, nonce, aad, plaintext)
          const flipped = sealed.slice()
          const at = bit % (sealed.length * 8)
          flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
          for (const suite of all) {
            assert.deepEqual(suite.seal(key, nonce, aad, plaintext), sealed)
            assert.deepEqual(suite.open(key, nonce, aad, sealed), plaintext)
            assert.equal(suite.open(key, nonce, aad, flipped), undefined)
            assert.equal(suite.open(key, nonce, aad, sealed.subarray(0, 15)), undefined)
          }
        }),
        { numRuns },
      )
    })

    test("on key pairs, and open what another has sealed with HPKE", () => {
      fc.assert(
        fc.property(exactly(32), anyBytes, anyBytes, anyBytes, (ikm, info, aad, plaintext) => {
          for (const sender of all) {
            for (const receiver of all) {
              const { privateKey, publicKey } = receiver.deriveKeyPair(ikm)
              const to = sender.importPublicKey(publicKey.bytes)
              assert.ok(to !== undefined)
              const { kemOutput, ciphertext } = sender.hpkeSeal(to, info, aad, plaintext, random)
              assert.equal(kemOutput.length, sender.kemCiphertextBytes)
              assert.deepEqual(receiver.hpkeOpen(privateKey, kemOutput, info, aad, ciphertext), plaintext)
              assert.equal(receiver.hpkeOpen(privateKey, kemOutput, aad, info, new Uint8Array(15)), undefined)
              const exported = sender.hpkeExportTo(to, info, aad, 40, random)
              assert.deepEqual(receiver.hpkeExportFrom(privateKey, exported.kemOutput, info, aad, 40), exported.secret)
              const stored = receiver.importPrivateKey(privateKey.bytes)
              assert.ok(stored !== undefined)
              assert.deepEqual(receiver.publicKeyOf(stored).bytes, publicKey.bytes)
            }
          }
        }),
        { numRuns: Math.ceil(numRuns / 4) },
      )
    })

    test("that a changed HPKE ciphertext or encapsulation does not open", () => {
      fc.assert(
        fc.property(exactly(32), fc.nat(), fc.nat({ max: 7 }), (ikm, at, bit) => {
          const { privateKey, publicKey } = first.deriveKeyPair(ikm)
          const sealed = first.hpkeSeal(publicKey, ikm, ikm, ikm, random)
          const parts = [sealed.kemOutput, sealed.ciphertext] as const
          for (const which of [0, 1] as const) {
            const changed = parts[which].slice()
            // The highest bit of an X25519 point does not count (RFC 7748 §5), but the bytes are bound into the secret all the same.
            changed[at % changed.length] = (changed[at % changed.length] as number) ^ (1 << bit)
            const [kemOutput, ciphertext] = which === 0 ? [changed, sealed.ciphertext] : [sealed.kemOutput, changed]
            for (const suite of all) {
              const key = suite.importPrivateKey(privateKey.bytes)
              assert.ok(key !== undefined)
              assert.equal(suite.hpkeOpen(key, kemOutput, ikm, ikm, ciphertext), undefined)
            }
          }
        }),
        { numRuns },
      )
    })

    test("on signatures, and on which ones do not verify", () => {
      fc.assert(
        fc.property(anyBytes, fc.nat({ max: 511 }), (message, bit) => {
          const pair = first.signatureKeyPair(random)
          const signature = first.sign(pair.privateKey, message)
          const flipped = signature.slice()
          flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
          for (const suite of all) {
            assert.deepEqual(suite.sign(pair.privateKey, message), signature)
            assert.ok(suite.verify(pair.publicKey, message, signature))
            assert.ok(!suite.verify(pair.publicKey, message, flipped))
            assert.ok(!suite.verify(pair.publicKey, message, signature.subarray(1)))
            assert.ok(!suite.verify(pair.publicKey.subarray(1), message, signature))
          }
        }),
        { numRuns },
      )
    })

    test("on which bytes are no public key", () => {
      const { publicKey } = first.deriveKeyPair(random(32))
      const lowOrder = publicKey.bytes.slice()
      lowOrder.fill(0, -32)
      const bad = [new Uint8Array(0), publicKey.bytes.subarray(1), new Uint8Array(publicKey.bytes.length + 1), lowOrder]
      if (id === 0x004f) bad.push(publicKey.bytes.slice().fill(0xff, 0, 3)) // FIPS 203 §7.2
      for (const suite of all) {
        for (const bytes of bad) assert.equal(suite.importPublicKey(bytes), undefined)
        assert.equal(suite.importPrivateKey(new Uint8Array(31)), undefined)
      }
    })
  })
}

test("every X25519 point of small order is refused, with either highest bit, as a key and as an encapsulation (RFC 9180 §7.1.4)", () => {
  const bad = [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    `ec${"ff".repeat(30)}7f`,
    `ed${"ff".repeat(30)}7f`,
    `ee${"ff".repeat(30)}7f`,
  ]
  for (const hex of bad) {
    for (const highBit of [0, 0x80]) {
      const point = fromHex(hex)
      point[31] = (point[31] as number) | highBit
      assert.ok(isSmallOrderX25519(point))
      for (const provider of [nodeProvider, browser]) {
        const suite = provider.suite(1)
        assert.equal(suite.importPublicKey(point), undefined)
        const { privateKey } = suite.deriveKeyPair(random(32))
        assert.equal(suite.hpkeOpen(privateKey, point, point, point, new Uint8Array(40)), undefined)
      }
    }
  }
})

test("Ed25519 keys and nonces of small order or not in canonical form are refused on every platform", () => {
  const identity = fromHex(`01${"00".repeat(31)}`)
  const orderEight = fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
  const nonCanonicalIdentity = fromHex(`ee${"ff".repeat(30)}7f`)
  const pair = nodeProvider.suite(1).signatureKeyPair(random)
  const signature = nodeProvider.suite(1).sign(pair.privateKey, identity)
  for (const provider of [nodeProvider, browser, deterministic]) {
    for (const point of [identity, orderEight, nonCanonicalIdentity]) {
      // With the identity as key and as R, and S = 0, the equation of RFC 8032 §5.1.7 holds for every message.
      const forged = new Uint8Array(64)
      forged.set(identity)
      assert.ok(!provider.suite(1).verify(point, identity, forged))
      const badNonce = signature.slice()
      badNonce.set(point)
      assert.ok(!provider.suite(1).verify(pair.publicKey, identity, badNonce))
    }
    // S + L in place of S: RFC 8032 §5.1.7 demands S < L.
    const malleable = signature.slice()
    let carry = 0
    const order = ed25519.Point.Fn.ORDER
    for (let i = 0; i < 32; i++) {
      const sum = (signature[32 + i] as number) + Number((order >> BigInt(8 * i)) & 0xffn) + carry
      malleable[32 + i] = sum & 0xff
      carry = sum >> 8
    }
    assert.ok(provider.suite(1).verify(pair.publicKey, identity, signature))
    assert.ok(!provider.suite(1).verify(pair.publicKey, identity, malleable))
  }
})

test("signatures whose key or nonce has a component of small order get the same verdict on every platform", () => {
  const { Point } = ed25519
  const order = Point.Fn.ORDER
  const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
  const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  const scalar = (): bigint => (littleEndian(random(32)) % (order - 1n)) + 1n
  let accepted = 0
  for (let i = 0; i < 64; i++) {
    const [a, r] = [scalar(), scalar()]
    const [mixedKey, mixedNonce] = [(i & 1) === 1, (i & 2) === 2]
    const publicKey = mixedKey ? Point.BASE.multiply(a).add(torsion) : Point.BASE.multiply(a)
    const nonce = (mixedNonce ? Point.BASE.multiply(r).add(torsion) : Point.BASE.multiply(r)).toBytes()
    const message = random(20)
    const h = littleEndian(sha512(Uint8Array.of(...nonce, ...publicKey.toBytes(), ...message))) % order
    const signature = new Uint8Array(64)
    signature.set(nonce)
    let s = (r + h * a) % order
    for (let at = 32; at < 64; at++, s >>= 8n) signature[at] = Number(s & 0xffn)
    const verdicts = [nodeProvider, browser, deterministic].map((provider) =>
      provider.suite(1).verify(publicKey.toBytes(), message, signature),
    )
    assert.equal(new Set(verdicts).size, 1, `key ${mixedKey}, nonce ${mixedNonce}: ${verdicts.join()}`)
    if (!mixedKey && !mixedNonce) assert.deepEqual(verdicts, [true, true, true])
    if (verdicts[0] === true) accepted++
  }
  assert.ok(accepted >= 16 && accepted < 64)
})

test("X-Wing of this package and of noble make the same key pair and open each other's encapsulations", async () => {
  const kems = [xWing(nodePrimitives), xWing(await browserPrimitives())]
  fc.assert(
    fc.property(exactly(32), (seed) => {
      const theirs = ml_kem768_x25519.keygen(seed)
      for (const kem of kems) {
        const key = kem.importPrivateKey(seed)
        assert.ok(key !== undefined)
        assert.deepEqual(kem.publicKeyOf(key).bytes, theirs.publicKey)
        const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(theirs.publicKey)
        assert.deepEqual(kem.decapsulate(key, cipherText), sharedSecret)
        const ours = kem.encapsulate(kem.publicKeyOf(key), random)
        assert.deepEqual(ml_kem768_x25519.decapsulate(ours.kemOutput, theirs.secretKey), ours.sharedSecret)
      }
    }),
    { numRuns: Math.ceil(numRuns / 8) },
  )
})

test("messages of megabytes go through every provider alike, and small ones after them", () => {
  const large = new Uint8Array(40 * 1024 * 1024).fill(7)
  const [key, nonce] = [random(32), random(12)]
  const pair = nodeProvider.suite(3).signatureKeyPair(random)
  const [sealed, signature] = [nodeProvider.suite(3).seal(key, nonce, nonce, large), nodeProvider.suite(3).sign(pair.privateKey, large)]
  const suite = browser.suite(3)
  assert.ok(Buffer.from(suite.seal(key, nonce, nonce, large)).equals(sealed))
  assert.ok(Buffer.from(suite.open(key, nonce, nonce, sealed) ?? []).equals(large))
  assert.deepEqual(suite.sign(pair.privateKey, large), signature)
  assert.deepEqual(suite.open(key, nonce, nonce, suite.seal(key, nonce, nonce, nonce)), nonce)
})

test("what a provider returns is a plain Uint8Array whose slice is a copy", () => {
  for (const provider of [nodeProvider, browser, deterministic]) {
    for (const id of suiteIds) {
      const suite = provider.suite(id)
      const pair = suite.deriveKeyPair(random(32))
      const sealed = suite.hpkeSeal(pair.publicKey, random(1), random(1), random(1), provider.random)
      const key = provider.random(suite.keyBytes)
      const signer = suite.signatureKeyPair(provider.random)
      const outputs = [
        suite.hash(key),
        suite.mac(key, key),
        suite.expand(key, key, 10),
        suite.seal(key, new Uint8Array(12), key, key),
        suite.open(key, new Uint8Array(12), key, suite.seal(key, new Uint8Array(12), key, key)),
        pair.publicKey.bytes,
        pair.privateKey.bytes,
        sealed.kemOutput,
        sealed.ciphertext,
        suite.hpkeOpen(pair.privateKey, sealed.kemOutput, key, key, sealed.ciphertext) ?? new Uint8Array(0),
        signer.publicKey,
        suite.sign(signer.privateKey, key),
      ]
      for (const output of outputs) assert.equal(Object.getPrototypeOf(output), Uint8Array.prototype)
    }
  }
})

test("short random draws have the length asked for, never come twice, and do not change when more are drawn", () => {
  const draws = Array.from({ length: 1000 }, () => random(8))
  const seen = draws.map(toHex)
  assert.equal(new Set(seen).size, draws.length)
  for (let lengthBytes = 0; lengthBytes < 40; lengthBytes++) assert.equal(random(lengthBytes).length, lengthBytes)
  assert.deepEqual(draws.map(toHex), seen)
})
