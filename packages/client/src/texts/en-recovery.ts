// What a person reads about the recovery key.

export const recoveryTexts = {
  none: "This device does not hold the recovery key of the account.",
  wrongWords: "These are not the words at those places. Compare them with what you wrote down.",
  threePlaces: "Enter the words at three different places.",
  count: (count: number): string => `A recovery key has 24 words, and these are ${count}.`,
  unknownWord: (place: number, nearest: readonly string[]): string =>
    `Word ${place} is not in the list of words. Did you mean ${nearest.join(", ")}?`,
  checksum: "All of these are words of the list, but one is wrong, or two are in each other's place.",
  otherAccount: "These words belong to another account.",
  notThisAccount: (handle: string): string => `These are not the words of @${handle}. Compare the name and the words.`,
  noAccount: (handle: string): string => `There is no account @${handle} on this server.`,
  noKey: "This account has no recovery key. Only one of its devices can let another one in.",
  ended: "This account was deleted. It cannot be brought back.",
  changed: "The account changed at the same moment, several times. Try again.",
  passkeyNot: "The passkey did not open the recovery key. Nothing was changed.",
  noPasskey: "There is no passkey to confirm.",
} as const
