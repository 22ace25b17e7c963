// The documents of a case: what came with the request, kept under the hash of its content.

import { type OperatorCase, operatorCaseAttach, operatorCaseDocument, operatorLimits } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { HostError } from "../../host/host.ts"
import { Button, IconButton } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Card } from "../part/page.tsx"
import { saveBytes } from "../part/save-bytes.ts"
import { useAct } from "../part/use-act.ts"
import { sizeText } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"

export function DocumentsCard({ one, onChange }: { readonly one: OperatorCase; readonly onChange: () => void }): JSX.Element {
  const { client, say } = useConsole()
  const { role } = usePerson()
  const act = useAct()
  const input = useRef<HTMLInputElement>(null)
  const { caseId, documents } = one
  const mayAttach = role !== "reviewer" && one.outcome === undefined && documents.length < operatorLimits.documentsPerCase
  const download = (sha256: string, name: string): Promise<boolean> =>
    act.run(async () => saveBytes(name, (await client.call(operatorCaseDocument, { caseId, sha256 })).content))
  const attach = (file: File): Promise<boolean> =>
    act.run(async () => {
      if (file.size > operatorLimits.documentBytes)
        throw new HostError("too_large", t.cases.documents.tooLarge(sizeText(operatorLimits.documentBytes), sizeText(file.size)))
      await client.call(operatorCaseAttach, { caseId, name: file.name, content: new Uint8Array(await file.arrayBuffer()) })
      say(t.cases.documents.attached(file.name))
      onChange()
    })
  return (
    <Card title={t.cases.documents.title}>
      {documents.length === 0 ? (
        <p class={css.quiet}>{t.cases.documents.none}</p>
      ) : (
        <ul class={css.classes}>
          {documents.map(({ sha256, name, sizeBytes }) => (
            <li key={sha256} class={css.document}>
              <span class={css.documentWords}>
                <span>
                  <bdi>{name}</bdi>
                </span>
                <span class={css.quiet}>{t.cases.documents.facts(sizeText(sizeBytes), sha256.slice(0, 10))}</span>
              </span>
              <IconButton icon="download" label={t.cases.documents.download(name)} onClick={() => download(sha256, name)} />
            </li>
          ))}
        </ul>
      )}
      <Failure failure={act.failure.value} />
      {mayAttach && (
        <>
          <input
            ref={input}
            type="file"
            class="visually-hidden"
            tabIndex={-1}
            aria-hidden="true"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? []
              event.currentTarget.value = ""
              if (file !== undefined) void attach(file)
            }}
          />
          <div>
            <Button icon="plus" busy={act.busy.value} onClick={() => input.current?.click()}>
              {t.cases.documents.attach}
            </Button>
          </div>
          {one.approvedBy.length > 0 && <p class={css.quiet}>{t.cases.documents.voids}</p>}
        </>
      )}
    </Card>
  )
}
