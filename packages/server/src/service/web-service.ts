// The built web app. Its pages answer every path that no other service has, so it comes last in the list.

import { otherAddress } from "../http/one-address.ts"
import { nothingHere, plain } from "../http/page.ts"
import type { WebBundle } from "../http/web-bundle.ts"
import type { Service } from "./service.ts"

/** `origin`: the name and port by which people know this server. */
export function webService(web: WebBundle | undefined, origin: string): Service {
  return {
    pages: [
      {
        paths: ["*"],
        answer: (request) => {
          if (web === undefined) return plain("The web app has not been built. `npm start` builds it.\n", 404)
          const file = web.answer(request.path, {
            ifNoneMatch: request.header("if-none-match"),
            acceptEncoding: request.header("accept-encoding"),
          })
          if (file === undefined) return nothingHere()
          const elsewhere = file.page ? otherAddress(origin, request.header("host"), request.url) : undefined
          if (elsewhere !== undefined) return plain("", 302, { Location: elsewhere })
          return new Response(file.body as Uint8Array<ArrayBuffer> | null, { status: file.status, headers: file.headers })
        },
      },
    ],
  }
}
