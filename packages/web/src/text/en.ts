// Every sentence of the app in English, except the few in index.html and the manifest that are shown before any script runs. Another
// language is a module with the same exports: the type checker says what is missing.

export { app } from "./en/app.ts"
export { backup } from "./en/backup.ts"
export { chat } from "./en/chat.ts"
export { events } from "./en/events.ts"
export { file } from "./en/file.ts"
export { host } from "./en/host.ts"
export { link } from "./en/link.ts"
export { list } from "./en/list.ts"
export { message } from "./en/message.ts"
export { part } from "./en/part.ts"
export { people } from "./en/people.ts"
export { recovery } from "./en/recovery.ts"
export { server } from "./en/server.ts"
export { settings } from "./en/settings.ts"
export { trust } from "./en/trust.ts"
export { welcome } from "./en/welcome.ts"
