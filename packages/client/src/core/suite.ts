import type { CipherSuiteId } from "@nodoor/mls"

/** The only suite of the product: MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519 (draft-ietf-mls-pq-ciphersuites). */
export const productSuite: CipherSuiteId = 0x004f
