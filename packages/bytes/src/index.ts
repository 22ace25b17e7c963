// Bytes whose meaning is known, and the two codecs everything else is written in: the TLS presentation
// language (RFC 8446 §3 with the variable-length vectors of RFC 9420 §2.1.2) and deterministic CBOR (RFC 8949 §4.2); beside them JSON in
// its one spelling (RFC 8785) for what people read and sign.

export { AssertionError, assert, present } from "./assert.ts"
export { type Bytes, bytes, compare, concat, equal, xor } from "./bytes.ts"
export { CodecError, type CodecErrorCode } from "./codec-error.ts"
export { TlsReader, TlsWriter, decodeTls, encodeTls } from "./tls.ts"
export { type CborValue, decodeCbor, encodeCbor } from "./cbor.ts"
export { type Json, canonicalJson, canonicalText } from "./canonical-json.ts"
export { fromBase64, fromBase64Url, fromHex, fromUtf8, toBase64, toBase64Url, toHex, toUtf8 } from "./text.ts"
