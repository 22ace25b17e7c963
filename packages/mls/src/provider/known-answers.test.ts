import { strict as assert } from "node:assert"
import { describe, test } from "node:test"
import { concat, fromHex, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "./provider.ts"
import { browserPrimitives, browserProvider } from "./browser.ts"
import { deterministicPrimitives, deterministicProvider } from "./deterministic.ts"
import { Hpke } from "./hpke.ts"
import { Hkdf } from "./kdf.ts"
import { nodePrimitives, nodeProvider } from "./node.ts"
import type { Primitives } from "./primitives.ts"
import { xWing } from "./xwing.ts"

const noRandom: Random = () => assert.fail("no randomness is asked for")
const providers: readonly (readonly [string, CryptoProvider])[] = [
  ["node", nodeProvider],
  ["browser", await browserProvider()],
  ["deterministic", deterministicProvider(noRandom)],
]

/** Hands out the given bytes piece by piece, and no more. */
function fixed(hex: string): Random {
  let rest = fromHex(hex)
  return (sizeBytes) => {
    assert.ok(sizeBytes <= rest.length)
    const taken = rest.slice(0, sizeBytes)
    rest = rest.slice(sizeBytes)
    return taken
  }
}

for (const [name, provider] of providers) {
  describe(`the ${name} provider gives the published answers`, () => {
    test("of HKDF-SHA256 (RFC 5869 A.1, A.2, A.3)", () => {
      const suite = provider.suite(1)
      const prk = suite.extract(fromHex("000102030405060708090a0b0c"), fromHex("0b".repeat(22)))
      assert.equal(toHex(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
      assert.equal(
        toHex(suite.expand(prk, fromHex("f0f1f2f3f4f5f6f7f8f9"), 42)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
      )
      const range = (from: number, to: number): Uint8Array => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)
      assert.equal(
        toHex(suite.expand(suite.extract(range(0x60, 0xaf), range(0x00, 0x4f)), range(0xb0, 0xff), 82)),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
      )
      assert.equal(
        toHex(suite.expand(suite.extract(new Uint8Array(0), fromHex("0b".repeat(22))), new Uint8Array(0), 42)),
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
      )
    })

    test("of Ed25519 (RFC 8032 §7.1 TEST 1, 2, 3)", () => {
      const suite = provider.suite(1)
      const cases = [
        [
          "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
          "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
          "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
          "72",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
          "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
          "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
          "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
      ] as const
      for (const [seed, publicKey, message, signature] of cases) {
        const pair = suite.signatureKeyPair(fixed(seed))
        assert.equal(toHex(pair.publicKey), publicKey)
        assert.equal(toHex(suite.sign(pair.privateKey, fromHex(message))), signature)
        assert.ok(suite.verify(fromHex(publicKey), fromHex(message), fromHex(signature)))
        assert.ok(!suite.verify(fromHex(publicKey), fromHex(`${message}00`), fromHex(signature)))
      }
    })

    test("of HPKE with DHKEM(X25519) and AES-128-GCM (RFC 9180 A.1.1)", () => {
      const suite = provider.suite(1)
      const { privateKey, publicKey } = suite.deriveKeyPair(fromHex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"))
      assert.equal(toHex(privateKey.bytes), "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
      assert.equal(toHex(publicKey.bytes), "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
      const info = fromHex("4f6465206f6e2061204772656369616e2055726e")
      const plaintext = fromHex("4265617574792069732074727574682c20747275746820626561757479")
      const skEm = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"
      const sealed = suite.hpkeSeal(publicKey, info, toUtf8("Count-0"), plaintext, fixed(skEm))
      assert.equal(toHex(sealed.kemOutput), "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
      assert.equal(toHex(sealed.ciphertext), "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a")
      assert.deepEqual(suite.hpkeOpen(privateKey, sealed.kemOutput, info, toUtf8("Count-0"), sealed.ciphertext), plaintext)
      const exported = suite.hpkeExportTo(publicKey, info, new Uint8Array(0), 32, fixed(skEm))
      assert.equal(toHex(exported.secret), "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee")
      assert.deepEqual(suite.hpkeExportFrom(privateKey, exported.kemOutput, info, new Uint8Array(0), 32), exported.secret)
    })

    test("of HPKE with DHKEM(X25519) and ChaCha20Poly1305 (RFC 9180 A.2.1)", () => {
      const suite = provider.suite(3)
      const { privateKey, publicKey } = suite.deriveKeyPair(fromHex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df"))
      assert.equal(toHex(privateKey.bytes), "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
      const sealed = suite.hpkeSeal(
        publicKey,
        fromHex("4f6465206f6e2061204772656369616e2055726e"),
        toUtf8("Count-0"),
        fromHex("4265617574792069732074727574682c20747275746820626561757479"),
        fixed("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"),
      )
      assert.equal(toHex(sealed.kemOutput), "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
      assert.equal(toHex(sealed.ciphertext), "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")
    })
  })
}

test("X25519 on every platform gives the answers of RFC 7748 §5.2 and §6.1", async () => {
  check(nodePrimitives.x25519)
  check((await browserPrimitives()).x25519)

  function check<P, S>(x25519: Primitives<P, S, never, never>["x25519"]): void {
    const scalar = x25519.importPrivate(fromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"))
    const point = x25519.importPublic(fromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))
    assert.equal(toHex(x25519.agree(scalar, point)), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
    const bob = x25519.importPrivate(fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
    assert.equal(toHex(x25519.publicBytes(bob)), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
  }
})

/** `random` for an X-Wing encapsulation: 32 bytes for ML-KEM, then 32 for X25519. */
const deterministicKems = [
  ["browser", xWing(await browserPrimitives())],
  ["deterministic", xWing(deterministicPrimitives)],
] as const

test("X-Wing decapsulates to the draft's shared secret on every platform (draft-connolly-cfrg-xwing-kem, first test vector)", () => {
  const seed = fromHex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
  const eseed =
    "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2"
  const secret = "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384"
  const native = xWing(nodePrimitives)
  const nativeKey = native.importPrivateKey(seed)
  assert.ok(nativeKey !== undefined)
  for (const [, kem] of deterministicKems) {
    const key = kem.importPrivateKey(seed)
    assert.ok(key !== undefined)
    const { sharedSecret, kemOutput } = kem.encapsulate(kem.publicKeyOf(key), fixed(eseed))
    assert.equal(toHex(sharedSecret), secret)
    assert.equal(toHex(kem.decapsulate(key, kemOutput) ?? new Uint8Array()), secret)
    assert.equal(toHex(native.decapsulate(nativeKey, kemOutput) ?? new Uint8Array()), secret)
  }
})

test("HPKE with X-Wing gives the answers of the HPKE working group's vector for KEM 0x647a, HKDF-SHA256 and ChaCha20Poly1305", async () => {
  const primitives = await browserPrimitives()
  const kem = xWing(primitives)
  const hkdf = new Hkdf(primitives.hmacSha256)
  const hpke = new Hpke({ kem, hkdf, aead: primitives.chaCha20Poly1305, aeadId: 3, keyBytes: 32, nonceBytes: 12 })
  const key = kem.importPrivateKey(fromHex("e2a76d088d389a6b9837751bbad1b668ee65c4fce32fbc7ef773e229bc27f406"))
  assert.ok(key !== undefined)
  const ikmE =
    "09d6e32969499a22f8d3995060f98e3143a859c76b1cd5bdf982618a2c45492a287c832b3b7b5298ec75d7da24a52b42b598fbf620cb0288d49b29d4e5987613"
  const to = kem.publicKeyOf(key)
  assert.equal(toHex(kem.encapsulate(to, fixed(ikmE)).sharedSecret), "d8b85126a684a10648e85484a7583cc1183ab3dd009e4fdf4a8c25fb8af21f1a")
  const info = fromHex("34663634363532303666366532303631323034373732363536333639363136653230353537323665")
  const plaintext = toUtf8("4265617574792069732074727574682c20747275746820626561757479")
  const sealed = hpke.seal(to, info, toUtf8("Count-0"), plaintext, fixed(ikmE))
  assert.equal(
    toHex(sealed.ciphertext),
    "156c7a6307282018377600f6a044c2d634b70fea19b30d65c0ee3d749c8d1adbba0a523001e69ff6fa0655044fb6a092e05be917bd8ee7689c2e83e18d62602fc587d52c99c64ed92ac5",
  )
  assert.equal(
    toHex(hpke.exportTo(to, info, toUtf8("pseudorandom0"), 32, fixed(ikmE)).secret),
    "a31bd1be3884848b688608016fd6711fa14ea6b395d97ab2b5cca4735351603e",
  )
})

test("X-Wing's DeriveKeyPair is SHAKE256 over the labelled input as draft-ietf-hpke-pq writes it", () => {
  const ikm = fromHex("09".repeat(32))
  const input = concat(ikm, toUtf8("HPKE-v1"), toUtf8("KEM"), fromHex("647a"), fromHex("000d"), toUtf8("DeriveKeyPair"), fromHex("0020"))
  for (const [, provider] of providers) {
    assert.deepEqual(provider.suite(0x4f).deriveKeyPair(ikm).privateKey.bytes, nodePrimitives.shake256(input, 32))
  }
})
