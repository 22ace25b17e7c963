/** A world that broke a promise. */
export class BrokenPromise extends Error {
  constructor(promise: string) {
    super(promise)
    this.name = "BrokenPromise"
  }
}
