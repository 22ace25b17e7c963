import { bytes, fromUtf8, toUtf8 } from "@nodoor/bytes"
import * as mls from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"

const env = { crypto: nodeProvider, timeMs: Date.now() }
const suite = 0x004f
const [aliceDisk, bobDisk] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()]

/** In one transaction, before anything is sent or shown: every record that an operation wrote or erased. */
function save(disk: Map<string, Uint8Array>, { state, writes }: mls.Change): mls.GroupState {
  for (const { key, value } of writes) {
    if (value === undefined) disk.delete(key)
    else disk.set(key, value)
  }
  return state
}

// Bob uploads a key package. Its secret stays with him until he joins.
const bobSigner = mls.generateSigner(env, { suite, identity: toUtf8("bob") })
const bobKeys = mls.generateKeyPackage(env, { suite, signer: bobSigner, lifetimeS: 30 * 86_400, lastResort: false })

// Alice makes a group and a commit that adds him. She applies it once the server has put it into the group's order.
const aliceSigner = mls.generateSigner(env, { suite, identity: toUtf8("alice") })
const groupId = bytes<"GroupId">(env.crypto.random(16))
let alice = save(aliceDisk, mls.createGroup(env, { suite, groupId, signer: aliceSigner, extensions: [] }))
const add = { type: "add", keyPackage: mls.parseKeyPackage(env, bobKeys.message) } as const
const own = mls.commit(env, alice, { proposals: [add], signer: aliceSigner })
alice = save(aliceDisk, own.change)
alice = save(aliceDisk, mls.applyCommit(env, alice, own.staged))

// Bob opens the Welcome, looks at who is there, and joins.
const { secrets, encryptedGroupInfo } = own.welcome ?? { secrets: [], encryptedGroupInfo: new Uint8Array() }
const welcome = mls.encodeWelcome(suite, { secrets: secrets.map(({ encrypted }) => encrypted), encryptedGroupInfo })
const joining = mls.openWelcome(env, { welcome, keyPackageSecret: bobKeys.secret, signer: bobSigner })
let bob = save(bobDisk, mls.join(env, joining))

// A message costs one small record on either side. Bob's state comes back from disk as well as from memory.
const sent = mls.protect(env, alice, { plaintext: toUtf8("hello"), signer: aliceSigner })
alice = save(aliceDisk, sent.change)
bob = mls.loadGroup(
  env,
  Array.from(bobDisk, ([key, value]) => ({ key, value })),
)
const received = mls.process(env, bob, sent.message)
bob = save(bobDisk, received.change)

export const heard: string = received.kind === "application" ? fromUtf8(received.plaintext) : "something else"
