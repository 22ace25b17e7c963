import assert from "node:assert/strict"
import { test } from "node:test"
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { concat, fromHex, toHex } from "@nodoor/bytes"
import type { X25519 } from "../core/crypto.ts"
import { digest } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { nobleX25519 } from "../fixtures/noble-x25519.ts"
import { verifyVrf, vrfOutput, vrfPrivateKey, vrfProve } from "./vrf.ts"

/** RFC 9381 appendix B.3, examples 16 to 18: secret, input, proof, output. */
const examples = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "",
    "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
    "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "72",
    "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
    "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "af82",
    "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
    "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
  ],
] as const

const key = vrfPrivateKey(digest("vrf"))
const { Point } = ed25519
const platforms = [undefined, nobleX25519]
const alpha = digest("input")
const proof = vrfProve(key, alpha)

test("The VRF gives the proofs and outputs of RFC 9381 examples 16, 17 and 18", () => {
  for (const [secret, input, pi, beta] of examples) {
    const one = vrfPrivateKey(fromHex(secret))
    assert.equal(toHex(vrfProve(one, fromHex(input))), pi)
    for (const x25519 of platforms)
      assert.equal(toHex(verifyVrf({ publicKey: one.publicKey, alpha: fromHex(input), proof: fromHex(pi), x25519 })), beta)
    assert.equal(toHex(vrfOutput(fromHex(pi))), beta)
  }
})

test("V1: a VRF key of small order, off the curve, non-canonical or of a wrong length is refused", () => {
  const keys = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "0200000000000000000000000000000000000000000000000000000000000000",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "00",
  ]
  for (const x25519 of platforms)
    for (const bad of keys) refuses("vrf_key", () => verifyVrf({ publicKey: fromHex(bad), alpha, proof, x25519 }))
})

test("V2: a proof of a wrong length, with a Gamma of small order or non-canonical, or with s not reduced is refused", () => {
  const verify = (bad: Uint8Array): unknown => verifyVrf({ publicKey: key.publicKey, alpha, proof: bad })
  refuses("vrf_malformed", () => verify(proof.subarray(0, 79)))
  refuses("vrf_malformed", () => verify(concat(proof, new Uint8Array(1))))
  const gammas = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
  ]
  for (const gamma of gammas) refuses("vrf_malformed", () => verify(concat(fromHex(gamma), proof.subarray(32))))
  const order = (1n << 252n) + 27742317777372353535851937790883648493n
  let s = 0n
  for (let i = 79; i >= 48; i--) s = (s << 8n) | BigInt(proof[i] as number)
  const unreduced = proof.slice()
  let more = s + order
  for (let i = 48; i < 80; i++, more >>= 8n) unreduced[i] = Number(more & 0xffn)
  refuses("vrf_malformed", () => verify(unreduced))
})

test("V3: a proof of another label, another version or another key is refused, and so is every flipped byte", () => {
  const other = vrfPrivateKey(digest("switched")).publicKey
  for (const x25519 of platforms) {
    refuses("vrf_proof", () => verifyVrf({ publicKey: key.publicKey, alpha: digest("other"), proof, x25519 }))
    refuses("vrf_proof", () => verifyVrf({ publicKey: other, alpha, proof, x25519 }))
    for (let i = 0; i < proof.length; i++) {
      const bad = proof.with(i, (proof[i] as number) ^ 0x04)
      refuses(undefined, () => verifyVrf({ publicKey: key.publicKey, alpha, proof: bad, x25519 }))
    }
  }
})

/** Proofs as a dishonest owner of the key makes them: Gamma with a part of order 8, and a nonce of choice. */
function proofWithTorsion(nonce: bigint): Uint8Array {
  const torsion = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
  const gamma = Point.fromBytes(proof.subarray(0, 32)).add(torsion).toBytes()
  let h = Point.ZERO
  for (let counter = 0; h.is0(); counter++) {
    const hash = sha512(concat(Uint8Array.of(3, 1), key.publicKey, alpha, Uint8Array.of(counter, 0)))
    try {
      h = Point.fromBytes(hash.subarray(0, 32)).clearCofactor()
    } catch {}
  }
  const points = [key.publicKey, h.toBytes(), gamma, Point.BASE.multiply(nonce).toBytes(), h.multiply(nonce).toBytes()]
  const c = sha512(concat(Uint8Array.of(3, 2), ...points, Uint8Array.of(0))).slice(0, 16)
  const s = Point.Fn.create(nonce + BigInt(`0x${toHex(c.toReversed())}`) * key.scalar)
  return concat(gamma, c, Point.Fn.toBytes(s))
}

test("with the platform's X25519 the verdict on a Gamma with a part of small order is the same, and so is the output", () => {
  const verdicts = new Set<string>()
  for (let nonce = 1n; nonce <= 40n; nonce++) {
    const made = proofWithTorsion(nonce)
    const [plain, fast] = platforms.map((x25519) => {
      try {
        return toHex(verifyVrf({ publicKey: key.publicKey, alpha, proof: made, x25519 }))
      } catch {
        return "refused"
      }
    })
    assert.equal(fast, plain)
    verdicts.add(plain ?? "")
  }
  // One in eight holds, and proves the one output that there is.
  assert.deepEqual(verdicts, new Set(["refused", toHex(vrfOutput(proof))]))
})

test("a platform's X25519 that is wrong or refuses changes no verdict", () => {
  const wrong: X25519 = {
    scalar: (bytes) => {
      const right = nobleX25519.scalar(bytes)
      return { base: right.base, times: (u) => right.times(u).with(5, 0) }
    },
  }
  const refusing: X25519 = {
    scalar: () => {
      throw new RangeError("not now")
    },
  }
  for (const x25519 of [wrong, refusing]) {
    assert.deepEqual(verifyVrf({ publicKey: key.publicKey, alpha, proof, x25519 }), vrfOutput(proof))
    refuses("vrf_proof", () => verifyVrf({ publicKey: key.publicKey, alpha: digest("other"), proof, x25519 }))
  }
})
