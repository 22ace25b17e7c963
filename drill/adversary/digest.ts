import { serverCrypto } from "@nodoor/server"

export function sha256Of(data: Uint8Array): Uint8Array {
  return serverCrypto.sha256(data)
}
