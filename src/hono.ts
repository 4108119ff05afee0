import type { Env } from "hono";
import { HonoBase } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";

/**
 * Hono with the one router that takes our addresses. The package's own tries another first, which finds out with the first
 * request that it cannot tell `/invoices/paid` and `/invoices/:number` apart.
 */
export class Hono<E extends Env> extends HonoBase<E> {
  constructor() {
    super({ router: new TrieRouter() });
  }
}
