// Every sentence that this library shows to a person, in English: the texts of alarms and errors, one section per area. A text says what
// happened, what it means for the person, and what to do next. Names come in already isolated (`isolated` of wire). This file imports
// nothing of the library, so that another language is another file of the same shape. A test (scripts/words.test.ts) finds sentences that
// stand elsewhere. The only one is about e-mail addresses: the server says it too, so it is `noEmailText` of wire.

import type { DeviceClass } from "@nodoor/keylog"

const hourMs = 3_600_000

/** A duration in words, rounded. */
function duration(ms: number): string {
  const [count, unit] =
    ms >= 47 * hourMs ? [ms / (24 * hourMs), "day"] : ms >= 1.5 * hourMs ? [ms / hourMs, "hour"] : [ms / 60_000, "minute"]
  return counted(Math.max(1, Math.round(count)), unit)
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

/** A device as people call it. */
export const deviceNames: Readonly<Record<DeviceClass, string>> = {
  cli: "a terminal",
  desktop: "a computer",
  mobile: "a phone",
  web: "a browser",
  "web-verified": "a browser with verified code",
  bot: "a bot",
}

/** The key log as a whole. */
export const logTexts = {
  wrong:
    "The server's key log failed verification. Nothing from it was accepted, and this device has stopped sending. Export the evidence and ask the server's operator.",
  forked:
    "The server's key log contradicts what it showed this device before. The server may be showing different keys to different people. This device has stopped sending. Export the evidence, and compare safety numbers with your contacts in person.",
  late: "The key log's witnesses have not signed it recently. New keys are not accepted until they do. Your chats continue.",
  auditMissing: "No auditor has confirmed the key log recently. New keys are not accepted until one does. Your chats continue.",
  epochFuture:
    "The server's key log is dated more than a month ahead of this device's clock, so one of the two clocks is wrong. Compare this device's time with another clock. New keys are not accepted until the two agree. Your chats continue.",
  policyChanged: "The server's key log has other witnesses than before. Its witnesses saw the change.",
  keyChanged: "The server's key log is signed with a new key. The old key signed the change.",
  unreadable: "The key log's answer could not be read. New keys are not accepted until the log can be checked. Your chats continue.",
  noAnswer: "The server's key log did not answer. New keys are not accepted until the log can be checked. Your chats continue.",
  notCheckedYet: "The key log has not been checked yet. Try again in a moment.",
  movesTooFast: "The key log is growing too fast to be compared. Nodoor will try again automatically.",
  unavailable:
    "The server's key log could not be checked for an hour. New keys are not accepted until it can be checked. Your chats continue. Nodoor will try again automatically.",
  stale:
    "The server's key log could not be checked for a day. New keys are not accepted until it can be checked. Your chats continue. If this lasts, ask the server's operator, and compare safety numbers in person.",
  still: (ageMs: number): string =>
    `The server's key log has not grown for ${duration(ageMs)}, although it must grow every day. The server may be hiding changes from this device: for example, a lost phone that somebody removed may still look valid. Ask the server's operator. If this lasts for three days, nobody new can be added.`,
  closed: (ageMs: number): string =>
    `The server's key log has not grown for ${duration(ageMs)}, although it must grow every day. The server may be hiding changes from this device. New people and devices are not accepted until the log grows again. Your chats continue. Ask the server's operator, and compare safety numbers in person.`,
  ahead: (aheadMs: number): string =>
    `The server's key log is dated ${duration(aheadMs)} ahead: the server's clock was wrong when the log was written. This device's clock is not the cause. The log and your chats continue. The server's operator can see how long this lasts.`,
  clocksDiffer: (differenceMs: number): string =>
    `The clocks of this device and the server differ by ${duration(differenceMs)}, so one of them is wrong. Compare this device's time with another clock, and correct it if needed. Until the clocks agree, message times may be wrong, and people who write to you for the first time may have to wait. If this device is right, tell the server's operator.`,
  gossipWithheld:
    "Another member was shown a signed state of the key log that the server has not shown this device for an hour. The server may be hiding something. Ask the server's operator, and compare safety numbers in person.",
  stopped: "Nothing is sent here until you have dealt with an alarm.",
} as const

/** The keys with which the server signs anonymous requests. */
export const tokenKeyTexts = {
  differs:
    "The server gave this device another key for anonymous requests than everybody has. It could recognise this device by it. The key was rejected, and until you have dealt with this alarm this device asks for nothing anonymously: no new chats begin, and the old ones end within a week. Export the evidence and ask the server's operator.",
  notGiven: "The server has no key for anonymous requests now. Nodoor will try again automatically.",
} as const

/** Keys of one account that do not verify. */
export const identityTexts = {
  own: "The server shows keys for your own account that this device did not create and that do not follow from its own. This device has stopped sending. Warn your contacts another way, and export the evidence.",
  wrong: (who: string): string =>
    `The server shows keys for ${who} that do not follow from the ones known before, or that are not ${who}'s. The keys were rejected, and nothing is sent to chats with ${who}. Compare safety numbers in person.`,
  handle: (who: string): string =>
    `The server names a handle for ${who} that its key log gives to somebody else, or to nobody. Somebody may be impersonating another person. The handle was rejected, and nothing is sent to chats with ${who}. Ask another way who is writing to you.`,
  oneOfSeveral: "The keys of one of several accounts do not verify.",
  safetyDiffers: (who: string): string =>
    `${who}'s device sees different keys. Somebody may be intercepting your messages. Nothing is sent to chats with ${who}. Export the evidence on both devices.`,
  logDiffers: (who: string): string =>
    `${who}'s device was shown a different key log. The server lies to one of you, or ${who}'s device does. Nothing is sent to chats with ${who}. Export the evidence on both devices.`,
  changedSinceVerified: (who: string): string =>
    `${who}'s identity changed after you verified it. Compare safety numbers again before you write.`,
  thisPerson: "this person",
} as const

/** Looking somebody up. */
export const lookupTexts = {
  ended: "This account can't be reached any more. The account was deleted, or the server withholds it.",
  notLogged: "The server has not added this account to its key log, so it is not accepted yet. Try again later.",
  absent: "There is no such account on this server. Its key log proves it.",
  ownNotLogged: "This account is not in the server's key log yet. Nodoor will try again automatically.",
  notShown: "The key log has not shown this person's keys yet.",
  noAnswer: "The server did not answer.",
  refused: "The server cannot answer right now.",
  notAHandle: "A handle has 3 to 32 of a–z, 0–9, dot, dash and underscore.",
  ownHandle: "That is your own handle.",
  noHandle: (handle: string): string => `There is no @${handle} on this server.`,
  handleDeleted: (handle: string): string => `The account @${handle} was deleted. Its handle stays taken.`,
  idForm: "An id is lower-case hexadecimal.",
  notASafetyCode: "This is not a safety code. Scan the code on the other person's safety number screen.",
  noContact: "There is no such contact on this device.",
} as const

/** What changed in a contact's account. */
export const contactTexts = {
  deviceAdded: (who: string, device: string): string => `${who} added ${device}. One of ${who}'s existing devices signed for it.`,
  reset: (who: string, heldMs: number | undefined): string =>
    `${who} started over with new keys, without any of the previous devices. Ask ${who} another way whether this is true.${heldMs === undefined ? "" : ` Nothing is sent to the new device for ${counted(Math.max(1, Math.ceil(heldMs / hourMs)), "hour")}, unless you compare safety numbers in person first.`}`,
  resetVerified: (who: string): string =>
    `${who}, whom you had verified, started over with new keys. Nothing proves that it was ${who}: the server's operator can do this too. Nothing is sent to the new device until you confirm it, and a group that somebody else adds it to waits on this device. Ask ${who} another way, then compare safety numbers again.`,
  ended: (who: string): string =>
    `The account of ${who} has ended, and the key log no longer shows who ended it. If ${who} did not tell you about it, ask another way.`,
  deleted: (who: string): string => `${who} deleted their account.`,
  verifiedChanged: "You verified this contact. Compare safety numbers again, or withdraw the verification.",
  unreachable: (who: string): string => `${who} can no longer be reached: the account has ended.`,
} as const

/** The own account and its devices. */
export const accountTexts = {
  /** Where something would be sent. */
  over: "This account was deleted. Nothing is sent or received any more. Your messages stay on this device until you erase them.",
  endPending: "The end of your account is signed and stored on this device. It is sent again until the key log holds it.",
  notSent: "The account was deleted before this was sent.",
  deletedFrom: (device: string | undefined): string =>
    `Your account was deleted from ${device ?? "another of your devices"}, which belonged to it. Nothing is sent or received any more. Your messages stay on this device until you erase them. If you did not do this, somebody else has that device: warn your contacts another way.`,
  ended:
    "Your account was deleted, and not by a device you know. If you did not do this, somebody else took over the account and ended it: warn your contacts another way, now. This device has stopped sending.",
  replaced:
    "Your account was started over without this device. If you did not do this, somebody else is taking it over: warn your contacts another way, now. Their devices hold back messages to the new device for a day. This device has stopped sending.",
  changed:
    "Your account was changed by one of its devices, but not by this one: either its recovery key or its list of devices. If you did this, confirm it. If not, warn your contacts another way, now. This device sends nothing until you confirm.",
  deviceAdded: (by: string | undefined, device: string): string =>
    `Your account has a new device: ${device}. It was added from ${by ?? "another of your devices"}. If this was not you, remove it.`,
  deviceGone: (by: string | undefined, device: string): string =>
    `A device was removed from your account: ${device}. It was removed from ${by ?? "another of your devices"}.`,
  thisRemoved:
    "Another of your devices removed this one from your account. It sends and receives nothing any more; what is on it stays readable. If this was not you, somebody else has one of your devices: warn your contacts another way.",
  deviceUnknown: (devices: string): string =>
    `Your account has a device that you did not add on this device: ${devices}. Remove it, or confirm that it was you. This device sends nothing until you do.`,
  noSay:
    "Your account was started over without this device, so this device can no longer change it. Warn your contacts another way: their devices hold back messages to the new device for a day.",
  justChanged: "Your account has just changed. Look at your devices again, then try again.",
  removeOrConfirm: "Remove the device, or confirm that it was you.",
  noUnknownDevice: "There is no unknown device with that id in your account.",
  noDevice: "There is no such device in your account.",
  notItself: "This device cannot remove itself.",
  none: "There is no account here.",
  notRegistered: "There is no account in this store. Register first.",
  alreadyRegistered: "This store already has an account. If it was deleted, erase its messages first.",
} as const

/** Names that a person gives, to themselves or to a group. */
export const nameTexts = {
  noneVisible: "This name has no visible characters. Enter another.",
  tooLong: (maxCharacters: number): string =>
    `This name is too long. It can have ${maxCharacters} characters at most, or fewer if they are complex, such as emoji of families.`,
} as const

/** Alarms, and what the server's operator publishes. */
export const noticeTexts = {
  noAlarm: "There is no such alarm.",
  noEvidence: "This alarm has no evidence.",
  noCommitEvidence: "This file is no evidence about a member of a chat, or it was cut off or changed.",
  noNotice: "There is no such notice.",
  canaryChanged: "The canary has changed since you read it. Read it again.",
} as const

/** Devices in a chat. */
export const memberTexts = {
  removedDeviceMaybeWrote:
    "A device wrote in this chat about the time at which its owner removed it. Whether that was before cannot be told, so its message is not shown.",
  removedDeviceWrote:
    "A device wrote in this chat in its owner's name, although the owner had removed it or the account has ended. Its message is not shown, and the device is being removed from the chat.",
} as const

/** What people do with groups. */
export const groupTexts = {
  withOneself: "You cannot open a chat with yourself.",
  thisPerson: "This person",
  blocked: (who: string): string => `${who} is blocked. Unblock them first.`,
  tooMany: "A group has at most 1,024 people.",
  notChangeable: "You cannot change this chat: this device is not in it any more, or it stopped after an alarm.",
  groupsOnly: "Only groups can be changed.",
  notAMember: "That person is not in this chat.",
  adminsAdd: "Only admins can add people to this chat.",
  adminsRemove: "Only admins can remove people from this chat.",
  adminsRename: "Only admins can rename this chat.",
  adminsChangeRoles: "Only admins can change roles in this chat.",
  historyOneUnit: "Say how many messages new members are shown, or of how many days, not both.",
  historyTooMuch: (messages: number, days: number): string =>
    `New members can be shown 1 to ${messages} messages, or those of 1 to ${days} days.`,
  adminsChangeRules: "Only admins can change the rules of this chat.",
  oneAdmin: "A group needs at least one admin. Make somebody else an admin first.",
  removalStays: "A removal cannot be withdrawn. You can add the person again afterwards.",
  dmNotLeft: "You cannot leave a chat of two people. You can delete it, or block the other person.",
  forbidden: (rule: string): string => `The rules of this chat do not allow that (${rule}).`,
  unverified: "An account could not be verified.",
  shutOut: "This device broke the chat with a change that no honest device makes. It cannot come back. Another device of this person can.",
  keyNotListed: "The server gave a key for a device that its account does not list. It was rejected, and nobody was added.",
  noKey: "The server gave something that is not a key for a device. It was rejected, and nobody was added.",
  keyNotValidNow:
    "The keys that this person's device left for new chats are not valid at this device's time. Either the two clocks differ by more than a month, or that device was offline for more than three months. Check this device's time, and ask them to check theirs.",
  verifiedStartedOver:
    "This person, whom you had verified, started over with new keys. Nothing is sent to the new device until you compare safety numbers again or withdraw the verification.",
  startedOver: (remainingMs: number, verifiedCounts: boolean): string => {
    const time = counted(Math.max(1, Math.ceil(remainingMs / hourMs)), "hour")
    return verifiedCounts
      ? `This person started over with new keys. Nothing is sent to the new device for ${time}, unless you compare safety numbers in person first.`
      : `This person started over with new keys. The new device can be added to a group in ${time}.`
  },
} as const

/** Invitations that were refused, by their code; `refused` is for all others. */
export const invitationTexts = {
  shut_out_device:
    "One of your devices that broke the group of your devices tried to open another one with it. Your device refused. Remove that device in your settings.",
  removed_device:
    "A device opened a chat with you in its owner's name, although the owner had removed it or the account has ended. The invitation was refused: nothing was shown, and nothing is sent there.",
  stale_device:
    "An invitation to a chat was refused. The chat still contains a device that its owner had removed, and nobody took it out. Ask the person who invited you to remove you from the chat and add you again.",
  too_many_strangers:
    "An invitation to a large chat was refused because it came from somebody you do not know. If you want to join, write to that person first, then ask them to remove you from the chat and add you again.",
  false_successor:
    "Somebody invited this device to a group in which this chat is said to go on because a member broke it. This device has found nothing of the kind, or the group is not what follows from it. The invitation was refused. If others wrote on without you, ask the server's operator what it holds back, and ask a member to show you the evidence.",
  refused: "An invitation to a chat could not be verified and was refused.",
} as const

/** Chats as people find and use them. */
export const chatTexts = {
  none: "There is no such chat on this device.",
  unnamed: "Group without a name",
  closed: "Nothing can be sent in this chat.",
  adminsOnly: "Only admins can write in this chat.",
  blocked: "This contact is blocked. Unblock the contact to write to them.",
  identityChanged:
    "This contact's identity changed after you verified it. Compare safety numbers again or withdraw the verification before you write.",
  draftTooLong: "The draft is too long. Shorten it, or send it in parts.",
  noTime: "A chat can be muted until a time in the future, and not until this one.",
} as const

/** Settings that all devices of the account share. */
export const settingTexts = {
  invalid: "A setting has a name of a-z and -, and up to 1,000 characters.",
} as const

/** Folders of the list of chats. */
export const folderTexts = {
  none: "There is no folder with this name.",
  taken: "There is a folder with this name already.",
  tooMany: (max: number): string => `There can be ${max} folders. Delete one first.`,
} as const

/** Messages that people write. */
export const messageTexts = {
  none: "There is no such message in this chat.",
  empty: "The message is empty. Write something to send it.",
  tooLong: "The message is too long. Shorten it, or send it in parts.",
  notOwn: "Only messages of your own can be changed.",
  deleted: "This message was deleted.",
  notAReaction: "A reaction is one emoji.",
  tooManyReactions: (max: number): string => `You can react to a message with up to ${max} emoji.`,
  notSentYet: "This message has not been sent yet. Discard it if it failed, or delete it when it is sent.",
  notFailed: "Only a message that was not sent can be discarded.",
  leftSince: "You left the chat after you wrote this message. Write it again.",
  idInUse: "Another message was sent under this id. Every message needs its own.",
  idSize: "The id of a message to send has 16 bytes.",
  blockedBefore: "You blocked this contact before this message was sent. It was not sent. Unblock the contact to send it again.",
} as const

/** What waits to be sent. */
export const sendingTexts = {
  notInChat: "This device is no longer in the chat.",
  left: "You left the chat.",
  addedAgain:
    "This device was added to the chat again. Messages that were still waiting were dropped and will not be sent. Write them again.",
  seatNotOurs:
    "Somebody else can read this chat in this device’s place and has kept the place: most likely who added the device. Leave the chat, and ask somebody you trust to add you again.",
  noPlace: "The server did not give this device a place in the new chat.",
  nobodyAdded: "Nobody could be added.",
  peerNotAdded: "The other person could not be added to this chat.",
  notAdded: (who: string): string => `${who} could not be added to this chat.`,
  deviceNotAdded: (who: string): string => `A device of ${who} could not be added to this chat.`,
  clockNotAdded: (who: string): string =>
    `A device of ${who} could not be added to this chat. Its keys are not valid at this device's time: either the two clocks differ by more than a month, or that device was offline for more than three months. Check this device's time, and ask them to check theirs.`,
  somebody: "Somebody",
  waits: (why: string): string => `${why} What you wrote here is kept, and sent as soon as possible.`,
  notPrepared: "This could not be prepared for sending.",
  leaveLapsed: "Somebody asked to leave this chat, and the request could not be carried out. They have to ask again.",
  notRenewed:
    "The server has not let this device renew its keys in this chat for days. Messages continue as before. If somebody copied what is on this device, they may still be able to read new messages. Ask the server's operator, or start a new chat.",
} as const

/** Who is to be removed from a chat and is still in it. */
export const tokenTexts = {
  none: (afterMs: number): string =>
    `This device has used up what it may ask of the server today without saying who asks. There will be more in about ${duration(afterMs)}. What waits goes out then.`,
  noKey: "The key log does not hold the server's present key for anonymous requests yet. Nodoor will try again automatically.",
  notSigned:
    "The server did not sign this device's anonymous requests with the key that everybody has. They were thrown away, so nobody can be recognised by them. If it keeps happening, ask the server's operator.",
}

export const removalTexts = {
  somebody: "somebody",
  somebodyFirst: "Somebody",
  /** Follows each of the sentences below. */
  waits: "Nothing is sent here until that is done. What you write waits on this device.",
  left: "Somebody who left is still in this chat: the server has not removed them yet.",
  member: (who: string): string => `${who} is still in this chat: the server has not removed them yet.`,
  ownDevice: `A device that you removed from your account is still in this chat: the server has not removed it yet.`,
  /** In the group of the own devices, which is no chat that anybody sees. */
  amongOwnDevices:
    "A device that you removed from your account could still read what your devices tell each other: the server has not removed it yet. They are told nothing from here until that is done.",
  endedAccount: (who: string): string => `The account of ${who} has ended and is still in this chat: the server has not removed it yet.`,
  heldDevice: (who: string): string =>
    `The new device of ${who}, who started over with new keys, is still in this chat: the server has not removed it yet.`,
  removedDevice: (who: string): string =>
    `A device that is no longer in the account of ${who} is still in this chat: the server has not removed it yet.`,
} as const

/** One history for all members of a chat. */
export const historyTexts = {
  gap: "The server withheld something in this chat. Ask the others what you may have missed.",
  fanout:
    "The server delivers this chat to devices that do not belong to its members, or leaves some members out. Tell the others another way.",
  fork: (who: string): string =>
    `${who} says that the server showed it another history of this chat than it showed this device. Either the server did, or that device is not telling the truth. Ask its owner what they see.`,
  forkBetween: (one: string, other: string): string =>
    `${one} and ${other} say that the server showed them different histories of this chat. Either the server did, or one of the devices is not telling the truth. Ask both people what they see.`,
  ownDevice: "Another device of yours",
  deviceOf: (who: string): string => `${who}’s device`,
  anotherMember: "Another member",
  commitRefused: "A change to this chat broke its rules or could not be verified. It was refused, and nobody was added.",
  commitOf: (who: string): string =>
    `A device of ${who} made a change to this chat that breaks its rules or that the key log contradicts. It was refused, and nobody was added.`,
  commitUnsigned:
    "The server passed on a change to this chat that no member’s device signed. It was refused. Nobody was added, and nothing more is sent here.",
  commitOfSeat: (who: string): string =>
    `A device of ${who} made a change to this chat that no honest device makes. It was refused, and nobody was added.`,
  commitOfSeatOrAdder: (who: string, adder: string): string =>
    `A change to this chat that no honest device makes came from the place of a device of ${who}. ${adder}, who added that device, can still use its place too, so either may have made it. It was refused, and nobody was added.`,
  commitOfSeatOrSomebody: (who: string): string =>
    `A change to this chat that no honest device makes came from the place of a device of ${who}. Who added that device can still use its place too, so either may have made it. It was refused, and nobody was added.`,
  goesOn: "The chat goes on without that device.",
  ownDeviceBroke:
    "One of your devices tried to break what your devices tell each other. The others go on without it. Remove that device in your settings: it may be in somebody else's hands.",
  standsStill: "Nothing more is sent here.",
  isOver: "Nobody is left here to go on with, so this chat has ended. You can still read it.",
  evidenceKept: "The evidence is kept.",
  vouched: (admin: string, who: string): string =>
    `${admin} found that a device of ${who} made a change to this chat that no honest device makes. This device could not read that change, and takes an admin’s word for it. The chat goes on without that device.`,
} as const

/** What is read of the logs of groups, and the connection. */
export const readingTexts = {
  gap: "Some messages of this chat are gone: they waited longer than the server keeps them, or there were too many. Ask the others for what you may have missed.",
  takenOver: "Another copy of this device reads in its place.",
  deviceUnknown: "The server does not know this device.",
  rewound: "The server has an older state of this chat than this device. What was sent lately may be missing for others. Ask them.",
  repeated: "The server delivered two different messages at one place of this chat. Compare with the others what was said.",
  tooMany: (unread: number): string =>
    `This device is in too many chats. Nothing new comes from the ${unread} that were used longest ago. Leave chats that you no longer need.`,
  seatTaken: "Somebody else reads this chat in this device's place. Whoever added this device can, until it has keys of its own here.",
  seatLost: "The server delivers nothing more of this chat to this device. If nobody removed it, ask a member to add it again.",
} as const

/** Keys left at the server so that others can add this device. */
export const keyPackageTexts = {
  differ:
    "The server does not hold the keys that this device left for new chats. People may be unable to write to you. Ask the server's operator.",
} as const

/** This device as a whole. */
export const deviceTexts = {
  closed: "The device was closed.",
  notListed: "Your account has no such device.",
} as const

/** What was asked for and not stored, by what failed. */
export const notStoredTexts = {
  store_full: "The storage of this device is full, so this was not stored. Make room, then try again. Nothing that was stored is lost.",
  store_busy: "Another program is using the messages on this device, so this was not stored. Try again in a moment.",
  store_failing: "The disk of this device gave an error, so this was not stored. Look whether it is full or failing, then try again.",
  store_damaged: "The messages stored on this device are damaged. Restore the newest copy you have, or report this.",
} as const

/** New messages that cannot be stored, by what failed. */
export const waitingTexts = {
  store_full: "The storage of this device is full. New messages wait on the server and arrive once you have made room.",
  store_busy: "Another program is using the messages on this device. New messages wait on the server and arrive when it is done.",
  store_failing:
    "The disk of this device gives errors. New messages wait on the server and arrive once it works again. Look whether the disk is full or failing.",
  store_damaged:
    "The messages stored on this device are damaged, so nothing is sent or received. Restore the newest copy you have, or report this.",
} as const

/** This device's store. */
export const storeTexts = {
  newer: "This store was written by a newer version of Nodoor. Update, then open it again.",
  older:
    "This store was written by a version of Nodoor from before the present way of delivering messages, and cannot be used any more. Nothing in it was changed. Create a new account in another store.",
  wrongKey: "The store cannot be read with this key.",
  notEncryptable: "The store cannot be encrypted here.",
  olderCopy:
    "Another copy of this device's data is in use: it was put back from a backup or a snapshot, and has gone on in this one's place. Nothing is sent or received here any more. You can still read and export everything stored here. If it was not you who put a copy back, remove this device from your account.",
} as const

/** Archives of messages: backups, and what a linked device gets. */
export const archiveTexts = {
  refused: {
    archive_unreadable: "This is not an archive of Nodoor.",
    archive_newer: "This archive was written by a newer version of Nodoor. Update, then try again. Nothing was changed.",
    archive_key:
      "This key does not open the archive: it is the archive of another account, or its first bytes were changed. Nothing was changed.",
    archive_damaged:
      "The archive is damaged, was changed, or was cut off. Everything up to the damage is genuine; what stands behind it was not taken. Try another copy.",
    archive_incomplete: "The end of the archive is missing. What is there is genuine and stays. Try again with the whole archive.",
    archive_foreign: "This archive is of another account. Nothing was changed.",
    archive_older: "This backup is older than another one that this device knows of. Nothing was changed.",
  },
  noRecoveryKey: "This device does not have the account's recovery key, which opens backups. Enter the recovery words first.",
  noBackup: "There is no such backup.",
  noSuchChat: "The backup does not have one of the chats that were chosen. Chats that were not chosen are unchanged.",
  tooLargeForServer: "This backup is larger than what the server keeps. Save it to a file instead.",
  badBucket: "This is not a bucket that can be used. It needs an https address, a region, a name in lower-case letters, and both keys.",
  noBucketHere: "Backups cannot go to a bucket from here. Use nodoor on a computer for that.",
  bucketRefused: (status: number | undefined): string =>
    status === 403
      ? "The bucket refused the keys. Check them and the region."
      : status === 404
        ? "There is no such bucket, or it has lost the backup."
        : "The bucket refused the request. Check its address, name and region.",
} as const

/** A bug of ours, or something that nobody foresaw. */
export function faultText(error: string): string {
  return `Something went wrong on this device (${error}).`
}
